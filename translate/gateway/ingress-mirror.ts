import type { IngressFeature } from './ingress-feature.ts';

/** Source: LIM-10. */
export const MIRROR_FEATURE: IngressFeature = {
  annotations: ['mirror-target', 'mirror-host', 'mirror-request-body'],
  byPath: [],
  translate: (read) => {
    const target = read.value('mirror-target');
    if (target === undefined) return {};
    const host = read.value('mirror-host');
    const body = read.value('mirror-request-body');
    return {
      config: {
        mirror: { target, ...(host === undefined ? {} : { host }), ...(body === 'off' ? { body: false } : {}) },
      },
    };
  },
};
