/**
 * The match language: one term of a route, compiled once, tested per request.
 *
 * Source: spec ALB section 3.
 */
import { byteAt, bytes, compileRegex, emptyTable, indexOf, type Regex, slice, testRegex } from '#platform';
import { addressKey } from './address.ts';
import type { Term, Test } from './record.ts';
import { regexPrefix } from './regex-prefix.ts';
import type { RequestView } from './request-view.ts';

const SLASH = 47;

export interface CompiledTerm {
  readonly subject: Term['subject'];
  /** `''` for subjects without name. */
  readonly name: string;
  /** For a header name with `_`: the same with `-`, tried when the first is absent (spec ALB section 3.1). */
  readonly otherName?: string;
  readonly tests: readonly CompiledTest[];
}

export type CompiledTest =
  | { readonly op: 'equal' | 'prefix' | 'pathPrefix' | 'suffix'; readonly value: string }
  | { readonly op: 'in'; readonly values: readonly string[]; readonly lookup: Readonly<Record<string, true>> }
  | { readonly op: 'hostSuffix'; readonly value: string; readonly labels: 'one' | 'many' }
  /** Without `regex`: a pattern this platform does not understand; never true. `prefix`: what every match begins with. */
  | { readonly op: 'regex'; readonly regex?: Regex; readonly prefix: string }
  | {
      readonly op: 'range';
      readonly low: string;
      readonly high: string;
      /** Both or none: the ends are addresses of one family. */
      readonly lowKey?: string;
      readonly highKey?: string;
    }
  | { readonly op: 'exists' };

export function compileTerm(term: Term): CompiledTerm {
  const tests: CompiledTest[] = [];
  for (const test of term.tests) tests.push(compileTest(test));
  const name = term.name === undefined ? '' : bytes(term.name);
  if (term.subject === 'header' && indexOf(name, '_', 0) >= 0) {
    return { subject: term.subject, name, otherName: withHyphens(name), tests };
  }
  return { subject: term.subject, name, tests };
}

function compileTest(test: Test): CompiledTest {
  switch (test.op) {
    case 'equal':
    case 'prefix':
    case 'pathPrefix':
    case 'suffix':
      return { op: test.op, value: bytes(test.value) };
    case 'in': {
      const values: string[] = [];
      const lookup = emptyTable<true>();
      for (const value of test.values) {
        values.push(bytes(value));
        lookup[bytes(value)] = true;
      }
      return { op: 'in', values, lookup };
    }
    case 'hostSuffix':
      return { op: 'hostSuffix', value: bytes(test.value), labels: test.labels };
    case 'regex': {
      const pattern = bytes(test.pattern);
      const ignoreCase = test.ignoreCase === true;
      const prefix = ignoreCase ? '' : regexPrefix(pattern);
      const regex = compileRegex(pattern, ignoreCase);
      return regex === undefined ? { op: 'regex', prefix } : { op: 'regex', regex, prefix };
    }
    case 'range':
      return compileRange(bytes(test.low), bytes(test.high));
    case 'exists':
      return { op: 'exists' };
  }
}

function compileRange(low: string, high: string): CompiledTest {
  const lowKey = addressKey(low);
  const highKey = addressKey(high);
  if (lowKey === undefined || highKey === undefined || lowKey.length !== highKey.length)
    return { op: 'range', low, high };
  return { op: 'range', low, high, lowKey, highKey };
}

function withHyphens(name: string): string {
  let replaced = '';
  let start = 0;
  let underscore = indexOf(name, '_', 0);
  while (underscore >= 0) {
    replaced = replaced + slice(name, start, underscore) + '-';
    start = underscore + 1;
    underscore = indexOf(name, '_', start);
  }
  return replaced + slice(name, start, name.length);
}

/** Reports whether one of the term's tests holds; a missing value makes every test false. */
export function termHolds(term: CompiledTerm, request: RequestView): boolean {
  if (term.subject === 'query') {
    const values = request.query(term.name);
    return values !== undefined && anyValuePasses(term.tests, values, 0);
  }
  const value = subjectValue(term, request);
  return value !== undefined && anyTestHolds(term.tests, 0, value);
}

