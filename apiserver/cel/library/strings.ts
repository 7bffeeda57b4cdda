import { type CallCost, member, type Overload, RESULT_TWICE, traversal } from '../declaration.ts';
import { asMap } from '../evaluate.ts';
import {
  Duration,
  EvaluationError,
  isNumeric,
  ListValue,
  Timestamp,
  TypeValue,
  typeName,
  Uint,
  type Value,
} from '../value.ts';
import { doubleText, durationText, timestampText } from './conversions.ts';

/*
 * cel-go's extension for strings, in the version that Kubernetes has. Positions are in code points.
 *
 * Source: cel-go ext, Strings (version 2).
 */

/** No text may become larger: a few functions make a large one of two small ones. */
const LENGTH_MAX = 16 * 2 ** 20;

function outOfRange(index: bigint): EvaluationError {
  return new EvaluationError(`index out of range: ${index}`);
}

function charAt(text: string, index: bigint): string {
  const characters = [...text];
  if (index < 0n || index > BigInt(characters.length)) throw outOfRange(index);
  return characters[Number(index)] ?? '';
}

function indexOf(text: string, part: string, offset = 0n): bigint {
  if (part === '') return offset;
  if (offset < 0n) throw outOfRange(offset);
  const characters = [...text];
  if (offset >= BigInt(characters.length)) return -1n;
  const skipped = characters.slice(0, Number(offset)).join('').length;
  const found = text.indexOf(part, skipped);
  return found === -1 ? -1n : BigInt([...text.slice(0, found)].length);
}

function lastIndexOf(text: string, part: string, offset?: bigint): bigint {
  const characters = [...text];
  if (part === '') return offset ?? BigInt(characters.length);
  const last = offset ?? BigInt(characters.length - 1);
  if (last < 0n) {
    if (offset === undefined) return -1n;
    throw outOfRange(last);
  }
  if (last >= BigInt(characters.length)) return -1n;
  const from = characters.slice(0, Number(last)).join('').length;
  const found = text.lastIndexOf(part, from);
  return found === -1 ? -1n : BigInt([...text.slice(0, found)].length);
}

function substring(text: string, start: bigint, end?: bigint): string {
  const characters = [...text];
  const size = BigInt(characters.length);
  if (end !== undefined && start > end) {
    throw new EvaluationError(`invalid substring range. start: ${start}, end: ${end}`);
  }
  if (start < 0n || start > size) throw outOfRange(start);
  if (end !== undefined && (end < 0n || end > size)) throw outOfRange(end);
  return characters.slice(Number(start), end === undefined ? undefined : Number(end)).join('');
}

function replace(text: string, part: string, by: string, limit = -1n): string {
  const pieces = piecesAround(text, part, limit);
  const length = text.length + (pieces.length - 1) * Math.max(0, by.length - part.length);
  if (length > LENGTH_MAX) throw new EvaluationError('the text becomes too large');
  return pieces.join(by);
}

/** What is between the first `limit` occurrences of `part`; an empty part is before every character and at the end. */
function piecesAround(text: string, part: string, limit: bigint): string[] {
  const count = limit < 0n ? Number.MAX_SAFE_INTEGER : Number(limit);
  if (count === 0) return [text];
  if (part === '') {
    const characters = [...text];
    const before = ['', ...characters.slice(0, Math.max(0, count - 1))];
    const rest = characters.slice(count - 1).join('');
    return count > characters.length ? ['', ...characters, ''].slice(0, count + 1) : [...before, rest];
  }
  const pieces: string[] = [];
  let from = 0;
  while (pieces.length < count) {
    const found = text.indexOf(part, from);
    if (found === -1) break;
    pieces.push(text.slice(from, found));
    from = found + part.length;
  }
  pieces.push(text.slice(from));
  return pieces;
}

function split(text: string, separator: string, limit = -1n): ListValue {
  if (limit === 0n) return new ListValue([]);
  if (separator === '') {
    const characters = [...text];
    if (limit < 0n || limit >= BigInt(characters.length)) return new ListValue(characters);
    const first = characters.slice(0, Number(limit) - 1);
    return new ListValue([...first, characters.slice(first.length).join('')]);
  }
  return new ListValue(piecesAround(text, separator, limit < 0n ? limit : limit - 1n));
}

function join({ items }: ListValue, separator = ''): string {
  const texts = items.map((item) => {
    if (typeof item !== 'string') throw new EvaluationError(`join: invalid input: ${String(item)}`);
    return item;
  });
  const length = texts.reduce((sum, text) => sum + text.length + separator.length, 0);
  if (length > LENGTH_MAX) throw new EvaluationError('the text becomes too large');
  return texts.join(separator);
}

function ascii(change: (text: string) => string, letters: RegExp): (text: string) => string {
  return (text) => text.replace(letters, change);
}

/** What Unicode calls white space: not the same as what JavaScript does. */
function trim(text: string): string {
  return text.replace(/^[\p{White_Space}]+/u, '').replace(/[\p{White_Space}]+$/u, '');
}

const CLAUSE = /%(?:%|(?:\.(\d*))?([\s\S]))|%$/gu;
const PRECISION_DEFAULT = 6;
const PRECISION_MAX = 100;

