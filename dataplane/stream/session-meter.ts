/** Counts sessions and their bytes, for the metrics of layer 4. */
import { OTHER_UPSTREAMS, type StreamSample } from '../policy/record.ts';

export interface SessionBytes {
  /** From the client, and to it, since the session began. */
  readonly received: number;
  readonly sent: number;
}

export interface MeteredSession {
  /**
   * @param status as in the log
   * @param upstream `address:port` of the endpoint, `''` when none was reached
   */
  end(status: number, upstream: string): void;
}

interface PortMeter {
  open: number;
  receivedBytes: number;
  sentBytes: number;
  ended: Record<string, number>;
}

/** Different endpoints and statuses of a port between two samples; further ones are not told apart. */
const KINDS_MAX = 1_000;

export class SessionMeter {
  readonly #ports = new Map<string, PortMeter>();
  /** What each open session still has to add to its port. */
  readonly #sessions = new Set<() => void>();

  /** @param bytes asked at every sample, and at the end */
  begin(portId: string, bytes: () => SessionBytes): MeteredSession {
    const port = this.#port(portId);
    let told: SessionBytes = { received: 0, sent: 0 };
    const addBytes = (): void => {
      const now = bytes();
      port.receivedBytes += now.received - told.received;
      port.sentBytes += now.sent - told.sent;
      told = now;
    };
    port.open += 1;
    this.#sessions.add(addBytes);
    return {
      end: (status, upstream) => {
        if (!this.#sessions.delete(addBytes)) return;
        addBytes();
        port.open -= 1;
        const known = `${status} ${upstream}`;
        const full = !(known in port.ended) && Object.keys(port.ended).length >= KINDS_MAX;
        const kind = full ? `${status} ${OTHER_UPSTREAMS}` : known;
        port.ended[kind] = (port.ended[kind] ?? 0) + 1;
      },
    };
  }

  /** Open sessions of a port. */
  openOf(portId: string): number {
    return this.#ports.get(portId)?.open ?? 0;
  }

  /** Open sessions by id of the port, of every port that had one. */
  open(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#ports].map(([id, { open }]) => [id, open]));
  }

  /** What happened since the last call. */
  take(): readonly StreamSample[] {
    for (const addBytes of this.#sessions) addBytes();
    const samples: StreamSample[] = [];
    for (const [id, port] of this.#ports) {
      const { receivedBytes, sentBytes, ended } = port;
      if (receivedBytes === 0 && sentBytes === 0 && Object.keys(ended).length === 0) continue;
      samples.push({ port: id, sessions: ended, receivedBytes, sentBytes });
      port.receivedBytes = 0;
      port.sentBytes = 0;
      port.ended = {};
    }
    return samples;
  }

  #port(id: string): PortMeter {
    let port = this.#ports.get(id);
    if (port === undefined) {
      port = { open: 0, receivedBytes: 0, sentBytes: 0, ended: {} };
      this.#ports.set(id, port);
    }
    return port;
  }
}