// Tail calls instead of short loops, see rule-index.ts.

function anyValuePasses(tests: readonly CompiledTest[], values: readonly string[], position: number): boolean {
  const value = values[position];
  if (value === undefined) return false;
  return anyTestHolds(tests, 0, value) ? true : anyValuePasses(tests, values, position + 1);
}

function anyTestHolds(tests: readonly CompiledTest[], position: number, value: string): boolean {
  const test = tests[position];
  if (test === undefined) return false;
  return testHolds(test, value) ? true : anyTestHolds(tests, position + 1, value);
}

// `if` instead of `switch`: the latter becomes a loop in Lua, see rule-index.ts.

/** What a term without several values reads; not for query parameters. */
export function subjectValue(
  term: Pick<CompiledTerm, 'subject' | 'name' | 'otherName'>,
  request: RequestView,
): string | undefined {
  const subject = term.subject;
  if (subject === 'host') return request.host();
  if (subject === 'path') return request.path();
  if (subject === 'method') return request.method();
  if (subject === 'cookie') return request.cookie(term.name);
  if (subject === 'sourceAddress') return request.sourceAddress();
  const value = request.header(term.name);
  return value === undefined && term.otherName !== undefined ? request.header(term.otherName) : value;
}

function testHolds(test: CompiledTest, value: string): boolean {
  if (test.op === 'equal') return value === test.value;
  if (test.op === 'in') return test.lookup[value] === true;
  if (test.op === 'prefix') return slice(value, 0, test.value.length) === test.value;
  if (test.op === 'pathPrefix') return hasPathPrefix(value, test.value);
  if (test.op === 'regex') return test.regex !== undefined && testRegex(test.regex, value);
  if (test.op === 'suffix') return hasSuffix(value, test.value);
  if (test.op === 'hostSuffix') return hasHostSuffix(value, test.value, test.labels);
  if (test.op === 'range') return inRange(test, value);
  return true; // exists
}

function hasSuffix(value: string, suffix: string): boolean {
  return value.length >= suffix.length && slice(value, value.length - suffix.length, value.length) === suffix;
}

/**
 * Reports whether `path` is under `prefix`, element by element: `/abc` covers
 * `/abc`, `/abc/` and `/abc/def`, but not `/abcd`.
 *
 * Source: Gateway API v1, HTTPPathMatch, type PathPrefix.
 *
 * @param prefix without trailing `/`; `''` stands for `/`
 */
function hasPathPrefix(path: string, prefix: string): boolean {
  if (slice(path, 0, prefix.length) !== prefix) return false;
  return path.length === prefix.length || byteAt(path, prefix.length) === SLASH;
}

/** @param suffix begins with a dot */
function hasHostSuffix(host: string, suffix: string, labels: 'one' | 'many'): boolean {
  const rest = host.length - suffix.length;
  if (rest < 1 || slice(host, rest, host.length) !== suffix) return false;
  return labels === 'many' || indexOf(host, '.', 0) === rest;
}

function inRange(
  test: { readonly low: string; readonly high: string; readonly lowKey?: string; readonly highKey?: string },
  value: string,
): boolean {
  if (test.lowKey !== undefined && test.highKey !== undefined) {
    const key = keyOfAddress(value);
    // An address of the other family is outside; comparing the texts would decide by chance.
    if (key !== undefined) return key.length === test.lowKey.length && key >= test.lowKey && key <= test.highKey;
  }
  return value >= test.low && value <= test.high;
}

let lastAddress = '';
let lastKey: string | undefined;

/** Many ranges ask about one address, one after the other. */
function keyOfAddress(address: string): string | undefined {
  if (address === lastAddress) return lastKey;
  lastAddress = address;
  lastKey = addressKey(address);
  return lastKey;
}
