import { noRuntimeCondition } from '../../home/no-container-runtime.ts';
import type { Strategy } from '../strategy.ts';

/** A Pod is stored, stays Pending, and says why. */
export const podStrategy: Strategy = {
  hasGeneration: false,
  allowsUnconditionalUpdate: true,

  prepare(object, old, { now }) {
    if (old !== undefined) return;
    object.status = { phase: 'Pending', qosClass: 'BestEffort', conditions: [noRuntimeCondition('PodScheduled', now)] };
  },
};
