import { array, integer, object, optional, string, type TypeOf } from '../meta/schema.ts';

const LARGEST = 1_000_000_000;
const rate = { minimum: 0, maximum: LARGEST } as const;
const status = { minimum: 400, maximum: 599 } as const;

/** How much one client address may ask for. Beyond ALB: LIM-06. */
export const limit = object(
  'Limits per client address; 0 or absent: none. Counted by each instance, for all its workers together.',
  {
    connections: optional(integer('Requests at the same time.', rate)),
    requestsPerSecond: optional(integer('Requests a second, as a leaky bucket.', rate)),
    requestsPerMinute: optional(integer('Requests a minute, as a leaky bucket.', rate)),
    burstMultiplier: optional(
      integer('So many times the rate may come at once beyond it; default 5.', { minimum: 0, maximum: 10_000 }),
    ),
    allowlist: optional(array('Networks without limits.', string('CIDR or address.'))),
    status: optional(integer('Of the answer to requests that are too many; default 503.', status)),
    connectionsStatus: optional(integer('The same for requests at the same time; default 503.', status)),
    responseBytesPerSecond: optional(integer('Speed of each answer.', rate)),
    responseBytesAtOnce: optional(integer('Bytes of an answer before its speed is limited.', rate)),
  },
);
export type LimitConfig = TypeOf<typeof limit>;
