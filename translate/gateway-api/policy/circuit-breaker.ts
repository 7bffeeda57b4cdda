import type { CircuitBreaker } from '@causeway/apis/envoy-gateway/backend-traffic-policy';
import type { BackendConnectionsIR, EndpointConnectionsIR, RequestLimitIR } from '@causeway/ir/gateway';

/** As upstream has it. */
const MOST = 1024;
const REQUEST_MS = 15_000;

/**
 * How much of a rule may be under way at one data plane; what is beyond is answered 503.
 *
 * Source: GW-45.
 *
 * @param scope what counts together
 * @param requestMs how long a request may take, and so wait for a connection; absent: 15 s
 */
export function breakersOf(
  breaker: CircuitBreaker | undefined,
  scope: string,
  requestMs = REQUEST_MS,
): readonly (BackendConnectionsIR | EndpointConnectionsIR | RequestLimitIR)[] {
  const { maxParallelRequests, maxConnections, maxPendingRequests = MOST, perEndpoint } = breaker ?? {};
  const connections = maxConnections ?? (breaker?.maxPendingRequests === undefined ? undefined : MOST);
  const whole = `BackendTrafficPolicy ${scope}`;
  // Where there is never a connection nobody waits.
  const waitingFor = (most: number) => ({ waiting: most === 0 ? 0 : maxPendingRequests, waitMs: requestMs });
  return [
    ...(maxParallelRequests === undefined ? [] : [requests(maxParallelRequests, whole)]),
    ...(connections === undefined
      ? []
      : [{ type: 'backendConnections' as const, scope: whole, connections, ...waitingFor(connections) }]),
    ...(perEndpoint === undefined ? [] : [ofEndpoint(perEndpoint.maxConnections ?? MOST)]),
  ];

  function ofEndpoint(most: number): EndpointConnectionsIR {
    return { type: 'endpointConnections', scope: whole, connections: most, ...waitingFor(most) };
  }
}

function requests(connections: number, scope: string): RequestLimitIR {
  return {
    type: 'requestLimit',
    scope,
    connections,
    together: true,
    connectionsStatus: 503,
    rates: [],
    ratesStatus: 503,
    exempt: [],
  };
}
