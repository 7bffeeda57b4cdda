import { isJsonObject, type JsonObject, type JsonValue, jsonEqual } from '../schema/json.ts';
import type { Type } from './type.ts';

/**
 * What an expression computes with. int is a bigint, double a number; everything else that JavaScript has no type for is a
 * class here or in `library/`.
 */
export type Value =
  | boolean
  | bigint
  | number
  | string
  | null
  | Uint8Array
  | Uint
  | Timestamp
  | Duration
  | ListValue
  | MapValue
  | ObjectValue
  | Optional
  | TypeValue
  | Opaque;

/** An evaluation that came to no result. `||` and `&&` do without it when the other side decides. */
export class EvaluationError extends Error {
  override readonly name: string = 'EvaluationError';
}

export class Uint {
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }
}

/** Nanoseconds since 1970. */
export class Timestamp {
  readonly nanoseconds: bigint;

  constructor(nanoseconds: bigint) {
    this.nanoseconds = nanoseconds;
  }
}

export class Duration {
  readonly nanoseconds: bigint;

  constructor(nanoseconds: bigint) {
    this.nanoseconds = nanoseconds;
  }
}

export class TypeValue {
  readonly type: string;

  constructor(type: string) {
    this.type = type;
  }
}

export class Optional {
  /** Absent in `optional.none()`. */
  readonly value: Value | undefined;

  constructor(value: Value | undefined) {
    this.value = value;
  }
}

export const NONE = new Optional(undefined);

/** A value of one of Kubernetes' own types: URL, quantity, address and so on. */
export abstract class Opaque {
  abstract readonly typeName: string;
  abstract equals(other: Opaque): boolean;
}

/**
 * A list. Lists of type `set` and `map` in a schema compare without order, and `+` joins them by value or key.
 *
 * Source: Kubernetes, "Validation rules: type checking".
 */
export class ListValue {
  readonly items: readonly Value[];
  readonly type: Extract<Type, { kind: 'list' }> | undefined;

  constructor(items: readonly Value[], type?: Extract<Type, { kind: 'list' }>) {
    this.items = items;
    this.type = type;
  }
}

/** A map. Keys that are equal numbers are one key, whatever their types. */
export class MapValue {
  readonly #entries: ReadonlyMap<string | bigint | boolean | number, readonly [Value, Value]>;

  /** @param unique a key that is there twice is an error; otherwise the last one counts */
  constructor(entries: Iterable<readonly [Value, Value]>, unique = false) {
    const map = new Map<string | bigint | boolean | number, readonly [Value, Value]>();
    for (const entry of entries) {
      const key = keyOf(entry[0]);
      if (key === undefined) throw new EvaluationError(`unsupported key type: ${typeName(entry[0])}`);
      if (unique && map.has(key)) throw new EvaluationError(`insert failed: key ${key} already exists`);
      map.set(key, entry);
    }
    this.#entries = map;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Value): Value | undefined {
    const plain = keyOf(key);
    return plain === undefined ? undefined : this.#entries.get(plain)?.[1];
  }

  keys(): Value[] {
    return [...this.#entries.values()].map(([key]) => key);
  }

  entries(): Iterable<readonly [Value, Value]> {
    return this.#entries.values();
  }
}

function keyOf(key: Value): string | bigint | boolean | number | undefined {
  if (typeof key === 'string' || typeof key === 'bigint' || typeof key === 'boolean') return key;
  if (key instanceof Uint) return key.value;
  if (typeof key === 'number') return Number.isInteger(key) ? BigInt(key) : key;
  return undefined;
}

/** An object with the properties of a schema. Its fields become values when they are asked for. */
export class ObjectValue {
  readonly json: JsonObject;
  readonly type: Extract<Type, { kind: 'object' }>;
  readonly #fields = new Map<string, Value>();

  constructor(json: JsonObject, type: Extract<Type, { kind: 'object' }>) {
    this.json = json;
    this.type = type;
  }

