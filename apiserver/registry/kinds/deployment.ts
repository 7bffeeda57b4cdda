import { noRuntimeCondition } from '../../home/no-container-runtime.ts';
import { objectAt } from '../../schema/json.ts';
import type { Strategy } from '../strategy.ts';

/** A Deployment is stored, has no replicas, and says why. */
export const deploymentStrategy: Strategy = {
  hasGeneration: true,
  allowsUnconditionalUpdate: true,
  fixedByStatus: ['labels'],

  prepare(object, old, { now, leavesWorkloads }) {
    if (leavesWorkloads) return;
    const observedGeneration = object.metadata.generation ?? 1;
    if (old !== undefined) {
      object.status = { ...objectAt(object, 'status'), observedGeneration };
      return;
    }
    object.status = {
      observedGeneration,
      conditions: [noRuntimeCondition('Available', now), noRuntimeCondition('Progressing', now)],
    };
  },
};
