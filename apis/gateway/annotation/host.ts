import { isHostPattern } from '../host.ts';
import { AnnotationMistake, type AnnotationType, flag, list, text } from './annotation-type.ts';

const hostPattern: AnnotationType<string> = {
  read: (value) =>
    isHostPattern(value) ? value.toLowerCase() : new AnnotationMistake('must be a host name; the first label may be *'),
};

/** Further hosts of an Ingress, and what happens at its root. Source: spec section 5.7, LIM-14. */
export const HOST_ANNOTATIONS = {
  'server-alias': list(hostPattern),
  'from-to-www-redirect': flag,
  'app-root': text(/^\/[\x21-\x7e\u0080-\uffff]*$/, 'a path, blanks and control characters encoded'),
  /** Without effect: server push is gone from browsers. */
  'http2-push-preload': flag,
} as const;
