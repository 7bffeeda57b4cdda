import {
  CONCATENATION,
  global,
  member,
  type Overload,
  perElement,
  SEARCH,
  SHORTER,
  traversal,
} from '../declaration.ts';
import { asMap } from '../evaluate.ts';
import {
  compareNumbers,
  Duration,
  EvaluationError,
  equal,
  isNumeric,
  itemKey,
  ListValue,
  type MapValue,
  NONE,
  type Numeric,
  type ObjectValue,
  Optional,
  Timestamp,
  Uint,
  type Value,
} from '../value.ts';

/*
 * The operators and the functions that come with the language.
 *
 * Source: CEL language definition, "List of standard definitions".
 */

const INT_MIN = -(2n ** 63n);
const INT_MAX = 2n ** 63n - 1n;
const UINT_MAX = 2n ** 64n - 1n;

/** The seconds of the years 1 to 9999, which is what a timestamp may be. */
const TIME_MIN = -62_135_596_800n * 1_000_000_000n;
const TIME_MAX = 253_402_300_799_999_999_999n;

/** @throws EvaluationError */
export function checkedInt(value: bigint): bigint {
  if (value < INT_MIN || value > INT_MAX) throw new EvaluationError('integer overflow');
  return value;
}

/** @throws EvaluationError */
export function checkedUint(value: bigint): Uint {
  if (value < 0n || value > UINT_MAX) throw new EvaluationError('unsigned integer overflow');
  return new Uint(value);
}

/** @throws EvaluationError */
export function checkedTime(nanoseconds: bigint): Timestamp {
  if (nanoseconds < TIME_MIN || nanoseconds > TIME_MAX) throw new EvaluationError('timestamp overflow');
  return new Timestamp(nanoseconds);
}

/** @throws EvaluationError */
export function checkedDuration(nanoseconds: bigint): Duration {
  if (nanoseconds < INT_MIN || nanoseconds > INT_MAX) throw new EvaluationError('duration overflow');
  return new Duration(nanoseconds);
}

function notZero(value: bigint, word: 'division' | 'modulus'): bigint {
  if (value === 0n) throw new EvaluationError(`${word} by zero`);
  return value;
}

const ARITHMETIC: readonly Overload[] = [
  global('_+_', 'int, int -> int', (a: bigint, b: bigint) => checkedInt(a + b)),
  global('_+_', 'uint, uint -> uint', (a: Uint, b: Uint) => checkedUint(a.value + b.value)),
  global('_+_', 'double, double -> double', (a: number, b: number) => a + b),
  global('_+_', 'string, string -> string', (a: string, b: string) => a + b, CONCATENATION),
  global('_+_', 'bytes, bytes -> bytes', (a: Uint8Array, b: Uint8Array) => new Uint8Array([...a, ...b]), CONCATENATION),
  global('_+_', 'list(A), list(A) -> list(A)', joinLists, CONCATENATION),
  global('_+_', 'duration, duration -> duration', (a: Duration, b: Duration) =>
    checkedDuration(a.nanoseconds + b.nanoseconds),
  ),
  global('_+_', 'duration, timestamp -> timestamp', (a: Duration, b: Timestamp) =>
    checkedTime(a.nanoseconds + b.nanoseconds),
  ),
  global('_+_', 'timestamp, duration -> timestamp', (a: Timestamp, b: Duration) =>
    checkedTime(a.nanoseconds + b.nanoseconds),
  ),
  global('_-_', 'int, int -> int', (a: bigint, b: bigint) => checkedInt(a - b)),
  global('_-_', 'uint, uint -> uint', (a: Uint, b: Uint) => checkedUint(a.value - b.value)),
  global('_-_', 'double, double -> double', (a: number, b: number) => a - b),
  global('_-_', 'duration, duration -> duration', (a: Duration, b: Duration) =>
    checkedDuration(a.nanoseconds - b.nanoseconds),
  ),
  global('_-_', 'timestamp, duration -> timestamp', (a: Timestamp, b: Duration) =>
    checkedTime(a.nanoseconds - b.nanoseconds),
  ),
  global('_-_', 'timestamp, timestamp -> duration', (a: Timestamp, b: Timestamp) =>
    checkedDuration(a.nanoseconds - b.nanoseconds),
  ),
  global('_*_', 'int, int -> int', (a: bigint, b: bigint) => checkedInt(a * b)),
  global('_*_', 'uint, uint -> uint', (a: Uint, b: Uint) => checkedUint(a.value * b.value)),
  global('_*_', 'double, double -> double', (a: number, b: number) => a * b),
  global('_/_', 'int, int -> int', (a: bigint, b: bigint) => checkedInt(a / notZero(b, 'division'))),
  global('_/_', 'uint, uint -> uint', (a: Uint, b: Uint) => checkedUint(a.value / notZero(b.value, 'division'))),
  global('_/_', 'double, double -> double', (a: number, b: number) => a / b),
  global('_%_', 'int, int -> int', (a: bigint, b: bigint) => a % notZero(b, 'modulus')),
  global('_%_', 'uint, uint -> uint', (a: Uint, b: Uint) => new Uint(a.value % notZero(b.value, 'modulus'))),
  global('-_', 'int -> int', (a: bigint) => checkedInt(-a)),
  global('-_', 'double -> double', (a: number) => -a),
  global('!_', 'bool -> bool', (a: boolean) => !a),
];

