import { array, object, optional, type Schema, type TypeOf } from '../meta/schema.ts';
import { sectionName } from './names.ts';
import { backendRef } from './object-reference.ts';
import { rulesWithUniqueNames } from './parent-reference.ts';

/** Where connections go: the rule of TLSRoute, TCPRoute and UDPRoute. */
const streamRule = object('Where connections go.', {
  name: optional(sectionName('By which policies refer to the rule.')),
  backendRefs: array('By weight; what has no endpoint gets its share, which is refused.', backendRef, {
    minItems: 1,
    maxItems: 16,
    list: 'atomic',
  }),
});
export type StreamRule = TypeOf<typeof streamRule>;

/** The one rule that a route has. */
export const streamRules: Schema<readonly StreamRule[]> = array('One rule.', streamRule, {
  minItems: 1,
  maxItems: 1,
  list: 'atomic',
});

/** Earlier versions of TLSRoute allow several. */
export const manyStreamRules: Schema<readonly StreamRule[]> = rulesWithUniqueNames(
  array('Rules, of which the first counts.', streamRule, { minItems: 1, maxItems: 16, list: 'atomic' }),
);
