/** The listening sockets of the process: those that a file names, opened and closed one by one. */
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { type ListenEntry, type ListenFile, listenKey } from '../policy/listen-file.ts';
import { HopListener } from './hop-listener.ts';
import { type ListenerContext, TcpListener } from './tcp-listener.ts';
import { TlsListener } from './tls-listener.ts';
import { UdpListener } from './udp-listener.ts';

/** An address that could not be bound is tried again after this long. */
const RETRY_MS = 200;

type Listener = TcpListener | UdpListener | TlsListener | HopListener;

export class Listeners {
  readonly #file: string;
  readonly #served: ListenerContext;
  readonly #onChange: (open: readonly string[]) => void;
  readonly #open = new Map<string, Listener>();
  readonly #sessions = new Set<Socket>();
  #arranging: Promise<void> = Promise.resolve();

  /** @param onChange gets the open sockets, as `tcp 127.0.0.1 81` */
  constructor(file: string, served: ListenerContext, onChange: (open: readonly string[]) => void) {
    this.#file = file;
    this.#served = served;
    this.#onChange = onChange;
  }

  /** Open connections, also of ports that are closed by now. */
  get sessions(): ReadonlySet<Socket> {
    return this.#sessions;
  }

  /** Reads the file and follows it. Nothing is opened before the first state is there. */
  arrange(): void {
    this.#arranging = this.#arranging.then(() => this.#follow());
  }

  closeAll(): void {
    for (const listener of this.#open.values()) listener.close();
    this.#open.clear();
  }

  async #follow(): Promise<void> {
    if (this.#served.state.version === 0) return;
    const { log, listens } = this.#read();
    this.#served.log.format = log;
    const wanted = new Map(listens.map((entry) => [listenKey(entry), entry]));
    let changed = false;
    for (const [key, listener] of this.#open) {
      if (wanted.has(key)) continue;
      listener.close();
      if (listener instanceof TlsListener) listener.removeSocket();
      this.#open.delete(key);
      changed = true;
    }
    let failed = false;
    for (const [key, entry] of wanted) {
      const known = this.#open.get(key);
      if (known instanceof TlsListener && entry.protocol === 'tls') {
        known.trusted = entry.trusted;
        known.mayHaveHeader = entry.mayHaveHeader === true;
      }
      if (known !== undefined) continue;
      const listener = this.#newListener(entry);
      try {
        await listener.open();
        this.#open.set(key, listener);
        changed = true;
      } catch (error) {
        failed = true;
        process.stderr.write(`${key}: ${error instanceof Error ? error.message : String(error)}\n`);
      }
    }
    if (failed) setTimeout(() => this.arrange(), RETRY_MS).unref();
    if (changed) this.#onChange([...this.#open.keys()].sort());
  }

  #newListener(entry: ListenEntry): Listener {
    const options = { ...entry, ...this.#served };
    if (options.protocol === 'hop') return new HopListener(options, this.#sessions);
    if (options.protocol === 'tls') return new TlsListener(options, this.#sessions);
    return options.protocol === 'tcp' ? new TcpListener(options, this.#sessions) : new UdpListener(options);
  }

  #read(): ListenFile {
    try {
      return JSON.parse(readFileSync(this.#file, 'utf8')) as ListenFile;
    } catch {
      return { log: 'text', listens: [] };
    }
  }
}
