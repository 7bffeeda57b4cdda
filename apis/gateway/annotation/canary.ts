import { checkRegex } from '../regex.ts';
import { AnnotationMistake, type AnnotationType, flag, integer, oneOf, text } from './annotation-type.ts';

/** RFC 9110 section 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const MOST = 1_000_000;

const pattern: AnnotationType<string> = {
  read: (value) => {
    const verdict = checkRegex(value);
    return verdict.dialect === 'invalid'
      ? new AnnotationMistake(`must be a regular expression: ${verdict.error}`)
      : value;
  },
};

/** Source: ingress-nginx, "Canary". */
export const CANARY_ANNOTATIONS = {
  canary: flag,
  'canary-by-header': text(TOKEN, 'the name of a header', 256),
  'canary-by-header-value': text(/^[\x20-\x7e]*$/, 'a value of a header', 1024),
  'canary-by-header-pattern': pattern,
  'canary-by-cookie': text(TOKEN, 'the name of a cookie', 256),
  'canary-weight': integer(0, MOST),
  'canary-weight-total': integer(1, MOST),
  'affinity-canary-behavior': oneOf('sticky', 'legacy'),
} as const;