  /** @param name as it is in expressions, escaped; null counts as absent */
  get(name: string): Value | undefined {
    const known = this.#fields.get(name);
    if (known !== undefined) return known;
    const field = this.type.fields.get(name);
    if (field === undefined || !Object.hasOwn(this.json, field.name)) return undefined;
    const json = this.json[field.name];
    if (json === undefined || json === null) return undefined;
    const value = valueFrom(json, field.type);
    this.#fields.set(name, value);
    return value;
  }
}

/** What `json` is to expressions, when the schema says that it is of `type`. */
export function valueFrom(json: JsonValue, type: Type): Value {
  if (json === null) return null;
  switch (type.kind) {
    case 'object':
      if (isJsonObject(json)) return new ObjectValue(json, type);
      throw invalidData('expected a map for the provided schema with type=object');
    case 'map': {
      if (!isJsonObject(json)) throw invalidData('expected a map for the provided schema with type=object');
      return new MapValue(Object.entries(json).map(([key, value]) => [key, valueFrom(value, type.value)] as const));
    }
    case 'list':
      if (!Array.isArray(json)) throw invalidData('expected an array for the provided schema with type=array');
      return new ListValue(
        json.map((each) => valueFrom(each, type.element)),
        type,
      );
    case 'int':
      if (typeof json === 'number' && Number.isInteger(json)) return BigInt(json);
      throw invalidData('expected int');
    case 'double':
      if (typeof json === 'number') return json;
      throw invalidData('expected float');
    case 'bool':
      if (typeof json === 'boolean') return json;
      throw invalidData('expected bool');
    case 'string':
      if (typeof json === 'string') return json;
      throw invalidData('expected string');
    case 'bytes':
    case 'timestamp':
    case 'duration':
      if (typeof json === 'string') return textValueOf(json, type.kind);
      throw invalidData('expected string');
    default:
      return plainValueOf(json);
  }
}

function textValueOf(text: string, kind: 'bytes' | 'timestamp' | 'duration'): Value {
  if (kind === 'bytes') return new Uint8Array(Buffer.from(text, 'base64'));
  if (kind === 'timestamp') {
    const time = parseTimestamp(text);
    if (time === undefined) throw new EvaluationError(`Invalid date-time formatted string ${text}`);
    return time;
  }
  const duration = parseDuration(text);
  if (duration === undefined) throw new EvaluationError(`Invalid duration ${text}`);
  return duration;
}

/** A value whose type is only known now: int-or-string. */
function plainValueOf(json: JsonValue): Value {
  if (typeof json === 'number') return Number.isInteger(json) ? BigInt(json) : json;
  if (Array.isArray(json)) return new ListValue(json.map(plainValueOf));
  if (isJsonObject(json)) {
    return new MapValue(Object.entries(json).map(([key, value]) => [key, plainValueOf(value)] as const));
  }
  return json;
}

function invalidData(expected: string): EvaluationError {
  return new EvaluationError(`invalid data, ${expected}`);
}

/** The name that `type()` and errors use. */
export function typeName(value: Value): string {
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'double';
    case 'string':
      return 'string';
    default:
      break;
  }
  if (value === null) return 'null_type';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof Uint) return 'uint';
  if (value instanceof Timestamp) return 'google.protobuf.Timestamp';
  if (value instanceof Duration) return 'google.protobuf.Duration';
  if (value instanceof ListValue) return 'list';
  if (value instanceof Optional) return 'optional_type';
  if (value instanceof TypeValue) return 'type';
  if (value instanceof Opaque) return value.typeName;
  return 'map';
}

/**
 * `==`; values of different types are unequal, numbers are compared as numbers.
 *
 * @param spend is told how much work it is, in units of cost, before it is done
 */
export function equal(a: Value, b: Value, spend: Spend = free): boolean {
  spend(1);
  return partsEqual(a, b, spend === free ? free : () => spend(PART_COST));
}

/** @param spend is called for each part that is compared */
function partsEqual(a: Value, b: Value, spend: Spend): boolean {
  spend(PART_COST);
  if (a === b) return true;
  if (typeof a === 'string' || typeof b === 'string') return false;
  if (isNumeric(a) && isNumeric(b)) return compareNumbers(a, b) === 0;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof ListValue) return b instanceof ListValue && listsEqual(a, b, spend);
  if (a instanceof MapValue) return b instanceof MapValue && mapsEqual(a, b, spend);
  if (a instanceof ObjectValue) return b instanceof ObjectValue && objectsEqual(a, b, spend);
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (a instanceof Timestamp) return b instanceof Timestamp && a.nanoseconds === b.nanoseconds;
  if (a instanceof Duration) return b instanceof Duration && a.nanoseconds === b.nanoseconds;
  if (a instanceof TypeValue) return b instanceof TypeValue && a.type === b.type;
  if (a instanceof Opaque) return b instanceof Opaque && a.typeName === b.typeName && a.equals(b);
  if (!(a instanceof Optional) || !(b instanceof Optional)) return false;
  if (a.value === undefined || b.value === undefined) return a.value === b.value;
  return partsEqual(a.value, b.value, spend);
}

type Spend = (units: number) => void;

function free(): void {}

/** What each part of two values that are compared costs. */
const PART_COST = 0.1;

