import { ProtobufWriter } from '../openapi/protobuf-writer.ts';
import { builtInDefinitions, definitionName, OBJECT_META } from '../schema/built-in.ts';
import { isJsonObject, type JsonObject, type JsonValue, textAt } from '../schema/json.ts';
import type { Definitions } from './decode.ts';
import { FIELD_NUMBERS } from './field-numbers.ts';

/*
 * The other way of decode.ts: objects of built-in kinds as programs in Go like to read them. Fields that an object does not have are not
 * written; a program takes them for empty.
 *
 * Source: Kubernetes API concepts, "Kubernetes Protobuf encoding"; apimachinery pkg/runtime/serializer/protobuf.
 */

const MAGIC = Buffer.from('k8s\0', 'latin1');
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const RAW_EXTENSION = 'io.k8s.apimachinery.pkg.runtime.RawExtension';
const REFERENCE = '#/definitions/';

/** No kind of its own in OpenAPI: metadata in field 1. */
const PARTIAL = `${META}.PartialObjectMetadata`;

type Schema = Readonly<Record<string, unknown>>;

/** One field of a message; `inlined` is the message whose fields JSON has in its place. */
interface Field {
  readonly number: number;
  readonly key: string;
  readonly inlined: string | undefined;
}

const fieldsByMessage = new Map<string, readonly Field[]>();

/** @param message without the path in front: `core.v1.Pod` */
function fieldsOf(message: string): readonly Field[] {
  let fields = fieldsByMessage.get(message);
  if (fields === undefined) {
    const entries = FIELD_NUMBERS[message]?.split(' ') ?? [];
    fields = entries.flatMap((entry, index) => {
      if (entry === '-') return [];
      const inlined = entry.startsWith('=')
        ? `${message.slice(0, message.lastIndexOf('.'))}.${entry.slice(1)}`
        : undefined;
      return [{ number: index + 1, key: entry.replace(/\?$/, ''), inlined }];
    });
    fieldsByMessage.set(message, fields);
  }
  return fields;
}

/** Objects of built-in kinds, lists of them, and what answers are made of. */
export class ProtobufEncoder {
  readonly #definitions: Definitions;

  /** @param definitions of the built-in kinds, references unresolved */
  constructor(definitions: Definitions) {
    this.#definitions = definitions;
  }

  /** Whether objects of the kind have a protobuf form that we know. */
  knows(kind: { readonly group: string; readonly version: string; readonly kind: string }): boolean {
    const name = definitionName(kind);
    return this.#definitions[name] !== undefined && FIELD_NUMBERS[shortName(name)] !== undefined;
  }

  /** A whole object, with its type in front. Its kind must be known, or be one of meta/v1. */
  object(given: object): Buffer {
    // What is sent is JSON, whatever it is declared to be.
    const object = given as JsonObject;
    const apiVersion = textAt(object, 'apiVersion');
    const kind = textAt(object, 'kind');
    return enveloped(apiVersion, kind, this.#message(object, nameOf(apiVersion, kind)));
  }

  /** @param items made by {@link item} */
  list(
    head: { readonly apiVersion: string; readonly kind: string; readonly metadata: JsonObject },
    items: readonly Buffer[],
  ): Buffer {
    const writer = new ProtobufWriter();
    writer.bytes(1, this.#message(head.metadata, `${META}.ListMeta`));
    for (const item of items) writer.bytes(2, item);
    return enveloped(head.apiVersion, head.kind, writer.finish());
  }

  /** An element of a list: the type is said by the list. */
  item(object: JsonObject): Buffer {
    return this.#message(object, nameOf(textAt(object, 'apiVersion'), textAt(object, 'kind')));
  }

  /** An event of a watch, with its length in front. @param object made by {@link object} */
  event(type: string, object: Buffer): Buffer {
    const writer = new ProtobufWriter();
    writer.bytes(1, Buffer.from(type));
    const raw = new ProtobufWriter();
    raw.bytes(1, object);
    writer.bytes(2, raw.finish());
    const message = writer.finish();
    const length = Buffer.alloc(4);
    length.writeUInt32BE(message.length);
    return Buffer.concat([length, message]);
  }

  #message(object: JsonObject, name: string): Buffer {
    const writer = new ProtobufWriter();
    if (name === PARTIAL) {
      const { metadata } = object;
      if (isJsonObject(metadata)) writer.bytes(1, this.#message(metadata, OBJECT_META));
      return writer.finish();
    }
    this.#fields(writer, object, shortName(name), record(this.#definitions[name]?.['properties']));
    return writer.finish();
  }

  #fields(writer: ProtobufWriter, object: JsonObject, message: string, properties: Schema): void {
    for (const { number, key, inlined } of fieldsOf(message)) {
      if (inlined !== undefined) {
        const inner = new ProtobufWriter();
        this.#fields(inner, object, inlined, properties);
        writer.bytes(number, inner.finish());
        continue;
      }
      const value = object[key];
      if (value !== undefined && value !== null) this.#field(writer, number, value, record(properties[key]));
    }
  }

