/**
 * Which TLS connections of a port are passed on as they are, by the server name that the client sent: an exact host wins over a
 * wildcard, a longer wildcard over a shorter one.
 */
import type { PassthroughRecord, ServerNameTest } from './record.ts';

/** What a host name can be made of (apis/gateway/host.ts); clients send anything. */
const HOST_NAME = /^[a-z0-9_-][a-z0-9._-]*$/;

/** By id of the port, then by host; those of one host in their order. */
export class PassthroughIndex {
  readonly #ports = new Map<string, Map<string, PassthroughRecord[]>>();
  readonly #records = new Map<string, PassthroughRecord>();

  put(record: PassthroughRecord): void {
    this.delete(record.id);
    this.#records.set(record.id, record);
    for (const port of record.ports) {
      const hosts = this.#ports.get(port) ?? new Map<string, PassthroughRecord[]>();
      this.#ports.set(port, hosts);
      for (const host of record.hosts) {
        const key = keyOf(host);
        const others = (hosts.get(key) ?? []).filter(({ id }) => id !== record.id);
        hosts.set(key, [...others, record].sort(inOrder));
      }
    }
  }

  delete(id: string): void {
    const record = this.#records.get(id);
    if (record === undefined) return;
    this.#records.delete(id);
    for (const port of record.ports) {
      const hosts = this.#ports.get(port);
      if (hosts === undefined) continue;
      for (const host of record.hosts) {
        const left = (hosts.get(keyOf(host)) ?? []).filter((other) => other.id !== id);
        if (left.length === 0) hosts.delete(keyOf(host));
        else hosts.set(keyOf(host), left);
      }
      if (hosts.size === 0) this.#ports.delete(port);
    }
  }

  /** @param serverName as the client sent it, in any case of letters; `''` for none, with which only TLS that is ended gets through */
  find(port: string, serverName: string): PassthroughRecord | undefined {
    const hosts = this.#ports.get(port);
    const name = serverName.toLowerCase();
    if (name === '') return hosts?.get(EVERY_NAME)?.find(({ end }) => end !== undefined);
    if (hosts === undefined || !HOST_NAME.test(name)) return undefined;
    const exact = hosts.get(name);
    if (exact !== undefined) return exact[0];
    let dot = name.indexOf('.');
    const firstDot = dot;
    while (dot !== -1) {
      const suffix = name.slice(dot);
      const found = (dot === firstDot ? hosts.get(`one ${suffix}`) : undefined) ?? hosts.get(`many ${suffix}`);
      if (found !== undefined) return found[0];
      dot = name.indexOf('.', dot + 1);
    }
    return hosts.get(EVERY_NAME)?.[0];
  }
}

/** What all names end with. */
const EVERY_NAME = 'many ';

/** Names cannot hold a blank. */
function keyOf(host: ServerNameTest): string {
  return host.op === 'equal' ? host.value : `${host.labels} ${host.value}`;
}

function inOrder(a: PassthroughRecord, b: PassthroughRecord): number {
  return a.priority - b.priority || (a.tie < b.tie ? -1 : a.tie > b.tie ? 1 : a.id < b.id ? -1 : 1);
}
