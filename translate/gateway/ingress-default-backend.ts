import type { IngressFeature } from './ingress-feature.ts';

/** Source: spec ALB 5.7. */
export const DEFAULT_BACKEND_FEATURE: IngressFeature = {
  annotations: ['default-backend'],
  byPath: [],
  translate: (read, _path, { namespace }) => {
    const name = read.value('default-backend');
    return name === undefined ? {} : { config: { defaultBackend: { namespace, name } } };
  },
};