/** Items keep their places; in sets and maps, what the right side has too is not appended but replaced. */
function joinLists(a: ListValue, b: ListValue): ListValue {
  const { type } = a;
  if (type?.listType === undefined) return new ListValue([...a.items, ...b.items], type);
  const key = itemKey(type);
  const joined = new Map(a.items.map((item) => [key(item), item]));
  for (const item of b.items) joined.set(key(item), item);
  return new ListValue([...joined.values()], type);
}

const ORDERED = ['bool', 'int', 'uint', 'double', 'string', 'bytes', 'timestamp', 'duration'];
const MIXED = ['int, double', 'int, uint', 'uint, double', 'uint, int', 'double, int', 'double, uint'];

function comparisons(name: string, holds: (order: number) => boolean): Overload[] {
  const run = (a: Value, b: Value): boolean => holds(compare(a, b));
  return [
    ...ORDERED.map((type) =>
      global(name, `${type}, ${type} -> bool`, run, type === 'string' || type === 'bytes' ? SHORTER : undefined),
    ),
    ...MIXED.map((types) => global(name, `${types} -> bool`, run)),
  ];
}

/** Negative, 0 or positive; NaN when there is no order. @throws EvaluationError for types without order */
export function compare(a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') return a === b ? 0 : compareCodePoints(a, b);
  if (isNumeric(a) && isNumeric(b)) return compareNumbers(a, b);
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  if ((a instanceof Timestamp && b instanceof Timestamp) || (a instanceof Duration && b instanceof Duration)) {
    return compareNumbers(a.nanoseconds, b.nanoseconds);
  }
  throw new EvaluationError('no such overload');
}

/** Go compares the bytes of UTF-8, whose order is that of code points; JavaScript compares UTF-16. */
function compareCodePoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

