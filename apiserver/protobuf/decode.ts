import { definitionName } from '../schema/built-in.ts';
import type { JsonObject, JsonValue } from '../schema/json.ts';
import { FIELD_NUMBERS } from './field-numbers.ts';
import { bytesOf, fieldsOf, numberOf, ProtobufError, type WireField } from './reader.ts';

/*
 * Objects of built-in kinds in protobuf, which kubectl from 1.32 on and Go programs send: `k8s\0` and a runtime.Unknown with the type and
 * the object. The numbers of fields come from a table, their types from the definitions that OpenAPI uses too.
 *
 * Source: Kubernetes API concepts, "Kubernetes Protobuf encoding".
 */

type Definition = Readonly<Record<string, unknown>>;
export type Definitions = Readonly<Record<string, Definition>>;

export const PROTOBUF_TYPE = 'application/vnd.kubernetes.protobuf';

const MAGIC = Buffer.from('k8s\0', 'latin1');
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const REFERENCE = '#/definitions/';

/**
 * @param definitions of the built-in kinds, references unresolved
 * @throws ProtobufError when the body is no object of a kind that is known
 */
export function decodeObject(body: Buffer, definitions: Definitions): JsonObject {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC))
    throw new ProtobufError('the body does not start with the magic of Kubernetes');
  const envelope = body.subarray(MAGIC.length);
  const type = bytesOf(envelope, 1);
  const apiVersion = bytesOf(type, 1).toString();
  const kind = bytesOf(type, 2).toString();
  const name = nameOf(apiVersion, kind);
  if (definitions[name] === undefined || FIELD_NUMBERS[shortName(name)] === undefined) {
    throw new ProtobufError(`${kind} of ${apiVersion} is not known in protobuf`);
  }
  return { apiVersion, kind, ...new Decoder(definitions).message(bytesOf(envelope, 2), name) };
}

function nameOf(apiVersion: string, kind: string): string {
  if (kind === 'DeleteOptions' || kind === 'Status') return `${META}.${kind}`;
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  return definitionName({ group, version: apiVersion.slice(slash + 1), kind });
}

/** `io.k8s.api.core.v1.Pod` -> `core.v1.Pod` */
function shortName(name: string): string {
  return name.split('.').slice(-3).join('.');
}

class Decoder {
  readonly #definitions: Definitions;

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
  }

  message(bytes: Buffer, name: string): JsonObject {
    const properties = record(this.#definitions[name]?.['properties']);
    const required = this.#definitions[name]?.['required'];
    const object: JsonObject = {};
    this.#into(object, bytes, shortName(name), properties);
    for (const [key, value] of Object.entries(object)) {
      // A struct field of Go that was not set is on the wire all the same.
      if (value === '' && !(Array.isArray(required) && required.includes(key))) delete object[key];
    }
    return object;
  }

  #into(object: JsonObject, bytes: Buffer, message: string, properties: Definition): void {
    const fields = FIELD_NUMBERS[message]?.split(' ') ?? [];
    for (const wire of fieldsOf(bytes)) {
      const entry = fields[wire.field - 1];
      if (entry === undefined || entry === '-') continue; // younger than our table
      if (entry.startsWith('=')) {
        const inlined = `${message.slice(0, message.lastIndexOf('.'))}.${entry.slice(1)}`;
        if (wire.wire === 'bytes') this.#into(object, wire.value, inlined, properties);
        continue;
      }
      const optional = entry.endsWith('?');
      const key = optional ? entry.slice(0, -1) : entry;
      const value = this.#field(wire, record(properties[key]), object[key]);
      if (value !== undefined && (optional || (value !== 0 && value !== false))) object[key] = value;
    }
  }

  /** The value of a field; `present` is what earlier occurrences of a list or map have left. */
  #field(wire: WireField, schema: Definition, present: JsonValue | undefined): JsonValue | undefined {
    if (schema['type'] === 'array') {
      const list = Array.isArray(present) ? present : [];
      const value = this.#value(wire, record(schema['items']));
      if (value !== undefined) list.push(value);
      return list;
    }
    const values = record(schema['additionalProperties']);
    if (schema['type'] === 'object' && Object.keys(values).length > 0 && wire.wire === 'bytes') {
      return this.#entry(wire.value, values, present);
    }
    return this.#value(wire, schema);
  }

  /** A map is a list of entries: key in field 1, value in field 2. */
  #entry(bytes: Buffer, values: Definition, present: JsonValue | undefined): JsonObject {
    const map = typeof present === 'object' && present !== null && !Array.isArray(present) ? present : {};
    const key = bytesOf(bytes, 1).toString();
    map[key] = this.#value({ field: 2, wire: 'bytes', value: bytesOf(bytes, 2) }, values) ?? '';
    return map;
  }

  #value(wire: WireField, schema: Definition): JsonValue | undefined {
    if (wire.wire === 'varint') {
      return schema['type'] === 'boolean' ? wire.value !== 0n : Number(BigInt.asIntN(64, wire.value));
    }
    if (wire.wire === 'fixed64') return wire.value.readDoubleLE();
    if (wire.wire === 'fixed32') return wire.value.readFloatLE();
    const bytes = wire.value;
    if (schema['x-kubernetes-int-or-string'] === true) return intOrString(bytes);
    const reference = schema['$ref'];
    if (typeof reference === 'string') return this.#referenced(bytes, reference.slice(REFERENCE.length));
    if (schema['format'] === 'byte') return bytes.toString('base64');
    if (schema['type'] === 'string') return bytes.toString();
    return undefined;
  }

  #referenced(bytes: Buffer, name: string): JsonValue | undefined {
    switch (name) {
      case `${META}.Time`:
      case `${META}.MicroTime`:
        return timeText(numberOf(bytes, 1), numberOf(bytes, 2), name.endsWith('MicroTime'));
      case `${META}.FieldsV1`:
      case 'io.k8s.apimachinery.pkg.runtime.RawExtension':
        return jsonOf(bytesOf(bytes, 1));
      case QUANTITY:
        return bytesOf(bytes, 1).toString();
      default:
        return this.message(bytes, name);
    }
  }
}

/** type in field 1 (0: number), number in 2, text in 3 */
function intOrString(bytes: Buffer): JsonValue {
  return numberOf(bytes, 1) === 0 ? numberOf(bytes, 2) : bytesOf(bytes, 3).toString();
}

/** RFC 3339; undefined for Go's zero time. */
function timeText(seconds: number, nanoseconds: number, micro: boolean): string | undefined {
  if (seconds === 0 && nanoseconds === 0) return undefined;
  const text = new Date(seconds * 1000).toISOString().slice(0, 19);
  return micro ? `${text}.${String(Math.trunc(nanoseconds / 1000)).padStart(6, '0')}Z` : `${text}Z`;
}

function jsonOf(bytes: Buffer): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(bytes.toString());
    return value;
  } catch (error) {
    throw new ProtobufError('embedded JSON cannot be read', { cause: error });
  }
}

function record(value: unknown): Definition {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Definition) : {};
}
