import { flag, integer, list, text } from './annotation-type.ts';

/** default-backend is a Service of the Ingress's own namespace. Source: ingress-nginx, "Default Backend", "Custom HTTP Errors". */
export const DEFAULT_BACKEND_ANNOTATIONS = {
  'default-backend': text(/^[a-z]([-a-z0-9]*[a-z0-9])?$/, 'the name of a Service', 63),
  'custom-http-errors': list(integer(400, 599)),
  'disable-proxy-intercept-errors': flag,
} as const;
