/** Where services are that a worker asks by itself; the agent knows (it resolves names, and refuses what must not be asked). */
import { askAgent } from './agent-question.ts';

export interface ServiceEndpoint {
  /** IPv6 in brackets. */
  readonly address: string;
  readonly port: number;
}

interface Known {
  readonly endpoints: readonly ServiceEndpoint[];
  readonly until: number;
  turn: number;
}

/** While the agent is away, what it said last counts this much longer. */
const STALE_SECONDS = 300;
const MAX_KNOWN = 1000;

let known: LuaTable<string, Known> = new LuaTable();
let count = 0;

/** In the order in which they are to be tried. Waits. */
export function endpointsOf(host: string, port: number): readonly ServiceEndpoint[] {
  const key = `${host} ${port}`;
  const before = known.get(key);
  const now = ngx.now();
  if (before !== undefined && now < before.until) return inTurn(before);
  const answer = askAgent({ op: 'resolve', host, port });
  if (answer === undefined || answer.endpoints === undefined) {
    return before !== undefined && now < before.until + STALE_SECONDS ? inTurn(before) : [];
  }
  if (known.get(key) === undefined) count++;
  if (count > MAX_KNOWN) {
    known = new LuaTable();
    count = 1;
  }
  const entry: Known = {
    endpoints: answer.endpoints,
    until: now + (answer.seconds ?? 1),
    turn: before === undefined ? 0 : before.turn,
  };
  known.set(key, entry);
  return inTurn(entry);
}

function inTurn(entry: Known): readonly ServiceEndpoint[] {
  const { endpoints } = entry;
  const ordered: ServiceEndpoint[] = [];
  for (let i = 0; i < endpoints.length; i++) {
    const endpoint = endpoints[(entry.turn + i) % endpoints.length];
    if (endpoint !== undefined) ordered.push(endpoint);
  }
  entry.turn = endpoints.length === 0 ? 0 : (entry.turn + 1) % endpoints.length;
  return ordered;
}
