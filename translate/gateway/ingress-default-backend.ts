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

/** Source: spec ALB 5.7; ingress-nginx, "Custom HTTP Errors", "disable-proxy-intercept-errors". */
export const CUSTOM_ERRORS_FEATURE: IngressFeature = {
  annotations: ['custom-http-errors', 'disable-proxy-intercept-errors'],
  byPath: [],
  translate: (read) => {
    const statuses = read.value('custom-http-errors');
    if (statuses === undefined || statuses.length === 0) return {};
    const passesOn = read.value('disable-proxy-intercept-errors') === true;
    return { config: { customErrors: { statuses, ...(passesOn ? { intercept: false } : {}) } } };
  },
};
