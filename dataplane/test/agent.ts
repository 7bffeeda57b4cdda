/** The agent's side of the socket, as plain as a test needs it. */

import { EventEmitter, once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { ConnectionCounts, DataplaneRecord, MetricSample, StreamLine, WorkerLine } from '../policy/record.ts';

export interface ConnectedWorker {
  readonly pid: number;
  readonly helloVersion: number;
  readonly generation: string;
  version: number;
  readonly socket: Socket;
}

export class TestAgent {
  readonly workers = new Set<ConnectedWorker>();
  readonly nacks: { readonly pid: number; readonly version: number; readonly error: string }[] = [];
  readonly samples: MetricSample[] = [];
  /** As told last. */
  connections: ConnectionCounts | undefined;
  readonly #changed = new EventEmitter();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.#changed.setMaxListeners(0);
  }

  static async listen(socketPath: string): Promise<TestAgent> {
    const server = createServer();
    const agent = new TestAgent(server);
    server.on('connection', (socket) => agent.#serve(socket));
    server.listen(socketPath);
    await once(server, 'listening');
    return agent;
  }

  send(lines: readonly (StreamLine | string)[]): void {
    const text = linesText(lines);
    for (const worker of this.workers) worker.socket.write(text);
  }

  /** Sends a transaction and waits until `workers` workers have acknowledged it. */
  async push(version: number, lines: readonly StreamLine[], workers: number): Promise<void> {
    this.send([{ op: 'begin', full: false }, ...lines, { op: 'commit', version }]);
    await this.until(() => [...this.workers].filter((worker) => worker.version === version).length >= workers);
  }

  /** Resolves when `condition` holds; looks after everything a worker says. The test's own time limit bounds it. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await once(this.#changed, 'changed');
  }

  /** Makes {@link until} look again, for conditions that do not come from a worker. */
  wake(): void {
    this.#changed.emit('changed');
  }

  async close(): Promise<void> {
    for (const worker of this.workers) worker.socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(socket: Socket): void {
    let worker: ConnectedWorker | undefined;
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      if (worker !== undefined) this.workers.delete(worker);
      this.#changed.emit('changed');
    });
    createInterface({ input: socket }).on('line', (text) => {
      const line = JSON.parse(text) as WorkerLine;
      switch (line.op) {
        case 'hello':
          worker = {
            pid: line.pid,
            helloVersion: line.version,
            generation: line.generation,
            version: line.version,
            socket,
          };
          this.workers.add(worker);
          break;
        case 'ack':
          if (worker !== undefined) worker.version = line.version;
          break;
        case 'nack':
          this.nacks.push({ pid: worker?.pid ?? 0, version: line.version, error: line.error });
          break;
        case 'listening': // nginx's workers say neither
        case 'sessions':
        case 'limitStore':
        case 'logs':
        case 'avoided':
        case 'spans':
          break;
        case 'metrics':
          this.samples.push(...line.samples);
          break;
        case 'connections':
          this.connections = line;
          break;
      }
      this.#changed.emit('changed');
    });
  }
}

export function linesText(lines: readonly (StreamLine | string)[]): string {
  return lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
}

export function put(record: DataplaneRecord): StreamLine {
  return { op: 'put', record };
}
