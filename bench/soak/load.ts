/**
 * Clients that never retry. Each connection finds out which process accepted it before its first request, so that a
 * failure can be laid at the door of a kill, or not.
 */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { WorkerProbe } from '../control/worker-probe.ts';
import { Acceptors } from './acceptors.ts';
import type { Failure } from './faults.ts';
import type { DataPlaneProcesses } from './processes.ts';
import { Random } from './random.ts';
import type { Setting, World } from './world.ts';

export const LOAD_KINDS = ['http', 'https', 'tcp'] as const;
type LoadKind = (typeof LOAD_KINDS)[number];

export interface LoadOptions {
  readonly world: World;
  readonly setting: Setting;
  readonly processes: DataPlaneProcesses;
  readonly seed: number;
  readonly onFailure: (failure: Failure) => void;
}

/** Connections at a time. */
const CONNECTIONS: Readonly<Record<LoadKind, number>> = { http: 10, https: 4, tcp: 4 };
/** Requests on a connection, or messages in a session, before the client ends it. */
const REQUESTS_MAX = 60;
const PAUSE_MS = { from: 2, to: 40 };
/** Long enough for everything to be killed and to come back. */
const ANSWER_MS = 15_000;

/** A connection that was opened, and what is known of it. */
interface Opened {
  readonly socket: Socket;
  readonly begunAt: number;
  readonly clientPort: number;
  readonly acceptor: number | undefined;
}

export class SoakLoad {
  readonly #options: LoadOptions;
  readonly #loops: Promise<void>[] = [];
  readonly #done: Record<LoadKind, number> = { http: 0, https: 0, tcp: 0 };
  readonly #acceptors: Acceptors;
  #stopped = false;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#acceptors = new Acceptors(options.processes);
    for (const kind of LOAD_KINDS) {
      for (let index = 0; index < CONNECTIONS[kind]; index += 1) {
        this.#loops.push(this.#loop(kind, new Random(options.seed, `${kind} ${index}`)));
      }
    }
  }

  /** Requests (http, https) and messages (tcp) that were sent, failed ones included. */
  get done(): Readonly<Record<LoadKind, number>> {
    return this.#done;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#loops);
  }

  async #loop(kind: LoadKind, random: Random): Promise<void> {
    const { ports } = this.#options.setting;
    while (!this.#stopped) {
      const opened = await this.#open(kind, ports[kind]);
      if (opened !== undefined) {
        if (kind === 'tcp') await this.#converse(opened, random);
        else await this.#ask(kind, opened, random);
        opened.socket.destroy();
      }
      await sleep(random.between(PAUSE_MS.from, PAUSE_MS.to));
    }
  }

  async #open(kind: LoadKind, port: number): Promise<Opened | undefined> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    const begunAt = performance.now();
    try {
      await within(ANSWER_MS, connected(socket));
    } catch (error) {
      socket.destroy();
      this.#done[kind] += 1;
      this.#fail(kind, { clientPort: 0, begunAt, acceptor: undefined }, error);
      return undefined;
    }
    const clientPort = socket.localPort ?? 0;
    return { socket, begunAt, clientPort, acceptor: await this.#acceptors.find(socket, port) };
  }

  async #ask(kind: 'http' | 'https', opened: Opened, random: Random): Promise<void> {
    const { world, setting } = this.#options;
    const sites = world.sites.filter(({ secret, guest }) => !guest && (secret !== undefined) === (kind === 'https'));
    let socket = opened.socket;
    if (kind === 'https') {
      if (socket.readyState !== 'open') return; // before anything was asked
      try {
        const secure = await within(ANSWER_MS, handshake(socket, random.pick(sites).host));
        if (numberOf(secure, setting) < 0) return this.#fail(kind, opened, new WrongAnswer('a foreign certificate'));
        socket = secure;
      } catch (error) {
        return this.#fail(kind, opened, error);
      }
    }
    const client = new WorkerProbe(socket);
    const requests = 1 + random.below(REQUESTS_MAX);
    for (let sent = 0; sent < requests && !this.#stopped && client.isOpen; sent += 1) {
      const { host } = random.pick(sites);
      this.#done[kind] += 1;
      try {
        const { status, body, last } = await within(ANSWER_MS, client.get(host, '/'));
        const [backend, name] = body.split(' ');
        if (status !== 200) throw new WrongAnswer(`status ${status} for ${host}: ${body.trim()}`);
        if (name !== host || !(Number(backend) < setting.http.length)) throw new WrongAnswer(`${host}: ${body}`);
        if (last) break;
      } catch (error) {
        this.#fail(kind, opened, error);
        break;
      }
      await sleep(random.between(PAUSE_MS.from, PAUSE_MS.to));
    }
    client.close();
    socket.destroy();
  }

  async #converse(opened: Opened, random: Random): Promise<void> {
    const lines = new LineReader(opened.socket);
    const messages = 1 + random.below(REQUESTS_MAX);
    try {
      this.#done.tcp += 1;
      const backend = Number(await within(ANSWER_MS, lines.next()));
      if (!(backend < this.#options.setting.tcp.length)) throw new WrongAnswer(`backend ${backend}`);
      for (let sent = 0; sent < messages && !this.#stopped; sent += 1) {
        await sleep(random.between(PAUSE_MS.from, PAUSE_MS.to));
        this.#done.tcp += 1;
        opened.socket.write(`message ${sent}\n`);
        const heard = await within(ANSWER_MS, lines.next());
        if (heard !== `message ${sent}`) throw new WrongAnswer(`an echo of message ${sent}: ${heard}`);
      }
    } catch (error) {
      this.#fail('tcp', opened, error);
    }
  }

  #fail(load: LoadKind, { clientPort, begunAt, acceptor }: Omit<Opened, 'socket'>, error: unknown): void {
    const what = error instanceof Error ? error.message : String(error);
    const answered = error instanceof WrongAnswer;
    const failedAt = performance.now();
    this.#options.onFailure({ load, what, answered, clientPort, acceptor, begunAt, failedAt });
  }
}

