/** Beyond ALB: spec ALB 5.7, global-rate-limit; LIM-06. */
import { array, integer, object, optional, string, type TypeOf } from '../meta/schema.ts';

const DAY_SECONDS = 86_400;
const MOST = 1_000_000_000;

export const globalLimit = object(
  'Requests that all instances together let pass, in a window that slides; needs globalLimitStore of the ALB2, else each instance counts alone.',
  {
    requests: integer('Requests in a window that have the same key; 0: no limit.', { minimum: 0, maximum: MOST }),
    windowSeconds: integer('Length of the window.', { minimum: 1, maximum: DAY_SECONDS }),
    key: optional(string('What counts together: a text with variables; default "$remote_addr".', { maxLength: 1024 })),
    allowlist: optional(array('Networks without limit.', string('CIDR or address.'))),
    status: optional(
      integer('Of the answer to requests that are too many; default 429.', { minimum: 400, maximum: 599 }),
    ),
  },
);
export type GlobalLimitConfig = TypeOf<typeof globalLimit>;

export const globalLimitStore = object('The memcached in which all instances count requests (ADR 0011).', {
  host: string('Name (name.namespace.svc of a Service, or any other) or address, IPv6 in brackets.', {
    minLength: 1,
    maxLength: 253,
  }),
  port: optional(integer('Default 11211.', { minimum: 1, maximum: 65_535 })),
  timeoutMs: optional(
    integer('Of connecting and of each answer; later, the instance counts alone. Default 50.', {
      minimum: 1,
      maximum: 10_000,
    }),
  ),
  idleMs: optional(
    integer('An idle connection is closed after this long; default 10000.', {
      minimum: 1,
      maximum: DAY_SECONDS * 1000,
    }),
  ),
  poolSize: optional(integer('Idle connections that a worker keeps; default 50.', { minimum: 1, maximum: 10_000 })),
});
export type GlobalLimitStoreConfig = TypeOf<typeof globalLimitStore>;
