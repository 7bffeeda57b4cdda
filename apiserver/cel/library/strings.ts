import { type CallCost, global, member, type Overload, RESULT_TWICE, traversal } from '../declaration.ts';
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
import { formatClauses, replaceClauses, wrongType } from './format-clauses.ts';

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

/** A text as it would be written in an expression. */
function quote(text: string): string {
  return `"${[...text].map((each) => QUOTED[each] ?? each).join('')}"`;
}

const QUOTED: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

/** What Unicode calls white space: not the same as what JavaScript does. */
function trim(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && WHITE_SPACE.test(text.charAt(from))) from++;
  while (to > from && WHITE_SPACE.test(text.charAt(to - 1))) to--;
  return text.slice(from, to);
}

/** `'%s has %d'.format([name, count])`. Source: cel-go ext, formatting.go. */
function format(text: string, { items }: ListValue): string {
  const clauses = formatClauses(text);
  if (typeof clauses === 'string') throw new EvaluationError(clauses);
  return replaceClauses(text, (index) => {
    const value = items[index];
    const wanted = clauses[index];
    if (value === undefined || wanted === undefined) throw new EvaluationError(`index ${index} out of range`);
    return clause(wanted.verb, value, wanted.digits);
  });
}

function clause(verb: string, value: Value, digits: number): string {
  const text = clauseText(verb, value, digits);
  if (text === undefined) throw new EvaluationError(wrongType(verb, typeName(value)));
  return text;
}

/** Undefined when the clause does not take such a value. */
function clauseText(verb: string, value: Value, digits: number): string | undefined {
  const whole = value instanceof Uint ? value.value : typeof value === 'bigint' ? value : undefined;
  const double = typeof value === 'number' ? value : undefined;
  switch (verb) {
    case 's':
      return stringClause(value);
    case 'd':
      return whole?.toString();
    case 'f':
      return double === undefined ? undefined : fixed(double, digits);
    case 'e':
      return double === undefined ? undefined : scientific(double, digits);
    case 'b':
      return typeof value === 'boolean' ? String(Number(value)) : whole?.toString(2);
    case 'o':
      return whole?.toString(8);
    default: {
      const text = hex(value) ?? whole?.toString(16);
      return verb === 'X' ? text?.toUpperCase() : text;
    }
  }
}

/** As American English writes it: `1,234.50`. */
function fixed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return doubleText(value).replace('+Inf', '∞').replace('-Inf', '-∞');
  const [whole = '', fraction] = halfEven(value, digits).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** Go rounds a half to the even digit, JavaScript up; only of numbers that are exactly between two. */
function halfEven(value: number, digits: number): string {
  const text = value.toFixed(digits);
  const exact = value * 2 * 10 ** digits;
  if (!Number.isSafeInteger(exact) || Math.abs(exact) % 2 !== 1) return text;
  const rounded = 2 * Math.round(exact / 4);
  return (rounded / 10 ** digits).toFixed(digits);
}

/** `1.5×10⁰³` */
function scientific(value: number, digits: number): string {
  if (!Number.isFinite(value)) return fixed(value, digits);
  const [mantissa = '', exponent = ''] = value.toExponential(digits).split('e');
  const number = exponent.replace('+', '').replace(/^(-?)(\d)$/, '$10$2');
  const raised = [...number].map((each) => (each === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'.charAt(Number(each)))).join('');
  return `${mantissa}×10${raised}`;
}

function hex(value: Value): string | undefined {
  if (typeof value === 'string' || value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return undefined;
}

function stringClause(value: Value): string | undefined {
  if (typeof value === 'string') return value;
  if (value instanceof ListValue || asMap(value) !== undefined) return literal(value);
  if (value === null) return 'null';
  if (typeof value === 'number') return doubleText(value);
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (value instanceof Timestamp) return timestampText(value);
  if (value instanceof Duration) return durationText(value);
  if (value instanceof TypeValue) return value.type;
  if (typeof value === 'boolean' || isNumeric(value)) return String(value instanceof Uint ? value.value : value);
  return undefined;
}

const WHITE_SPACE = /\p{White_Space}/u;

const LITERAL_DIGITS = 6;

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
    return Number.isFinite(value) ? value.toFixed(LITERAL_DIGITS) : `"${doubleText(value)}"`;
  if (value instanceof Uint8Array) return `b${JSON.stringify(new TextDecoder().decode(value))}`;
  if (value instanceof Timestamp) return `timestamp("${timestampText(value)}")`;
  if (value instanceof Duration) return `duration("${durationText(value)}")`;
  return stringClause(value) ?? typeName(value);
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
  global('strings.quote', 'string -> string', quote, traversal()),
  member('format', 'string, list(dyn) -> string', format, FORMATTING),
];
