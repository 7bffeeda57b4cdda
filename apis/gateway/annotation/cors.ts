import { isToken } from '../header-rules.ts';
import { AnnotationMistake, type AnnotationType, flag, integer, list, text } from './annotation-type.ts';

/** `*` is one. */
const token: AnnotationType<string> = {
  read: (value) => (isToken(value) ? value : new AnnotationMistake('must be a name')),
};

/** What an origin may be is judged with the Rule: one that cannot be any allows nobody, the others stay. */
const origin = text(/^[\x21-\x7e]+$/, 'an origin like https://a.com:8443');

/** Spec ALB-76, section 5.7. */
export const CORS_ANNOTATIONS = {
  'enable-cors': flag,
  'cors-allow-origin': list(origin),
  'cors-allow-methods': list(token),
  'cors-allow-headers': list(token),
  'cors-expose-headers': list(token),
  'cors-allow-credentials': flag,
  'cors-max-age': integer(0, 2_147_483_647),
} as const;
