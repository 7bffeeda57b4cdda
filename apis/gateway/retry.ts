/** Which attempts at a backend are repeated (spec ALB-81). Beyond ALB: LIM-09. */
import { array, integer, object, oneOf, optional, type TypeOf } from '../meta/schema.ts';

export const RETRY_CONDITIONS = [
  'error',
  'timeout',
  'invalid_header',
  'http_500',
  'http_502',
  'http_503',
  'http_504',
  'http_403',
  'http_404',
  'http_429',
  'non_idempotent',
] as const;
export type RetryCondition = (typeof RETRY_CONDITIONS)[number];

export const MAX_ATTEMPTS = 100;
export const MAX_RETRY_MS = 86_400_000;

export const retry = object('Repeated attempts, each at the next endpoint.', {
  attempts: optional(
    integer('All attempts together, the first included; default 5.', { minimum: 1, maximum: MAX_ATTEMPTS }),
  ),
  on: optional(
    array(
      'What makes another attempt; empty: nothing. Default error and timeout.',
      oneOf('As in the annotation proxy-next-upstream.', RETRY_CONDITIONS),
    ),
  ),
  timeoutMs: optional(
    integer('No further attempt after this long; 0 or unset: no limit.', { minimum: 0, maximum: MAX_RETRY_MS }),
  ),
});
export type RetryConfig = TypeOf<typeof retry>;
