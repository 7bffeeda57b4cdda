import { isJsonObject, objectAt } from '../../schema/json.ts';
import { objectOf } from '../../storage/entry.ts';
import type { Strategy } from '../strategy.ts';

const DEFAULT_CLASS_ANNOTATION = 'ingressclass.kubernetes.io/is-default-class';
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';

/**
 * An Ingress that names no class gets the default one.
 *
 * Source: Kubernetes admission plugin DefaultIngressClass; of several defaults the newest wins, then the first name.
 */
export const ingressStrategy: Strategy = {
  hasGeneration: true,
  allowsUnconditionalUpdate: true,

  admit(object, { collection }) {
    const spec = object.spec;
    if (!isJsonObject(spec) || spec.ingressClassName !== undefined) return;
    if (object.metadata.annotations?.[CLASS_ANNOTATION] !== undefined) return;
    const defaults = collection('networking.k8s.io', 'ingressclasses')
      .headRange('')
      .map((entry) => objectOf(entry).metadata)
      .filter(({ annotations }) => annotations?.[DEFAULT_CLASS_ANNOTATION] === 'true')
      .sort((a, b) => order(b.creationTimestamp, a.creationTimestamp) || order(a.name, b.name));
    const chosen = defaults[0];
    if (chosen !== undefined) spec.ingressClassName = chosen.name;
  },

  prepare(object) {
    object.status = { loadBalancer: {}, ...objectAt(object, 'status') };
  },
};

function order(a = '', b = ''): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