  #field(writer: ProtobufWriter, number: number, value: JsonValue, schema: Schema): void {
    if (Array.isArray(value)) {
      for (const each of value) this.#value(writer, number, each, record(schema['items']));
      return;
    }
    const values = record(schema['additionalProperties']);
    if (schema['type'] === 'object' && Object.keys(values).length > 0 && isJsonObject(value)) {
      for (const [key, each] of Object.entries(value)) {
        const entry = new ProtobufWriter();
        entry.bytes(1, Buffer.from(key));
        this.#mapValue(entry, each, values);
        writer.bytes(number, entry.finish());
      }
      return;
    }
    this.#value(writer, number, value, schema);
  }

  /** A map whose values are lists has messages with a list in field 1. */
  #mapValue(entry: ProtobufWriter, value: JsonValue, schema: Schema): void {
    if (!Array.isArray(value)) {
      this.#value(entry, 2, value, schema);
      return;
    }
    const list = new ProtobufWriter();
    for (const each of value) this.#value(list, 1, each, record(schema['items']));
    entry.bytes(2, list.finish());
  }

  #value(writer: ProtobufWriter, number: number, value: JsonValue, schema: Schema): void {
    if (schema['x-kubernetes-int-or-string'] === true) {
      writer.bytes(number, intOrString(value));
      return;
    }
    const reference = schema['$ref'];
    if (typeof reference === 'string') {
      const bytes = this.#referenced(value, reference.slice(REFERENCE.length));
      if (bytes !== undefined) writer.bytes(number, bytes);
      return;
    }
    if (typeof value === 'boolean') writer.varint(number, value ? 1 : 0);
    else if (typeof value === 'string') {
      writer.bytes(number, Buffer.from(value, schema['format'] === 'byte' ? 'base64' : 'utf8'));
    } else if (typeof value === 'number') {
      if (schema['type'] === 'number') writer.fixed64(number, value);
      else writer.varint(number, Math.trunc(value));
    }
  }

  #referenced(value: JsonValue, name: string): Buffer | undefined {
    switch (name) {
      case `${META}.Time`:
      case `${META}.MicroTime`:
        return typeof value === 'string' ? timeBytes(value) : undefined;
      case `${META}.FieldsV1`:
      case RAW_EXTENSION:
        return single(Buffer.from(JSON.stringify(value)));
      case QUANTITY:
        return single(Buffer.from(String(value)));
      default:
        return isJsonObject(value) ? this.#message(value, name) : undefined;
    }
  }
}

/** `k8s\0`, and a runtime.Unknown: type in field 1, object in 2, encoding and content type, which are empty, in 3 and 4. */
function enveloped(apiVersion: string, kind: string, object: Buffer): Buffer {
  const type = new ProtobufWriter();
  type.bytes(1, Buffer.from(apiVersion));
  type.bytes(2, Buffer.from(kind));
  const unknown = new ProtobufWriter();
  unknown.bytes(1, type.finish());
  unknown.bytes(2, object);
  unknown.bytes(3, NOTHING);
  unknown.bytes(4, NOTHING);
  return Buffer.concat([MAGIC, unknown.finish()]);
}

const NOTHING = Buffer.alloc(0);

function nameOf(apiVersion: string, kind: string): string {
  if (kind === 'Status') return `${META}.Status`;
  if (kind === 'PartialObjectMetadata') return PARTIAL;
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  return definitionName({ group, version: apiVersion.slice(slash + 1), kind });
}

function shortName(name: string): string {
  return name.split('.').slice(-3).join('.');
}

function single(bytes: Buffer): Buffer {
  const writer = new ProtobufWriter();
  writer.bytes(1, bytes);
  return writer.finish();
}

/** type in field 1 (0: number), number in 2, text in 3 */
function intOrString(value: JsonValue): Buffer {
  const writer = new ProtobufWriter();
  writer.varint(1, typeof value === 'number' ? 0 : 1);
  writer.varint(2, typeof value === 'number' ? value : 0);
  writer.bytes(3, Buffer.from(typeof value === 'string' ? value : ''));
  return writer.finish();
}

/** Seconds in field 1, nanoseconds in 2. */
function timeBytes(text: string): Buffer {
  const writer = new ProtobufWriter();
  writer.varint(1, Math.floor(Date.parse(text) / 1000));
  const fraction = /\.(\d{1,9})/.exec(text)?.[1] ?? '';
  writer.varint(2, Number(fraction.padEnd(9, '0')));
  return writer.finish();
}

function record(value: unknown): Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : {};
}

let builtIn: ProtobufEncoder | undefined;

/** The encoder of the built-in kinds. */
export function protobufEncoder(): ProtobufEncoder {
  builtIn ??= new ProtobufEncoder(builtInDefinitions());
  return builtIn;
}
