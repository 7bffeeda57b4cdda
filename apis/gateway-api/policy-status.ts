import { array, object, type TypeOf } from '../meta/schema.ts';
import { conditions } from './condition.ts';
import { controllerName } from './names.ts';
import { parentReference } from './parent-reference.ts';

/** What became of the policy at each object that it has an effect on, as a rule a Gateway. */
export const policyStatus = object('What became of the policy.', {
  ancestors: array(
    'One entry for each ancestor and controller; a controller changes only its own.',
    object('At one ancestor.', {
      ancestorRef: parentReference,
      controllerName: controllerName('Who says so.'),
      conditions: conditions('Accepted and others.', { minItems: 1 }),
    }),
    { maxItems: 16, list: 'atomic' },
  ),
});
export type PolicyStatus = TypeOf<typeof policyStatus>;
