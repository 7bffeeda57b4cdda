/**
 * Brings every worker to the version of the state file, and knows how far each is.
 *
 * Each worker connects to a unix socket and says which version it has; from then on
 * the connection is a position in the state file, moved on as fast as the worker
 * reads. So one code path serves a delta of one line, a worker that missed some and
 * a full sync, and nothing is held in memory for a slow one.
 */
import type { Socket } from 'node:net';
import type {
  AvoidReason,
  ConnectionCounts,
  LimitStoreReport,
  MetricSample,
  SpanRecord,
  WorkerLine,
} from '@causeway/dataplane/policy/record';
import type { Logger } from 'pino';
import { LineServer } from './line-server.ts';
import type { FileOwner, StateFile } from './state-file.ts';

export interface ConnectedWorker {
  readonly pid: number;
  /** Acknowledged. */
  readonly version: number;
  /** Milliseconds since it owes an acknowledgement and took nothing; 0 when it owes none. */
  readonly silentMs: number;
}

interface Connection {
  readonly socket: Socket;
  pid: number;
  version: number;
  position: number;
  /** Refused something: starts over, as soon as it has been sent whole transactions. */
  wantsFull: boolean;
  /** Waits until the socket has taken what was written. */
  blocked: boolean;
  /** When it last took or said something while it owed an acknowledgement. */
  owesSince: number | undefined;
  /** Endpoints, by `address:port`. */
  avoided: Readonly<Record<string, AvoidReason>>;
}

type LogsLine = Extract<WorkerLine, { op: 'logs' }>;
type SpansLine = Extract<WorkerLine, { op: 'spans' }>;
type SessionsLine = Extract<WorkerLine, { op: 'sessions' }>;

export interface PushOptions {
  readonly socketPath: string;
  readonly owner: FileOwner | undefined;
  readonly state: StateFile;
  readonly log: Logger;
  /** A worker came, went, or acknowledged. */
  readonly onProgress: () => void;
  readonly onMetrics: (samples: readonly MetricSample[]) => void;
  readonly onSpans: (line: SpansLine) => void;
  readonly onLogs: (line: LogsLine) => void;
  readonly onConnections: (counts: ConnectionCounts) => void;
  readonly onLimitStore: (report: LimitStoreReport) => void;
  readonly onSessions: (line: SessionsLine) => void;
  /** The layer 4 process has opened or closed sockets; see `WorkerLine`. */
  readonly onListening: (ports: readonly string[]) => void;
  /** A worker has a version that the state file has not reached: the file was lost. */
  readonly onAhead: (version: number) => void;
}

const CHUNK_BYTES = 1 << 16;
const LINE_MAX_CHARS = 4 << 20;
/** A worker that refuses a transaction gets a full one after this long. */
const RETRY_MS = 1_000;

export class PushServer {
  readonly #options: PushOptions;
  readonly #server: LineServer;
  readonly #connections = new Set<Connection>();
  readonly #chunk = Buffer.alloc(CHUNK_BYTES);

