import { text } from './annotation-type.ts';

/** A Service of the Ingress's own namespace. Source: ingress-nginx, "Default Backend". */
export const DEFAULT_BACKEND_ANNOTATIONS = {
  'default-backend': text(/^[a-z]([-a-z0-9]*[a-z0-9])?$/, 'the name of a Service', 63),
} as const;