/** `'%s has %d'.format([name, count])`. Source: cel-go ext, formatting.go. */
function format(text: string, { items }: ListValue): string {
  let next = 0;
  return text.replace(CLAUSE, (all: string, precision: string | undefined, verb: string | undefined) => {
    if (all === '%%') return '%';
    if (verb === undefined) throw formatError('unexpected end of string');
    const value = items[next];
    if (value === undefined) throw formatError(`index ${next} out of range`);
    next++;
    const digits = precision === undefined ? PRECISION_DEFAULT : Math.min(PRECISION_MAX, Number(precision));
    return clause(verb, value, digits);
  });
}

function formatError(detail: string): EvaluationError {
  return new EvaluationError(detail);
}

function clause(verb: string, value: Value, digits: number): string {
  switch (verb) {
    case 's':
      return stringClause(value);
    case 'd':
      if (typeof value === 'bigint') return String(value);
      if (value instanceof Uint) return String(value.value);
      throw wrongType('decimal', 'integers', value);
    case 'f':
      return double(value, 'fixed-point').toFixed(digits);
    case 'e':
      return double(value, 'scientific')
        .toExponential(digits)
        .replace(/e([-+])(\d)$/, 'e$10$2');
    case 'b':
      if (typeof value === 'boolean') return value ? '1' : '0';
      return whole(value, 'binary', 'integers and bools').toString(2);
    case 'o':
      return whole(value, 'octal', 'integers').toString(8);
    case 'x':
      return hex(value);
    case 'X':
      return hex(value).toUpperCase();
    default:
      throw formatError(`could not parse formatting clause: unrecognized formatting clause "${verb}"`);
  }
}

function wrongType(verb: string, wanted: string, value: Value): EvaluationError {
  return formatError(
    `error during formatting: ${verb} clause can only be used on ${wanted}, was given ${typeName(value)}`,
  );
}

function whole(value: Value, verb: string, wanted: string): bigint {
  if (typeof value === 'bigint') return value;
  if (value instanceof Uint) return value.value;
  throw wrongType(verb, wanted, value);
}

function double(value: Value, verb: string): number {
  if (typeof value === 'number') return value;
  throw wrongType(verb, 'doubles', value);
}

function hex(value: Value): string {
  if (typeof value === 'string') return Buffer.from(value).toString('hex');
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return whole(value, 'hex', 'integers, byte buffers, and strings').toString(16);
}

function stringClause(value: Value): string {
  if (typeof value === 'string') return value;
  if (value instanceof ListValue || asMap(value) !== undefined) return literal(value);
  if (value === null) return 'null';
  if (typeof value === 'number') return doubleText(value);
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (value instanceof Timestamp) return timestampText(value);
  if (value instanceof Duration) return durationText(value);
  if (value instanceof TypeValue) return value.type;
  if (typeof value === 'boolean' || isNumeric(value)) return String(value instanceof Uint ? value.value : value);
  throw wrongType(
    'string',
    'strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
    value,
  );
}

/** As an element of a list or map is printed. */
function literal(value: Value): string {
  if (value instanceof ListValue) return `[${value.items.map(literal).join(', ')}]`;
  const map = asMap(value);
  if (map !== undefined) {
    const entries = [...map.entries()].map(([key, each]) => [literal(key), literal(each)] as const);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, each]) => `${key}:${each}`).join(', ')}}`;
  }
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number')
    return Number.isFinite(value) ? value.toFixed(PRECISION_DEFAULT) : `"${doubleText(value)}"`;
  if (value instanceof Uint8Array) return `b${JSON.stringify(new TextDecoder().decode(value))}`;
  if (value instanceof Timestamp) return `timestamp("${timestampText(value)}")`;
  if (value instanceof Duration) return `duration("${durationText(value)}")`;
  return stringClause(value);
}

const TWICE = traversal(0, 2);
const FORMATTING: CallCost = { of: ([text = 1], result) => Math.ceil((text + result) * 0.1) };

export const STRINGS: readonly Overload[] = [
  member('charAt', 'string, int -> string', charAt, traversal()),
  member('indexOf', 'string, string -> int', (text: string, part: string) => indexOf(text, part), traversal()),
  member('indexOf', 'string, string, int -> int', indexOf, traversal()),
  member('lastIndexOf', 'string, string -> int', (text: string, part: string) => lastIndexOf(text, part), traversal()),
  member('lastIndexOf', 'string, string, int -> int', lastIndexOf, traversal()),
  member('join', 'list(string) -> string', (list: ListValue) => join(list), RESULT_TWICE),
  member('join', 'list(string), string -> string', join, RESULT_TWICE),
  member(
    'lowerAscii',
    'string -> string',
    ascii((text) => text.toLowerCase(), /[A-Z]+/g),
    traversal(),
  ),
  member(
    'upperAscii',
    'string -> string',
    ascii((text) => text.toUpperCase(), /[a-z]+/g),
    traversal(),
  ),
  member('replace', 'string, string, string -> string', (a: string, b: string, c: string) => replace(a, b, c), TWICE),
  member('replace', 'string, string, string, int -> string', replace, TWICE),
  member('split', 'string, string -> list(string)', (text: string, part: string) => split(text, part), TWICE),
  member('split', 'string, string, int -> list(string)', split, TWICE),
  member('substring', 'string, int -> string', (text: string, start: bigint) => substring(text, start), traversal()),
  member('substring', 'string, int, int -> string', substring, traversal()),
  member('trim', 'string -> string', trim, traversal()),
  member('format', 'string, list(dyn) -> string', format, FORMATTING),
];
