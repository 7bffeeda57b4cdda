import type { Sequence } from '../sequence.ts';
import { ACCESS } from './access.ts';
import { APPLIES } from './apply.ts';
import { CERTIFICATES } from './certificates.ts';
import { CUSTOM_RESOURCES } from './custom-resources/index.ts';
import { generatedSequences } from './generated.ts';
import { KINDS } from './kinds/index.ts';
import { PATCHES } from './patches.ts';
import { POLICY_SEQUENCES } from './policies.ts';
import { PROTOCOL } from './protocol.ts';
import { READING } from './reading.ts';
import { WRITES } from './writes.ts';

/** Of the generated sequences whose answers are recorded. */
export const RECORDED_SEED = 5;
const RECORDED_COUNT = 80;

/** Written by hand. */
export const SEQUENCES: readonly Sequence[] = [
  ...WRITES,
  ...PATCHES,
  ...APPLIES,
  ...READING,
  ...KINDS,
  ...ACCESS,
  ...CERTIFICATES,
  ...CUSTOM_RESOURCES,
  ...POLICY_SEQUENCES,
  ...PROTOCOL,
];

/** All whose answers of the real server are recorded. */
export const RECORDED_SEQUENCES: readonly Sequence[] = [
  ...SEQUENCES,
  ...generatedSequences(RECORDED_SEED, RECORDED_COUNT),
];
