import { duration } from '../gateway-api/names.ts';
import { integer, object, optional } from '../meta/schema.ts';

/** Probes of connections that are silent. Source: Envoy Gateway v1.7, TCPKeepalive. */
export const tcpKeepalive = object('Probes of connections.', {
  probes: optional(integer('How many before it ends.', { minimum: 1, format: 'int32' })),
  idleTime: optional(duration('Before the first.')),
  interval: optional(duration('Between two.')),
});
