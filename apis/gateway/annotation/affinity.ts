import { cookieDomainMistake, cookiePathMistake } from '../session-cookie.ts';
import { readTemplate } from '../template.ts';
import { AnnotationMistake, type AnnotationType, flag, integer, oneOf, text } from './annotation-type.ts';

/** RFC 9110 section 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** A hundred years. */
const MOST_SECONDS = 3_153_600_000;

function checked(mistakeOf: (value: string) => string | undefined): AnnotationType<string> {
  return {
    read: (value) => {
      const mistake = mistakeOf(value);
      return mistake === undefined ? value : new AnnotationMistake(mistake);
    },
  };
}

/** Addresses are hashed as texts, which spreads them as well as their bytes do. */
const hashKey: AnnotationType<string> = {
  read: (value) => {
    const key = value.replace(/\$(?:binary_remote_addr\b|\{binary_remote_addr\})/g, '$$remote_addr');
    const template = readTemplate(key);
    return typeof template === 'string' ? new AnnotationMistake(template) : key;
  },
};

const seconds = integer(0, MOST_SECONDS);

/** Source: ingress-nginx, "Session Affinity", "Custom NGINX upstream hashing"; IN-09. */
export const AFFINITY_ANNOTATIONS = {
  affinity: oneOf('cookie'),
  'affinity-mode': oneOf('balanced', 'persistent'),
  'session-cookie-name': text(TOKEN, 'the name of a cookie', 256),
  'session-cookie-path': checked(cookiePathMistake),
  'session-cookie-domain': checked(cookieDomainMistake),
  'session-cookie-expires': seconds,
  'session-cookie-max-age': seconds,
  'session-cookie-samesite': oneOf('None', 'Lax', 'Strict'),
  'session-cookie-conditional-samesite-none': flag,
  'session-cookie-secure': flag,
  'session-cookie-change-on-failure': flag,
  'upstream-hash-by': hashKey,
  'upstream-hash-by-subset': flag,
  'upstream-hash-by-subset-size': integer(1, 10_000),
  'load-balance': oneOf('round_robin', 'ewma'),
} as const;
