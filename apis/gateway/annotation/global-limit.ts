import { readTemplate } from '../template.ts';
import { AnnotationMistake, type AnnotationType, integer, list } from './annotation-type.ts';
import { network, status } from './limit.ts';

const DAY_SECONDS = 86_400;
const SECONDS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1 };

/** Whole seconds as Go writes durations, `90s`, `1m30s`, `2h`; the units in that order, each at most once. */
const duration: AnnotationType<number> = {
  read: (value) => {
    const parts = /^(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/.exec(value)?.slice(1) ?? [];
    const units = Object.values(SECONDS);
    const seconds = parts.reduce((sum, digits, index) => sum + Number(digits ?? 0) * (units[index] ?? 0), 0);
    return seconds >= 1 && seconds <= DAY_SECONDS
      ? seconds
      : new AnnotationMistake('must be a duration like 30s, 5m or 1h, from 1s to 24h');
  },
};

const key: AnnotationType<string> = {
  read: (value) => {
    const template = readTemplate(value);
    return typeof template === 'string' ? new AnnotationMistake(template) : value;
  },
};

/** Source: ingress-nginx, "Global Rate Limiting". The status is a setting of its ConfigMap. */
export const GLOBAL_LIMIT_ANNOTATIONS = {
  'global-rate-limit': integer(0, 1_000_000_000),
  'global-rate-limit-window': duration,
  'global-rate-limit-key': key,
  'global-rate-limit-ignored-cidrs': list(network),
  'global-rate-limit-status-code': status,
} as const;
