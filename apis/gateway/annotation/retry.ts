import { MAX_ATTEMPTS, MAX_RETRY_MS, RETRY_CONDITIONS, type RetryCondition } from '../retry.ts';
import { AnnotationMistake, type AnnotationType, integer, milliseconds } from './annotation-type.ts';

/** Words between blanks, as of nginx's proxy_next_upstream; `off` is none. */
const conditions: AnnotationType<readonly RetryCondition[]> = {
  read: (value) => {
    const words = value.split(/[ \t,]+/);
    if (words.includes('off')) return [];
    const known = RETRY_CONDITIONS.filter((condition) => words.includes(condition));
    return known.length === new Set(words).size
      ? known
      : new AnnotationMistake(`must be off or some of ${RETRY_CONDITIONS.join(', ')}`);
  },
};

/** Seconds, or with a suffix; 0: no limit. */
const limit: AnnotationType<number> = {
  read: (value) => {
    const ms = /^0+(s|ms)?$/.test(value) ? 0 : milliseconds.read(value);
    return typeof ms === 'number' && ms <= MAX_RETRY_MS
      ? ms
      : new AnnotationMistake(`must be seconds, or a number with s or ms, of at most ${MAX_RETRY_MS} ms`);
  },
};

/** Spec ALB 5.7, ALB-81. */
export const RETRY_ANNOTATIONS = {
  'proxy-next-upstream': conditions,
  /** 0: as many as possible. */
  'proxy-next-upstream-tries': integer(0, MAX_ATTEMPTS),
  'proxy-next-upstream-timeout': limit,
} as const;
