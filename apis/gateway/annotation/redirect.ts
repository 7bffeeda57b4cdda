import { isHost } from '../host.ts';
import { AnnotationMistake, type AnnotationType, flag, integer, text } from './annotation-type.ts';

/** What a Location header may be; nothing in it ends the header. */
const location = text(/^[\x21-\x7e\u0080-\uffff]+$/, 'a URL, blanks and control characters encoded');
const path = text(/^\/[\x21-\x7e\u0080-\uffff]*$/, 'a path, blanks and control characters encoded');

const host: AnnotationType<string> = {
  read: (value) => (isHost(value) ? value : new AnnotationMistake('must be a host without port')),
};

const CODES = [301, 302, 303, 307, 308];

const code: AnnotationType<number> = {
  read: (value) => {
    const number = Number(value);
    return CODES.includes(number) ? number : new AnnotationMistake(`must be one of ${CODES.join(', ')}`);
  },
};

/** Spec ALB-69, ALB-70, section 5.7; ALB's own names begin with `redirect-`. */
export const REDIRECT_ANNOTATIONS = {
  'permanent-redirect': location,
  'permanent-redirect-code': code,
  'temporal-redirect': location,
  'temporal-redirect-code': code,
  'force-ssl-redirect': flag,
  'ssl-redirect': flag,
  /** Under an ALB without effect: paths are never changed on their way to https. */
  'preserve-trailing-slash': flag,
  /** The next two under an IngressNginx only. */
  'relative-redirects': flag,
  'use-port-in-redirects': flag,
  'redirect-host': host,
  'redirect-port': integer(1, 65_535),
  'redirect-prefix-match': path,
  'redirect-replace-prefix': path,
  'redirect-code': code,
} as const;