  constructor(options: PushOptions) {
    this.#options = options;
    this.#server = new LineServer({
      ...options,
      maxLineChars: LINE_MAX_CHARS,
      onConnection: (socket) => this.#accept(socket),
    });
  }

  async listen(): Promise<void> {
    await this.#server.listen();
  }

  workers(): ConnectedWorker[] {
    const now = Date.now();
    return [...this.#connections]
      .filter(({ pid }) => pid > 0)
      .map(({ pid, version, owesSince }) => ({
        pid,
        version,
        silentMs: owesSince === undefined ? 0 : now - owesSince,
      }));
  }

  /** Endpoints that a worker avoids, by `address:port`. */
  avoided(): ReadonlyMap<string, AvoidReason> {
    return new Map([...this.#connections].flatMap(({ avoided }) => Object.entries(avoided)));
  }

  /** The state file has a new version. */
  push(): void {
    for (const connection of this.#connections) this.#advance(connection);
  }

  /** Everybody has taken and acknowledged everything: positions may become void. */
  get isIdle(): boolean {
    const { state } = this.#options;
    return [...this.#connections].every(({ pid, version }) => pid === 0 || version === state.version);
  }

  /** The state file was replaced: every worker goes on from the version it has. */
  reposition(): void {
    const { state } = this.#options;
    for (const connection of this.#connections) {
      if (connection.owesSince !== undefined) {
        connection.socket.destroy(); // perhaps in the middle of a line; it connects again
        continue;
      }
      connection.position = state.position(connection.version);
      this.#advance(connection);
    }
  }

  async close(): Promise<void> {
    await this.#server.close();
  }

  #accept(socket: Socket): (line: string) => void {
    const connection: Connection = {
      socket,
      pid: 0,
      version: 0,
      position: 0,
      wantsFull: false,
      blocked: false,
      owesSince: undefined,
      avoided: {},
    };
    this.#connections.add(connection);
    socket.on('close', () => {
      this.#connections.delete(connection);
      this.#options.onProgress();
    });
    socket.on('drain', () => {
      connection.blocked = false;
      if (connection.owesSince !== undefined) connection.owesSince = Date.now();
      this.#advance(connection);
    });
    return (line) => {
      const parsed = parseWorkerLine(line);
      if (parsed === undefined) {
        this.#options.log.error({ pid: connection.pid, line: line.slice(0, 200) }, 'unreadable line from a worker');
        socket.destroy();
      } else this.#hear(connection, parsed);
    };
  }

  #hear(connection: Connection, line: WorkerLine): void {
    const {
      state,
      log,
      onProgress,
      onMetrics,
      onSpans,
      onLogs,
      onConnections,
      onLimitStore,
      onSessions,
      onListening,
      onAhead,
    } = this.#options;
    switch (line.op) {
      case 'hello':
        connection.pid = line.pid;
        connection.version = line.version;
        if (line.version > state.version && state.version > 0) onAhead(line.version);
        connection.position = state.position(line.version);
        this.#advance(connection);
        onProgress();
        break;
      case 'ack':
        connection.version = line.version;
        connection.owesSince = line.version === state.version ? undefined : Date.now();
        onProgress();
        break;
      case 'nack':
        log.error({ pid: connection.pid, version: line.version, error: line.error }, 'a worker refused a transaction');
        setTimeout(() => {
          connection.wantsFull = true;
          this.#advance(connection);
        }, RETRY_MS).unref();
        break;
      case 'metrics':
        onMetrics(line.samples);
        break;
      case 'spans':
        onSpans(line);
        break;
      case 'logs':
        onLogs(line);
        break;
      case 'connections':
        onConnections(line);
        break;
      case 'limitStore':
        onLimitStore(line);
        break;
      case 'avoided':
        connection.avoided = line.endpoints;
        break;
      case 'sessions':
        onSessions(line);
        break;
      case 'listening':
        onListening(line.ports);
        break;
    }
  }

  #advance(connection: Connection): void {
    const { state } = this.#options;
    if (connection.pid === 0 || connection.socket.destroyed) return;
    if (connection.wantsFull && connection.position === state.size) {
      connection.wantsFull = false;
      connection.position = 0;
    }
    if (connection.position < state.size) connection.owesSince ??= Date.now();
    while (!connection.blocked && connection.position < state.size) {
      const length = state.read(this.#chunk, connection.position);
      if (length === 0) return;
      connection.position += length;
      // A copy: the socket keeps what it could not send at once.
      connection.blocked = !connection.socket.write(Buffer.from(this.#chunk.subarray(0, length)));
    }
  }
}

/** Workers run our own code, but their lines cross a process boundary. */
function parseWorkerLine(text: string): WorkerLine | undefined {
  let line: WorkerLine;
  try {
    line = JSON.parse(text) as WorkerLine;
  } catch {
    return undefined;
  }
  switch (line?.op) {
    case 'hello':
      return Number.isInteger(line.pid) && Number.isInteger(line.version) ? line : undefined;
    case 'ack':
    case 'nack':
      return Number.isInteger(line.version) ? line : undefined;
    case 'metrics':
      // cjson writes an empty list as {}.
      return Array.isArray(line.samples) ? line : { op: 'metrics', samples: [] };
    case 'spans':
      return { ...line, spans: Array.isArray(line.spans) ? line.spans.filter(isSpan) : [] };
    case 'logs':
      return { ...line, records: Array.isArray(line.records) ? line.records.filter(isLogRecord) : [] };
    case 'connections':
      return Number.isInteger(line.active) ? line : undefined;
    case 'limitStore':
      return Number.isInteger(line.together) && Number.isInteger(line.alone) && typeof line.away === 'string'
        ? line
        : undefined;
    case 'avoided':
      return typeof line.endpoints === 'object' && line.endpoints !== null ? line : undefined;
    case 'sessions':
      return Array.isArray(line.samples) && typeof line.open === 'object' ? line : undefined;
    case 'listening':
      return Array.isArray(line.ports) ? line : undefined;
    default:
      return undefined;
  }
}

function isLogRecord(record: LogsLine['records'][number]): boolean {
  return typeof record?.route === 'string' && typeof record.values === 'object' && record.values !== null;
}

function isSpan(span: SpanRecord): boolean {
  return /^[0-9a-f]{32}$/.test(span?.traceId) && /^[0-9a-f]{16}$/.test(span.spanId) && typeof span.route === 'string';
}
