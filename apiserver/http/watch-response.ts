import { apiVersionOf } from '@causeway/apis/meta/kind';
import { parseStored } from '../object.ts';
import { PROTOBUF_TYPE } from '../protobuf/decode.ts';
import { protobufEncoder } from '../protobuf/encode.ts';
import { objectAt } from '../schema/json.ts';
import type { StatusError } from '../status-error.ts';
import { type Entry, inVersion, objectOf } from '../storage/entry.ts';
import { tableOf } from '../table/table.ts';
import type { Target } from '../verbs/target.ts';
import { bookmarkObject, type WatchSink } from '../verbs/watch.ts';
import type { Exchange } from './exchange.ts';
import type { Representation } from './negotiation.ts';
import { drained, partialMetadata, representationFor, tableOptions } from './objects-response.ts';

/** A watch whose client leaves this much unread is ended; the client lists again. */
const UNREAD_BYTES_MAX = 64 * 1024 * 1024;

/** Events whose bytes are kept: those of the last few commits. */
const FRAMES_MAX = 256;

/** The bytes of recent events, by how they are shown: a thousand watches send the same ones. */
const frames = new Map<Entry, Map<string, Buffer>>();

/** Of these the one that was sent last, which nearly always is the next one too. */
let last: { readonly entry: Entry; readonly type: string; readonly form: string; readonly bytes: Buffer } | undefined;

/** Writes watch events as JSON lines, over HTTP/1.1 in chunks, over HTTP/2 in data frames. */
export class WatchResponse implements WatchSink {
  readonly connection: object;
  readonly #exchange: Exchange;
  readonly #target: Target;
  readonly #apiVersion: string;
  readonly #representation: Representation;
  readonly #now: () => Date;
  /** How objects are shown, of those that are shown whole. */
  readonly #form: string;
  #unsent: Buffer[] = [];
  #begun = false;
  #tableBegun = false;

  /** @throws StatusError 406 */
  constructor(exchange: Exchange, target: Target, now: () => Date) {
    this.#exchange = exchange;
    this.#target = target;
    this.#now = now;
    this.#apiVersion = apiVersionOf(target.version.names);
    this.#representation = representationFor(exchange, target);
    this.connection = exchange.request.stream?.session ?? exchange.request.socket;
    this.#form = `${this.#apiVersion} ${this.#representation.format}`;
  }

  get isOverfull(): boolean {
    return this.#exchange.response.writableLength > UNREAD_BYTES_MAX;
  }

  event(type: 'ADDED' | 'MODIFIED' | 'DELETED', entry: Entry): void {
    this.#unsent.push(this.#representation.as === 'object' ? this.#frame(type, entry) : this.#rendered(type, entry));
  }

  bookmark(revision: number, initialEventsEnd: boolean): void {
    const object = bookmarkObject(this.#target, revision, initialEventsEnd);
    const representation = this.#representation;
    switch (representation.as) {
      case 'object':
        this.#push('BOOKMARK', initialEventsEnd ? this.#withBlueprint(object) : object);
        return;
      case 'metadata':
        this.#push('BOOKMARK', { ...object, kind: 'PartialObjectMetadata', apiVersion: representation.apiVersion });
        return;
      case 'table': {
        const metadata = { resourceVersion: String(revision) };
        const table = tableOf(this.#target.version.printer, [], {
          ...this.#tableOptions(representation.apiVersion),
          metadata,
        });
        const row = { cells: this.#target.version.printer.columns.map(() => null), object };
        this.#push('BOOKMARK', { ...table, rows: [row] });
        return;
      }
    }
  }

  error(error: StatusError): void {
    this.#push('ERROR', error.status);
  }

  #push(type: string, object: object): void {
    this.#unsent.push(this.#event(type, object));
  }

  #event(type: string, object: object): Buffer {
    if (this.#representation.format !== 'protobuf') return Buffer.from(`${JSON.stringify({ type, object })}\n`);
    const encoder = protobufEncoder();
    return encoder.event(type, encoder.object(object));
  }

  flush(): void {
    const { response } = this.#exchange;
    if (!this.#begun) {
      this.#begun = true;
      const isProtobuf = this.#representation.format === 'protobuf';
      this.#exchange.begin(200, isProtobuf ? `${PROTOBUF_TYPE};stream=watch` : 'application/json');
      // HTTP/1.1 would keep the head back until the first event.
      response.flushHeaders?.();
    }
    const unsent = this.#unsent;
    this.#unsent = [];
    const [first] = unsent;
    if (first === undefined || response.destroyed || response.writableEnded) return;
    response.write(unsent.length === 1 ? first : Buffer.concat(unsent));
  }

  /** With a list that client-go begins to fill, as Kubernetes writes it. */
  #withBlueprint(object: ReturnType<typeof bookmarkObject>): object {
    const { resource } = this.#target;
    if (resource.origin === 'custom' || this.#representation.format !== 'json') return object;
    const list = { kind: resource.listKind, apiVersion: this.#apiVersion, metadata: {}, items: null };
    const blueprint = Buffer.from(`${JSON.stringify(list)}\n`).toString('base64');
    const metadata = objectAt(object, 'metadata') ?? {};
    const annotations = {
      ...objectAt(metadata, 'annotations'),
      'kubernetes.io/initial-events-list-blueprint': blueprint,
    };
    return { ...object, metadata: { ...metadata, annotations } };
  }

  drained(): Promise<void> {
    return drained(this.#exchange.response);
  }

  end(): void {
    if (!this.#exchange.response.destroyed) this.#exchange.response.end();
  }

  #frame(type: string, entry: Entry): Buffer {
    const form = this.#form;
    if (last === undefined || last.entry !== entry || last.type !== type || last.form !== form) {
      last = { entry, type, form, bytes: this.#framed(type, entry) };
    }
    return last.bytes;
  }

  #framed(type: string, entry: Entry): Buffer {
    const { format } = this.#representation;
    const id = `${type} ${this.#form}`;
    const forms = frames.get(entry) ?? new Map<string, Buffer>();
    const known = forms.get(id);
    if (known !== undefined) return known;
    const text = inVersion(entry.json, this.#apiVersion);
    const bytes =
      format === 'protobuf'
        ? this.#event(type, parseStored(text))
        : Buffer.from(`{"type":"${type}","object":${text}}\n`);
    forms.set(id, bytes);
    if (forms.size > 1) return bytes;
    frames.set(entry, forms);
    const [oldest] = frames.keys();
    if (frames.size > FRAMES_MAX && oldest !== undefined) frames.delete(oldest);
    return bytes;
  }

  #rendered(type: string, entry: Entry): Buffer {
    const representation = this.#representation;
    if (representation.as === 'object') return this.#frame(type, entry);
    const { apiVersion } = representation;
    if (representation.as === 'metadata') return this.#event(type, partialMetadata(entry.json, apiVersion));
    const object = objectOf(entry);
    object.apiVersion = this.#apiVersion;
    const options = { ...this.#tableOptions(apiVersion), metadata: { resourceVersion: String(entry.revision) } };
    return this.#event(type, tableOf(this.#target.version.printer, [object], options));
  }

  #tableOptions(apiVersion: string): ReturnType<typeof tableOptions> & { readonly withoutColumns: boolean } {
    const withoutColumns = this.#tableBegun;
    this.#tableBegun = true;
    return { ...tableOptions(this.#exchange, apiVersion, this.#now()), withoutColumns };
  }
}
