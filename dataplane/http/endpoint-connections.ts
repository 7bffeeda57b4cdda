/**
 * A request takes a connection to its endpoint: the one that was chosen, or another if that has none left and nothing ties the request to
 * it. Where no endpoint has one it waits, or is answered 503. Counted as connections to backends are (backend-connections.ts). Further
 * attempts take theirs whatever is used: they are in the balancer, which cannot wait.
 */
import type { EndpointConnectionsStep } from '../policy/endpoint-connections.ts';
import { untilTaken } from './backend-connections.ts';
import { nextChoice } from './choice.ts';
import { countIn, countOut } from './counted.ts';
import type { Answer, Exchange } from './exchange.ts';
import type { Group } from './group.ts';
import { beginRequest } from './request.ts';
import type { LogWork, ResponseWork, WaitingWork } from './work.ts';

/** Keys of what requests under way are counted by. */
const held: LuaTable<Exchange, string> = new LuaTable();

const OVERFLOW: Answer = { status: 503, reason: 'CircuitBreaker : all connections to the endpoints are in use' };

export function endpointConnectionsWork(step: EndpointConnectionsStep): WaitingWork {
  const { scope, waiting, waitMs } = step;
  const queued = `${scope} v `;
  return (exchange) => {
    const { group } = exchange;
    const counters = ngx.shared['causeway_limits'];
    if (counters === undefined || group === undefined) return undefined;
    if (takes(counters, step, exchange, group)) return undefined;
    const place = countIn(counters, queued, waiting);
    if (place === undefined) return OVERFLOW;
    held.set(exchange, place);
    const isTaken =
      untilTaken(waitMs / 1000, () => (takes(counters, step, exchange, group) ? true : undefined)) === true;
    countOut(counters, place);
    if (!isTaken) held.delete(exchange);
    beginRequest();
    return isTaken ? undefined : OVERFLOW;
  };
}

/** The next attempt goes to another endpoint. */
export function moveConnection(scope: string): ResponseWork {
  return (exchange) => {
    const counters = ngx.shared['causeway_limits'];
    const { group } = exchange;
    if (counters === undefined || group === undefined) return;
    giveEndpointConnection(exchange);
    const key = countIn(counters, keyOf(scope, group, exchange.peer), math.huge);
    if (key !== undefined) held.set(exchange, key);
  };
}

/** The request is over, also while it waited. */
export const giveEndpointConnection: LogWork = (exchange) => {
  const key = held.get(exchange);
  if (key === undefined) return;
  held.delete(exchange);
  const counters = ngx.shared['causeway_limits'];
  if (counters !== undefined) countOut(counters, key);
};

function takes(
  counters: SharedDictionary,
  { scope, connections }: EndpointConnectionsStep,
  exchange: Exchange,
  group: Group,
): boolean {
  const isTied = group.circle !== undefined;
  let peer = exchange.peer;
  for (let turn = 0; turn < (isTied ? 1 : group.ring.peers.length); turn++) {
    const key = countIn(counters, keyOf(scope, group, peer), connections);
    if (key !== undefined) {
      exchange.peer = peer;
      held.set(exchange, key);
      return true;
    }
    peer = nextChoice(group, peer);
  }
  return false;
}

function keyOf(scope: string, { ring }: Group, place: number): string {
  const peer = ring.peers[place];
  return peer === undefined ? `${scope} e ` : `${scope} e ${peer.address}:${peer.port} `;
}
