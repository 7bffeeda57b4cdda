/**
 * Endpoints that do not accept connections are avoided for a while: one second after the
 * first failure, twice as long after each further one. When the while is over one
 * request a second is let through; the first that connects ends it. Only connections
 * count: what a backend answers, and how slowly, says nothing about other requests.
 *
 * Per worker, for all groups that have the endpoint.
 */
import type { Peer } from '../policy/record.ts';

const FIRST_SECONDS = 1;
const LONGEST_SECONDS = 32;
/** Between two requests that try whether the endpoint is back. */
const TRIAL_SECONDS = 1;
/** Endpoints that are gone are never heard of again; all are forgotten when there are so many. */
const MOST = 4096;

interface Ejection {
  /** Seconds. */
  until: number;
  pauseSeconds: number;
}

let byAddress: LuaTable<string, LuaTable<number, Ejection>> = new LuaTable();
let count = 0;

/** Whether any endpoint is avoided; if not, nobody needs to ask for single ones. */
export function anyEjected(): boolean {
  return count > 0;
}

/** Whether the endpoint is to be avoided now. Saying no to one that failed before lets the caller try it. */
export function isEjected(peer: Peer): boolean {
  const ejection = byAddress.get(peer.address)?.get(peer.port);
  if (ejection === undefined) return false;
  const now = ngx.now();
  if (now < ejection.until) return true;
  ejection.until = now + TRIAL_SECONDS;
  return false;
}

/** It did not accept a connection. */
export function noteNoConnection(peer: Peer): void {
  const now = ngx.now();
  const ports = byAddress.get(peer.address);
  const known = ports?.get(peer.port);
  if (known === undefined) {
    if (count >= MOST) forgetAll();
    const entry: Ejection = { until: now + FIRST_SECONDS, pauseSeconds: FIRST_SECONDS };
    openAddress(peer.address).set(peer.port, entry);
    count++;
    ngx.log(ngx.WARN, 'no connection to ', peer.address, ':', peer.port, ', avoided until it accepts one');
    return;
  }
  known.pauseSeconds = Math.min(known.pauseSeconds * 2, LONGEST_SECONDS);
  known.until = now + known.pauseSeconds;
}

/** It accepted a connection. */
export function noteConnection(peer: Peer): void {
  const ports = byAddress.get(peer.address);
  if (ports === undefined || ports.get(peer.port) === undefined) return;
  ports.delete(peer.port);
  count--;
  ngx.log(ngx.NOTICE, peer.address, ':', peer.port, ' accepts connections again');
}

/** `address:port` of those that are avoided until they accept a connection, at most so many. */
export function ejectedPeers(most: number): readonly string[] {
  const names: string[] = [];
  if (count === 0) return names;
  for (const [address, ports] of byAddress) {
    for (const [port] of ports) if (names.length < most) names.push(`${address}:${port}`);
  }
  return names;
}

function openAddress(address: string): LuaTable<number, Ejection> {
  const existing = byAddress.get(address);
  if (existing !== undefined) return existing;
  const ports: LuaTable<number, Ejection> = new LuaTable();
  byAddress.set(address, ports);
  return ports;
}

function forgetAll(): void {
  byAddress = new LuaTable();
  count = 0;
}
