import type { CircuitBreaker } from '@causeway/apis/envoy-gateway/backend-traffic-policy';
import type { BackendConnectionsIR, RequestLimitIR } from '@causeway/ir/gateway';

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
): readonly (BackendConnectionsIR | RequestLimitIR)[] {
  const { maxParallelRequests, maxConnections, maxPendingRequests } = breaker ?? {};
  const connections = maxConnections ?? (maxPendingRequests === undefined ? undefined : MOST);
  return [
    ...(maxParallelRequests === undefined ? [] : [requests(maxParallelRequests, `BackendTrafficPolicy ${scope}`)]),
    ...(connections === undefined
      ? []
      : [
          {
            type: 'backendConnections' as const,
            scope: `BackendTrafficPolicy ${scope}`,
            connections,
            // Where there is never one nobody waits.
            waiting: connections === 0 ? 0 : (maxPendingRequests ?? MOST),
            waitMs: requestMs,
          },
        ]),
  ];
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
