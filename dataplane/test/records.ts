/** Short ways to write records. */
import type { GroupRecord, Peer, PortRecord, RouteAction, RouteRecord, Term } from '../policy/record.ts';

export function portRecord(port: number, more: Partial<PortRecord> = {}): PortRecord {
  return { type: 'port', id: String(port), port, name: `port-${port}`, ...more };
}

export function routeRecord(
  id: string,
  ports: readonly number[],
  match: readonly Term[],
  more: Partial<RouteRecord> = {},
): RouteRecord {
  return {
    type: 'route',
    id,
    ports: ports.map(String),
    match,
    priority: 5,
    specificity: [],
    tie: id,
    action: forwardTo('g'),
    name: id,
    sourceType: '',
    sourceNamespace: '',
    sourceName: '',
    ...more,
  };
}

export function forwardTo(group: string, more: Partial<RouteAction> = {}): RouteAction {
  return {
    type: 'forward',
    group,
    way: 'http',
    connectMs: 5000,
    sendMs: 120_000,
    readMs: 120_000,
    attempts: 5,
    ...more,
  };
}

/** @param peers ports on 127.0.0.1, with weight 1 unless `[port, weight]` */
export function groupRecord(id: string, peers: readonly (number | readonly [number, number])[]): GroupRecord {
  return {
    type: 'group',
    id,
    name: `default/${id}:80`,
    affinity: 'roundRobin',
    peers: peers.map(
      (peer): Peer =>
        typeof peer === 'number'
          ? { address: '127.0.0.1', port: peer, weight: 1 }
          : { address: '127.0.0.1', port: peer[0], weight: peer[1] },
    ),
    emptyStatus: 500,
    emptyReason: `InvalidBalancer : no balancer found for ${id}`,
  };
}

export function host(...values: string[]): Term {
  return { subject: 'host', tests: [{ op: 'in', values }] };
}

export function prefix(value: string): Term {
  return { subject: 'path', tests: [{ op: 'prefix', value }] };
}
