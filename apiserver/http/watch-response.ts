import { apiVersionOf } from '@causeway/apis/meta/kind';
import type { StatusError } from '../status-error.ts';
import { type Entry, inVersion, objectOf } from '../storage/entry.ts';
import { tableOf } from '../table/table.ts';
import type { Target } from '../verbs/target.ts';
import { bookmarkObject, type WatchSink } from '../verbs/watch.ts';
import type { Exchange } from './exchange.ts';
import { negotiate, type Representation } from './negotiation.ts';
import { drained, partialMetadata, tableOptions } from './objects-response.ts';

/** A watch whose client leaves this much unread is ended; the client lists again. */
const UNREAD_BYTES_MAX = 64 * 1024 * 1024;

/** Events whose bytes are kept: those of the last few commits. */
const FRAMES_MAX = 256;

/** The bytes of recent events: a thousand watches send the same ones. */
const frames = new Map<Entry, { readonly id: string; readonly bytes: Buffer }>();

/** Writes watch events as JSON lines, over HTTP/1.1 in chunks, over HTTP/2 in data frames. */
export class WatchResponse implements WatchSink {
  readonly #exchange: Exchange;
  readonly #target: Target;
  readonly #apiVersion: string;
  readonly #representation: Representation;
  readonly #now: () => Date;
  #unsent: Buffer[] = [];
  #begun = false;
  #tableBegun = false;

  /** @throws StatusError 406 */
  constructor(exchange: Exchange, target: Target, now: () => Date) {
    this.#exchange = exchange;
    this.#target = target;
    this.#now = now;
    this.#apiVersion = apiVersionOf(target.version.names);
    this.#representation = negotiate(exchange.accept);
  }

  get isOverfull(): boolean {
    return this.#exchange.response.writableLength > UNREAD_BYTES_MAX;
  }

  event(type: 'ADDED' | 'MODIFIED' | 'DELETED', entry: Entry): void {
    const { as } = this.#representation;
    this.#unsent.push(as === 'json' || as === 'yaml' ? this.#frame(type, entry) : this.#rendered(type, entry));
  }

  bookmark(revision: number, initialEventsEnd: boolean): void {
    const object = bookmarkObject(this.#target, revision, initialEventsEnd);
    const representation = this.#representation;
    if (representation.as === 'table') {
      const metadata = { resourceVersion: String(revision) };
      const table = tableOf(this.#target.version.printer, [], {
        ...this.#tableOptions(representation.apiVersion),
        metadata,
      });
      const row = { cells: this.#target.version.printer.columns.map(() => null), object };
      this.#unsent.push(line('BOOKMARK', { ...table, rows: [row] }));
      return;
    }
    this.#unsent.push(line('BOOKMARK', object));
  }

  error(error: StatusError): void {
    this.#unsent.push(line('ERROR', error.status));
  }

  flush(): void {
    const { response } = this.#exchange;
    if (!this.#begun) {
      this.#begun = true;
      this.#exchange.begin(200, 'application/json');
      // HTTP/1.1 would keep the head back until the first event.
      response.flushHeaders?.();
    }
    const unsent = this.#unsent;
    this.#unsent = [];
    const [first] = unsent;
    if (first === undefined || response.destroyed || response.writableEnded) return;
    response.write(unsent.length === 1 ? first : Buffer.concat(unsent));
  }

  drained(): Promise<void> {
    return drained(this.#exchange);
  }

  end(): void {
    if (!this.#exchange.response.destroyed) this.#exchange.response.end();
  }

  #frame(type: string, entry: Entry): Buffer {
    const id = `${type} ${this.#apiVersion}`;
    const known = frames.get(entry);
    if (known?.id === id) return known.bytes;
    const bytes = Buffer.from(`{"type":"${type}","object":${inVersion(entry.json, this.#apiVersion)}}\n`);
    frames.delete(entry);
    frames.set(entry, { id, bytes });
    const [oldest] = frames.keys();
    if (frames.size > FRAMES_MAX && oldest !== undefined) frames.delete(oldest);
    return bytes;
  }

  #rendered(type: string, entry: Entry): Buffer {
    const representation = this.#representation;
    if (representation.as !== 'table') return line(type, partialMetadata(entry.json, 'meta.k8s.io/v1'));
    const object = objectOf(entry);
    object.apiVersion = this.#apiVersion;
    const options = {
      ...this.#tableOptions(representation.apiVersion),
      metadata: { resourceVersion: String(entry.revision) },
    };
    return line(type, tableOf(this.#target.version.printer, [object], options));
  }

  #tableOptions(apiVersion: string): ReturnType<typeof tableOptions> & { readonly withoutColumns: boolean } {
    const withoutColumns = this.#tableBegun;
    this.#tableBegun = true;
    return { ...tableOptions(this.#exchange, apiVersion, this.#now()), withoutColumns };
  }
}

function line(type: string, object: object): Buffer {
  return Buffer.from(`${JSON.stringify({ type, object })}\n`);
}
