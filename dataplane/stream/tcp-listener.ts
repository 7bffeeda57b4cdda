/** One TCP port on one address: takes connections and passes their bytes on to an endpoint and back. */
import { createServer, type Server, type Socket } from 'node:net';
import { mayConnect } from './access.ts';
import { connectToEndpoint, type EndpointConnection, join } from './endpoint-connection.ts';
import { isInNetworks } from './networks.ts';
import { upstreamOf } from './peer-choice.ts';
import { type Ends, proxyHeader, takeProxyHeader, takeProxyHeaderIfThere } from './proxy-protocol.ts';
import type { SessionEnd, SessionLog } from './session-log.ts';
import type { SessionMeter } from './session-meter.ts';
import type { StreamState } from './state.ts';

/** What every listener works with. */
export interface ListenerContext {
  /** Folder of the instance. */
  readonly directory: string;
  readonly state: StreamState;
  readonly log: SessionLog;
  readonly meter: SessionMeter;
}

export interface ListenerOptions extends ListenerContext {
  readonly address: string;
  readonly port: number;
}

const BACKLOG = 2_048;
/** For the PROXY header, as ingress-nginx's proxy-protocol-header-timeout (IN-21). */
const PROXY_HEADER_MS = 5_000;

export class TcpListener {
  readonly #options: ListenerOptions;
  readonly #id: string;
  readonly #server: Server;
  readonly #sessions: Set<Socket>;

  /** @param sessions where open connections are noted; they outlive the listener */
  constructor(options: ListenerOptions, sessions: Set<Socket>) {
    this.#options = options;
    this.#id = `tcp:${options.port}`;
    this.#sessions = sessions;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (client) => {
      void this.#serve(client);
    });
  }

  /** @throws the error of the system, e.g. EADDRINUSE */
  open(): Promise<void> {
    const { address, port } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host: address, port, backlog: BACKLOG, ipv6Only: true, exclusive: true }, () => {
        this.#server.off('error', reject);
        this.#server.on('error', () => {}); // of single connections, e.g. no more files
        resolve();
      });
    });
  }

  /** Takes no more connections; those that are open go on. */
  close(): void {
    this.#server.close();
  }

  async #serve(client: Socket): Promise<void> {
    const begun = performance.now();
    this.#sessions.add(client);
    client.on('error', () => {}); // 'close' follows
    let ends = endsOf(client);
    const peer = ends.client.address;
    const metered = this.#options.meter.begin(this.#id, () => ({
      received: client.bytesRead,
      sent: client.bytesWritten,
    }));
    const end = (status: SessionEnd['status'], upstream: string): void => {
      this.#sessions.delete(client);
      metered.end(status, upstream);
      this.#options.log.write({
        ...{ client: ends.client.address, protocol: 'TCP', port: this.#options.port, status },
        ...{ bytesReceived: client.bytesRead, bytesSent: client.bytesWritten },
        seconds: (performance.now() - begun) / 1000,
      });
    };
    const refuse = (status: SessionEnd['status']): void => {
      client.resetAndDestroy();
      end(status, '');
    };
    const hold = (ms: number): void => {
      end(503, ''); // it is no session that others would have to wait for
      setTimeout(() => client.resetAndDestroy(), ms).unref();
    };
    const settings = this.#options.state.port(this.#id);
    if (settings?.keepaliveMs !== undefined) client.setKeepAlive(true, settings.keepaliveMs);
    if (settings?.proxyProtocol?.receive === true) {
      const take = settings.proxyProtocol.optional === true ? takeProxyHeaderIfThere : takeProxyHeader;
      const header = await take(client, PROXY_HEADER_MS);
      if (header === 'broken') {
        refuse(400);
        return;
      }
      const believed = isInNetworks(ends.client.address, settings.proxyProtocol.trusted);
      if (believed && header.ends !== undefined) ends = header.ends;
    }
    if (!mayConnect(settings?.access, ends.client.address, peer)) {
      refuse(403);
      return;
    }
    if (this.#options.meter.openOf(this.#id) > (settings?.mostSessions ?? Number.POSITIVE_INFINITY)) {
      const delayMs = settings?.closeDelayMs;
      if (delayMs === undefined) refuse(503);
      else hold(delayMs);
      return;
    }
    const found = await this.#reach(client, ends);
    if (typeof found === 'number') {
      refuse(found);
      return;
    }
    const upstream = upstreamOf(found.peer);
    // It may have gone while an endpoint was looked for.
    if (client.closed) end(200, upstream);
    else client.once('close', () => end(200, upstream));
    join(client, found.socket, this.#options.state.port(this.#id)?.idleMs ?? 0);
  }

  async #reach(client: Socket, ends: Ends): Promise<EndpointConnection | 500 | 502> {
    const { state } = this.#options;
    const settings = state.port(this.#id);
    const group = state.group(settings?.group);
    if (settings === undefined || group === undefined) return 500;
    const version = settings.proxyProtocol?.send;
    const greeting = version && { greeting: proxyHeader(version, ends) };
    return connectToEndpoint(group, { ...settings, ...greeting }, client, ends.client.address);
  }
}

/** As the sockets have them. */
function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): Ends {
  return {
    client: { address: remoteAddress ?? '', port: remotePort ?? 0 },
    server: { address: localAddress ?? '', port: localPort ?? 0 },
  };
}