const CONTAINERS: readonly Overload[] = [
  global('_==_', 'A, A -> bool', (a: Value, b: Value) => equal(a, b), SHORTER),
  global('_!=_', 'A, A -> bool', (a: Value, b: Value) => !equal(a, b), SHORTER),
  global(
    '@in',
    'A, list(A) -> bool',
    (a: Value, list: ListValue) => list.items.some((item) => equal(item, a)),
    perElement(1),
  ),
  global('@in', 'A, map(A, B) -> bool', (a: Value, map: MapValue | ObjectValue) => keyed(map, a) !== undefined),
  global('_[_]', 'list(A), int -> A', (list: ListValue, index: bigint) => itemAt(list, index)),
  global('_[_]', 'list(A), uint -> A', (list: ListValue, index: Uint) => itemAt(list, index.value)),
  global('_[_]', 'map(A, B), A -> B', (map: MapValue | ObjectValue, key: Value) => {
    const value = keyed(map, key);
    if (value === undefined) throw new EvaluationError(`no such key: ${keyText(key)}`);
    return value;
  }),
  global('_[_]', 'optional(list(V)), int -> optional(V)', optionalAt),
  global('_[_]', 'optional(map(K, V)), K -> optional(V)', optionalAt),
  global('_[?_]', 'list(V), int -> optional(V)', optionalAt),
  global('_[?_]', 'map(K, V), K -> optional(V)', optionalAt),
  global('_[?_]', 'optional(list(V)), int -> optional(V)', optionalAt),
  global('_[?_]', 'optional(map(K, V)), K -> optional(V)', optionalAt),
  ...['string', 'bytes', 'list(A)', 'map(A, B)'].flatMap((type) => [
    global('size', `${type} -> int`, size),
    member('size', `${type} -> int`, size),
  ]),
  member('contains', 'string, string -> bool', (a: string, b: string) => a.includes(b), SEARCH),
  member('startsWith', 'string, string -> bool', (a: string, b: string) => a.startsWith(b), traversal()),
  member('endsWith', 'string, string -> bool', (a: string, b: string) => a.endsWith(b), traversal()),
];

function keyed(map: MapValue | ObjectValue, key: Value): Value | undefined {
  return asMap(map)?.get(key);
}

function keyText(key: Value): string {
  return isNumeric(key) ? String(key instanceof Uint ? key.value : key) : String(key);
}

function itemAt(list: ListValue, index: bigint): Value {
  const item = index < 0n ? undefined : list.items[Number(index)];
  if (item === undefined) throw new EvaluationError(`index out of bounds: ${index}`);
  return item;
}

function optionalAt(container: Value, key: Value): Optional {
  if (container instanceof Optional) return container.value === undefined ? NONE : optionalAt(container.value, key);
  if (container instanceof ListValue) {
    const index = isNumeric(key) ? toIndex(key) : -1;
    const item = index < 0 ? undefined : container.items[index];
    return item === undefined ? NONE : new Optional(item);
  }
  const value = asMap(container)?.get(key);
  return value === undefined ? NONE : new Optional(value);
}

function toIndex(key: Numeric): number {
  return Number(key instanceof Uint ? key.value : key);
}

function size(value: Value): bigint {
  if (typeof value === 'string') return BigInt(value.length < 1 ? 0 : codePoints(value));
  if (value instanceof ListValue) return BigInt(value.items.length);
  if (value instanceof Uint8Array) return BigInt(value.length);
  return BigInt(asMap(value)?.size ?? 0);
}

function codePoints(text: string): number {
  let count = 0;
  for (const _each of text) count++;
  return count;
}

/** `&&`, `||` and `?:` are run by the evaluator, which does not look at both sides; these are their types. */
const LOGIC: readonly Overload[] = [
  global('_&&_', 'bool, bool -> bool', (a: boolean, b: boolean) => a && b),
  global('_||_', 'bool, bool -> bool', (a: boolean, b: boolean) => a || b),
  global('_?_:_', 'bool, A, A -> A', (condition: boolean, yes: Value, no: Value) => (condition ? yes : no)),
];

export const OPERATORS: readonly Overload[] = [
  ...ARITHMETIC,
  ...comparisons('_<_', (order) => order < 0),
  ...comparisons('_<=_', (order) => order <= 0),
  ...comparisons('_>_', (order) => order > 0),
  ...comparisons('_>=_', (order) => order >= 0),
  ...CONTAINERS,
  ...LOGIC,
];
