import type { Sequence } from '../../sequence.ts';
import { DEFINITION_SEQUENCES } from './definitions.ts';
import { OBJECT_SEQUENCES } from './objects.ts';
import { RULE_SEQUENCES } from './rules.ts';
import { VALUE_SEQUENCES } from './values.ts';

/** CustomResourceDefinitions and objects of them. */
export const CUSTOM_RESOURCES: readonly Sequence[] = [
  ...DEFINITION_SEQUENCES,
  ...VALUE_SEQUENCES,
  ...RULE_SEQUENCES,
  ...OBJECT_SEQUENCES,
];
