import { global, type Overload, traversal } from '../declaration.ts';
import {
  type Duration,
  EvaluationError,
  NUMBER_LENGTH_MAX,
  parseDuration,
  parseTimestamp,
  type Timestamp,
  TypeValue,
  typeName,
  Uint,
  type Value,
} from '../value.ts';
import { checkedInt, checkedTime, checkedUint } from './operators.ts';

/*
 * `int()`, `string()` and so on.
 *
 * Source: CEL language definition, "Type conversions".
 */

const SECOND = 1_000_000_000n;

function integer(value: number): bigint {
  if (!Number.isFinite(value) || Math.abs(value) >= 2 ** 63) throw new EvaluationError('integer overflow');
  return BigInt(Math.trunc(value));
}

function parsed<T>(text: string, type: string, parse: (text: string) => T | undefined): T {
  const value = parse(text);
  if (value === undefined) throw new EvaluationError(`type conversion error from 'string' to '${type}'`);
  return value;
}

function isWhole(text: string): boolean {
  return text.length <= NUMBER_LENGTH_MAX && /^[-+]?\d+$/.test(text);
}

/** @throws EvaluationError */
function intOf(text: string): bigint {
  return parsed(text, 'int', (each) => {
    const value = isWhole(each) ? BigInt(each.replace(/^\+/, '')) : undefined;
    return value !== undefined && BigInt.asIntN(64, value) === value ? value : undefined;
  });
}

function doubleOf(text: string): number {
  return parsed(text, 'double', (each) => {
    if (/^[-+]?(inf|infinity)$/i.test(each)) return each.startsWith('-') ? -Infinity : Infinity;
    if (/^[-+]?nan$/i.test(each)) return Number.NaN;
    return /^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$/.test(each) ? Number(each) : undefined;
  });
}

const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

function boolOf(text: string): boolean {
  return parsed(text, 'bool', (each) => (TRUE.has(each) ? true : FALSE.has(each) ? false : undefined));
}

/** As Go prints a float64 with `%g` and the shortest digits that mean it. */
export function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const exponent = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  if (exponent >= -4 && exponent < 6) return Object.is(value, -0) ? '-0' : String(value);
  return value.toExponential().replace(/e([-+])(\d)$/, 'e$10$2');
}

export function durationText({ nanoseconds }: Duration): string {
  const sign = nanoseconds < 0n ? '-' : '';
  const absolute = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  return `${sign}${absolute / SECOND}${fractionText(absolute % SECOND)}s`;
}

export function timestampText({ nanoseconds }: Timestamp): string {
  let seconds = nanoseconds / SECOND;
  let rest = nanoseconds % SECOND;
  if (rest < 0n) {
    rest += SECOND;
    seconds -= 1n;
  }
  const date = new Date(Number(seconds) * 1000);
  return `${date.toISOString().slice(0, 19)}${fractionText(rest)}Z`;
}

function fractionText(nanoseconds: bigint): string {
  return nanoseconds === 0n ? '' : `.${String(nanoseconds).padStart(9, '0').replace(/0+$/, '')}`;
}

function bytesText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new EvaluationError('invalid UTF-8 in bytes, cannot convert to string', { cause });
  }
}

function same(value: Value): Value {
  return value;
}

export const CONVERSIONS: readonly Overload[] = [
  global('type', 'A -> type(A)', (value: Value) => new TypeValue(typeName(value))),
  global('dyn', 'A -> dyn', same),
  global('bool', 'bool -> bool', same),
  global('bool', 'string -> bool', boolOf),
  global('bytes', 'bytes -> bytes', same),
  global('bytes', 'string -> bytes', (text: string) => new TextEncoder().encode(text), traversal()),
  global('double', 'double -> double', same),
  global('double', 'int -> double', (value: bigint) => Number(value)),
  global('double', 'uint -> double', (value: Uint) => Number(value.value)),
  global('double', 'string -> double', doubleOf),
  global('int', 'int -> int', same),
  global('int', 'double -> int', integer),
  global('int', 'uint -> int', (value: Uint) => checkedInt(value.value)),
  global('int', 'string -> int', intOf),
  global('int', 'timestamp -> int', (value: Timestamp) => {
    const seconds = value.nanoseconds / SECOND;
    return value.nanoseconds < 0n && value.nanoseconds % SECOND !== 0n ? seconds - 1n : seconds;
  }),
  global('int', 'duration -> int', (value: Duration) => value.nanoseconds),
  global('uint', 'uint -> uint', same),
  global('uint', 'int -> uint', checkedUint),
  global('uint', 'double -> uint', (value: number) => {
    if (!(value >= 0 && value < 2 ** 64)) throw new EvaluationError('unsigned integer overflow');
    return new Uint(BigInt(Math.trunc(value)));
  }),
  global('uint', 'string -> uint', (text: string) =>
    parsed(text, 'uint', (each) => (isWhole(each) && /^\d/.test(each) ? checkedUint(BigInt(each)) : undefined)),
  ),
  global('string', 'string -> string', same),
  global('string', 'bool -> string', String),
  global('string', 'int -> string', String),
  global('string', 'uint -> string', (value: Uint) => String(value.value)),
  global('string', 'double -> string', doubleText),
  global('string', 'bytes -> string', bytesText, traversal()),
  global('string', 'timestamp -> string', timestampText),
  global('string', 'duration -> string', durationText),
  global('timestamp', 'timestamp -> timestamp', same),
  global('timestamp', 'int -> timestamp', (seconds: bigint) => checkedTime(seconds * SECOND)),
  global('timestamp', 'string -> timestamp', (text: string) =>
    parsed(text, 'google.protobuf.Timestamp', (each) => (each.length > 10 ? parseTimestamp(each) : undefined)),
  ),
  global('duration', 'duration -> duration', same),
  global('duration', 'string -> duration', (text: string) => parsed(text, 'google.protobuf.Duration', parseDuration)),
];