function listsEqual(a: ListValue, b: ListValue, spend: Spend): boolean {
  if (a.items.length !== b.items.length) return false;
  const listType = a.type?.listType;
  if (listType === undefined || a.type === undefined) {
    return a.items.every((item, index) => partsEqual(item, b.items[index] ?? null, spend));
  }
  const keyOfItem = itemKey(a.type);
  const items = new Map(a.items.map((item) => [keyOfItem(item), item]));
  return b.items.every((item) => {
    const own = items.get(keyOfItem(item));
    return own !== undefined && partsEqual(own, item, spend);
  });
}

/** What identifies an item of a list of type set or map, as a text. */
export function itemKey(type: Extract<Type, { kind: 'list' }>): (item: Value) => string {
  if (type.listType !== 'map') return plainKey;
  return (item) => {
    if (!(item instanceof ObjectValue)) return plainKey(item);
    return JSON.stringify(type.mapKeys.map((key) => item.json[key] ?? null));
  };
}

function plainKey(item: Value): string {
  if (item instanceof ObjectValue) return JSON.stringify(item.json);
  if (item instanceof Uint8Array) return `bytes ${Buffer.from(item).toString('hex')}`;
  if (item instanceof Timestamp || item instanceof Duration) return `${typeName(item)} ${item.nanoseconds}`;
  if (item instanceof Uint) return `int ${item.value}`;
  return isNumeric(item) ? `int ${item}` : `${typeName(item)} ${String(item)}`;
}

function mapsEqual(a: MapValue, b: MapValue, spend: Spend): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a.entries()) {
    const other = b.get(key);
    if (other === undefined || !partsEqual(value, other, spend)) return false;
  }
  return true;
}

function objectsEqual(a: ObjectValue, b: ObjectValue, spend: Spend): boolean {
  const names = Object.keys(a.json);
  if (names.length !== Object.keys(b.json).length) return false;
  const escaped = a.type.escapedNames;
  return names.every((name) => {
    if (!Object.hasOwn(b.json, name)) return false;
    const field = escaped.get(name);
    if (field === undefined) return jsonEqual(a.json[name], b.json[name]);
    const value = a.get(field);
    const other = b.get(field);
    return value === undefined || other === undefined ? value === other : partsEqual(value, other, spend);
  });
}

export type Numeric = bigint | number | Uint;

export function isNumeric(value: Value): value is Numeric {
  return typeof value === 'bigint' || typeof value === 'number' || value instanceof Uint;
}

/** Negative, 0 or positive; NaN when one of them is. JavaScript compares bigint and number exactly. */
export function compareNumbers(a: Numeric, b: Numeric): number {
  const left = a instanceof Uint ? a.value : a;
  const right = b instanceof Uint ? b.value : b;
  if (left < right) return -1;
  if (left > right) return 1;
  return Number.isNaN(left) || Number.isNaN(right) ? Number.NaN : 0;
}

const NANOSECONDS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 6e10,
  h: 3.6e12,
};
const INT_MAX = 2n ** 63n - 1n;

/** Longer texts are no numbers: nobody means them, and big integers of them take long. */
export const NUMBER_LENGTH_MAX = 400;

/** A duration as Go writes it, `1h30m`, `-1.5s`, `0`; undefined when it is none, or longer than an int of nanoseconds. */
export function parseDuration(text: string): Duration | undefined {
  if (text.length > NUMBER_LENGTH_MAX) return undefined;
  const match = /^([-+]?)((?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+|0)$/.exec(text);
  if (match === null) return undefined;
  let sum = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of text.matchAll(/(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/g)) {
    const scale = BigInt(NANOSECONDS[unit] ?? 0);
    sum += BigInt(whole === '' ? '0' : whole) * scale;
    if (fraction !== '') sum += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length);
  }
  if (sum > INT_MAX) return undefined;
  return new Duration(match[1] === '-' ? -sum : sum);
}

const TIME = /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?([Zz]|[-+]\d{2}:?\d{2}))?$/;

/** RFC 3339, or a date alone, which is its midnight in UTC. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = match;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  date.setUTCHours(Number(hour), Number(minute), Number(second));
  const offset = /^([-+])(\d{2}):?(\d{2})$/.exec(zone);
  const minutes = offset === null ? 0 : (Number(offset[2]) * 60 + Number(offset[3])) * (offset[1] === '-' ? -1 : 1);
  const nanoseconds = BigInt(fraction.slice(0, 9).padEnd(9, '0'));
  return new Timestamp(BigInt(date.getTime() - minutes * 60_000) * 1_000_000n + nanoseconds);
}
