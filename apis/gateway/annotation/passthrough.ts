import { flag } from './annotation-type.ts';

/** Spec ALB 5.7, LIM-13; ingress-nginx.md, IN-18. */
export const PASSTHROUGH_ANNOTATIONS = {
  'ssl-passthrough': flag,
} as const;