class WrongAnswer extends Error {
  override readonly name = 'WrongAnswer';
}

/** Lines that a socket brings. */
class LineReader {
  readonly #socket: Socket;
  readonly #lines: string[] = [];
  #rest = '';
  #wake: () => void = () => {};

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = (this.#rest + text).split('\n');
      this.#rest = lines.pop() ?? '';
      this.#lines.push(...lines);
      this.#wake();
    });
    socket.on('error', () => {}); // 'close' follows
    socket.on('close', () => this.#wake());
  }

  /** @throws Error when the connection ends before */
  async next(): Promise<string> {
    for (;;) {
      const line = this.#lines.shift();
      if (line !== undefined) return line;
      if (this.#socket.readyState !== 'open') throw new Error('the session ended');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** Number of the certificate that was shown; -1: none of ours. */
export function numberOf(socket: TLSSocket, { certificates }: Setting): number {
  const shown = socket.getPeerCertificate().raw?.toString('base64');
  return certificates.findIndex(({ chainPem }) => chainPem.replaceAll(/-----[A-Z ]+-----|\s/g, '') === shown);
}

export function handshake(socket: Socket, servername: string): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secure = connectTls({ socket, servername, rejectUnauthorized: false });
    secure.once('secureConnect', () => resolve(secure));
    secure.on('error', reject);
    secure.once('close', () => reject(new Error('the connection ended in the handshake')));
  });
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.on('error', reject); // stays: errors of connections that nobody waits for are none
    socket.once('connect', resolve);
  });
}

/**
 * Time in which this process itself gets no processor does not count: seconds are counted one by one.
 *
 * @throws Error when it takes longer
 */
async function within<Result>(ms: number, work: Promise<Result>): Promise<Result> {
  const done = new AbortController();
  const late = (async () => {
    for (let waited = 0; waited < ms; waited += 1_000) {
      await sleep(1_000, undefined, { signal: done.signal, ref: false });
    }
    throw new Error(`nothing came for ${ms} ms`);
  })();
  late.catch(() => {}); // it lost the race
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}
