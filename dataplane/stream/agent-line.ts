/**
 * The line to the agent, as the workers of nginx have one: hello, transactions, acknowledgements. It is opened again when
 * it breaks; sessions are served from the last state meanwhile.
 */
import { connect, type Socket } from 'node:net';
import type { StreamLine, WorkerLine } from '../policy/record.ts';
import type { SessionMeter } from './session-meter.ts';
import type { StreamState } from './state.ts';

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 1_000;

export class AgentLine {
  readonly #path: string;
  readonly #state: StreamState;
  readonly #onVersion: () => void;
  #socket: Socket | undefined;
  #retryMs = FIRST_RETRY_MS;
  #listening: readonly string[] = [];
  #toldOpen = '';

  /** @param onVersion a transaction was applied */
  constructor(path: string, state: StreamState, onVersion: () => void) {
    this.#path = path;
    this.#state = state;
    this.#onVersion = onVersion;
    this.#connect();
  }

  /** Tells which listening sockets are open, now and after every new connection. */
  tellListening(listening: readonly string[]): void {
    this.#listening = listening;
    this.#say({ op: 'listening', ports: listening });
  }

  /** Tells what happened since the last time, as soon as somebody listens. */
  tellSessions(meter: SessionMeter): void {
    if (this.#socket === undefined) return;
    const samples = meter.take();
    const open = meter.open();
    const text = JSON.stringify(open);
    if (samples.length === 0 && text === this.#toldOpen) return;
    this.#toldOpen = text;
    this.#say({ op: 'sessions', samples, open });
  }

  #connect(): void {
    const socket = connect(this.#path);
    socket.setEncoding('utf8');
    let rest = '';
    socket.on('connect', () => {
      this.#socket = socket;
      this.#retryMs = FIRST_RETRY_MS;
      this.#toldOpen = '';
      this.#say({ op: 'hello', pid: process.pid, version: this.#state.version, generation: 'stream' });
      this.#say({ op: 'listening', ports: this.#listening });
    });
    socket.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      try {
        for (const line of lines) this.#take(JSON.parse(line) as StreamLine);
      } catch {
        socket.destroy(); // damaged: begin again
      }
    });
    socket.on('error', () => {}); // 'close' follows
    socket.on('close', () => {
      this.#socket = undefined;
      setTimeout(() => this.#connect(), this.#retryMs).unref();
      this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
    });
  }

  #take(line: StreamLine): void {
    const version = this.#state.take(line);
    if (version === undefined) return;
    this.#onVersion();
    this.#say({ op: 'ack', version });
  }

  #say(line: WorkerLine): void {
    this.#socket?.write(`${JSON.stringify(line)}\n`);
  }
}
