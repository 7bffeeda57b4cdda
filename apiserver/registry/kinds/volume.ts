import { type ApiObject, timestamp } from '../../object.ts';
import type { Strategy } from '../strategy.ts';

export const PVC_PROTECTION = 'kubernetes.io/pvc-protection';
export const PV_PROTECTION = 'kubernetes.io/pv-protection';

export const claimStrategy: Strategy = protectedBy(PVC_PROTECTION);
export const volumeStrategy: Strategy = {
  ...protectedBy(PV_PROTECTION),

  prepare(object, old, { now }) {
    if (old === undefined) object.status = { phase: 'Pending', lastPhaseTransitionTime: timestamp(now) };
  },
};

/** What is in use does not go. Source: Kubernetes' admission plugin StorageObjectInUseProtection. */
function protectedBy(finalizer: string): Strategy {
  return {
    hasGeneration: false,
    allowsUnconditionalUpdate: true,
    answersDeleted: true,

    admit({ metadata }: ApiObject) {
      const finalizers = metadata.finalizers ?? [];
      if (!finalizers.includes(finalizer)) metadata.finalizers = [...finalizers, finalizer];
    },
  };
}
