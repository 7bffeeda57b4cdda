/**
 * A client of HTTP/2 that only counts: it opens watches on one connection and tells when events have come, without giving each stream an
 * object of its own. So reading a thousand events takes little of the processor that the server under test shares.
 *
 * Source: RFC 9113; header fields are literals without index (RFC 7541, section 6.2.2).
 */
import { connect, type TLSSocket } from 'node:tls';
import type { Kubeconfig } from '@causeway/protocols/kubernetes/kubeconfig';

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const HEAD_BYTES = 9;
const FRAME = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goAway: 7, windowUpdate: 8 } as const;
const FLAG = { ack: 0x1, endStream: 0x1, endHeaders: 0x4, padded: 0x8 } as const;
const INITIAL_WINDOW_SIZE = 4;
/** So much that nobody has to be told that something was read: 2 GiB a connection, as much a stream. */
const WINDOW_MAX = 2 ** 31 - 1;
const WINDOW_DEFAULT = 65_535;
const NEWLINE = 0x0a;

export class WatchConnection {
  /** Events that came on each stream, by its number. */
  readonly events = new Map<number, number>();
  readonly #socket: TLSSocket;
  readonly #fields: Readonly<Record<string, string>>;
  readonly #onEvent: (at: number) => void;
  #rest: Buffer = Buffer.alloc(0);
  #nextStream = 1;

  private constructor(socket: TLSSocket, fields: Readonly<Record<string, string>>, listener: WatchListener) {
    this.#socket = socket;
    this.#fields = fields;
    this.#onEvent = listener.onEvent;
    socket.on('data', (bytes: Buffer) => {
      try {
        this.#read(bytes);
      } catch (error) {
        socket.destroy(error instanceof Error ? error : new Error(String(error)));
      }
    });
    socket.on('error', listener.onEnd);
    socket.on('close', () => listener.onEnd(new Error('the server closed a connection with watches')));
  }

  static async open(kubeconfig: Kubeconfig, listener: WatchListener): Promise<WatchConnection> {
    const { hostname, port, host } = new URL(kubeconfig.server);
    const socket = connect({ host: hostname, port: Number(port), ca: kubeconfig.ca, ALPNProtocols: ['h2'] });
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.once('secureConnect', resolve);
    });
    const fields = {
      ':method': 'GET',
      ':scheme': 'https',
      ':authority': host,
      accept: 'application/json',
      authorization: `Bearer ${await kubeconfig.token?.()}`,
    };
    const connection = new WatchConnection(socket, fields, listener);
    const window = Buffer.alloc(6);
    window.writeUInt16BE(INITIAL_WINDOW_SIZE, 0);
    window.writeUInt32BE(WINDOW_MAX, 2);
    const more = Buffer.alloc(4);
    more.writeUInt32BE(WINDOW_MAX - WINDOW_DEFAULT, 0);
    socket.write(
      Buffer.concat([Buffer.from(PREFACE), frame(FRAME.settings, 0, 0, window), frame(FRAME.windowUpdate, 0, 0, more)]),
    );
    return connection;
  }

  /** @param path with the query that makes it a watch */
  watch(path: string): void {
    const stream = this.#nextStream;
    this.#nextStream += 2;
    this.events.set(stream, 0);
    const block = Object.entries({ ...this.#fields, ':path': path })
      // Fields of the request itself stand first.
      .sort(([a], [b]) => Number(b.startsWith(':')) - Number(a.startsWith(':')))
      .map(([name, value]) => Buffer.concat([Buffer.from([0]), literal(name), literal(value)]));
    this.#socket.write(frame(FRAME.headers, FLAG.endStream | FLAG.endHeaders, stream, Buffer.concat(block)));
  }

  close(): void {
    this.#socket
      .removeAllListeners('close')
      .on('error', () => {})
      .destroy();
  }

  /** @throws Error when the server ends a watch */
  #read(bytes: Buffer): void {
    const at = performance.now();
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let offset = 0;
    while (all.length - offset >= HEAD_BYTES) {
      const end = offset + HEAD_BYTES + all.readUIntBE(offset, 3);
      if (end > all.length) break;
      this.#take(all, offset, end, at);
      offset = end;
    }
    this.#rest = all.subarray(offset);
  }

  #take(all: Buffer, offset: number, end: number, at: number): void {
    const type = all.readUInt8(offset + 3);
    const flags = all.readUInt8(offset + 4);
    const stream = all.readUInt32BE(offset + 5);
    const begin = offset + HEAD_BYTES;
    switch (type) {
      case FRAME.data:
        // An event ends with a newline, and has none within, since it is JSON.
        for (let next = all.indexOf(NEWLINE, begin); next >= 0 && next < end; next = all.indexOf(NEWLINE, next + 1)) {
          this.events.set(stream, (this.events.get(stream) ?? 0) + 1);
          this.#onEvent(at);
        }
        break;
      case FRAME.settings:
        if ((flags & FLAG.ack) === 0) this.#socket.write(frame(FRAME.settings, FLAG.ack, 0, Buffer.alloc(0)));
        return;
      case FRAME.ping:
        if ((flags & FLAG.ack) === 0) this.#socket.write(frame(FRAME.ping, FLAG.ack, 0, all.subarray(begin, end)));
        return;
      case FRAME.reset:
      case FRAME.goAway:
        throw new Error(`the server ended watch ${stream}: ${all.toString('latin1', begin, end)}`);
    }
    const ends = type === FRAME.data || type === FRAME.headers;
    if (ends && (flags & FLAG.endStream) !== 0) throw new Error(`the server ended watch ${stream}`);
  }
}

export interface WatchListener {
  /** @param at when it was read, as `performance.now()` tells */
  readonly onEvent: (at: number) => void;
  /** Nothing comes any more. */
  readonly onEnd: (error: Error) => void;
}

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Source: RFC 7541, sections 5.1 and 5.2, without Huffman coding. */
function literal(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  const most = 127;
  if (bytes.length < most) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const length = [most];
  let left = bytes.length - most;
  for (; left >= 128; left = Math.floor(left / 128)) length.push((left % 128) + 128);
  length.push(left);
  return Buffer.concat([Buffer.from(length), bytes]);
}
