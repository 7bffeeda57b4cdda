import { isJsonObject, listAt, objectAt } from '../../schema/json.ts';
import type { Strategy } from '../strategy.ts';

/** Cannot be deleted, as in a real cluster. */
const PROTECTED: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

/** A namespace is held by `spec.finalizers` until its content is gone (lifecycle/namespace-deletion.ts). */
export const namespaceStrategy: Strategy = {
  hasGeneration: false,
  allowsUnconditionalUpdate: true,
  deletesSingly: true,

  prepare(object, old) {
    if (old !== undefined) {
      // Only the subresource changes them.
      const finalizers = listAt(objectAt(old, 'spec'), 'finalizers');
      object.spec = { ...objectAt(object, 'spec'), finalizers: structuredClone([...finalizers]) };
      return;
    }
    const spec = isJsonObject(object.spec) ? object.spec : {};
    spec.finalizers = ['kubernetes'];
    object.spec = spec;
    object.status = { phase: 'Active' };
    object.metadata.labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name };
  },

  refuseDelete(object) {
    return PROTECTED.has(object.metadata.name) ? 'this namespace may not be deleted' : undefined;
  },

  isHeld(object) {
    return listAt(objectAt(object, 'spec'), 'finalizers').length > 0;
  },

  terminate(object) {
    object.status = { ...objectAt(object, 'status'), phase: 'Terminating' };
  },
};
