/** Query parameters and cookies out of their raw texts, the same for nginx and explain. */
import { byteAt, byteText, indexOf, slice } from '#platform';
import { hexDigit } from './address.ts';

const PERCENT = 37;
const PLUS = 43;
const SPACE = 32;
const TAB = 9;

/**
 * All values of the parameter `name`, in order; a parameter without `=` has the
 * value `''`. Names are compared decoded and case-sensitive. No limit on their number.
 *
 * Source: spec ALB section 3.1; WHATWG URL, application/x-www-form-urlencoded parsing.
 *
 * @param query without the leading `?`
 * @returns undefined when there is no such parameter
 */
export function queryValues(query: string, name: string): readonly string[] | undefined {
  let values: string[] | undefined;
  let start = 0;
  while (start < query.length) {
    const ampersand = indexOf(query, '&', start);
    const end = ampersand < 0 ? query.length : ampersand;
    if (end > start) {
      const equals = indexOf(query, '=', start);
      const nameEnd = equals < 0 || equals > end ? end : equals;
      if (decodeParameter(slice(query, start, nameEnd)) === name) {
        if (values === undefined) values = [];
        values.push(nameEnd === end ? '' : decodeParameter(slice(query, nameEnd + 1, end)));
      }
    }
    start = end + 1;
  }
  return values;
}

/** A query without all parameters `name`; see {@link queryValues}. */
export function withoutParameter(query: string, name: string): string {
  let kept = '';
  let start = 0;
  while (start < query.length) {
    const ampersand = indexOf(query, '&', start);
    const end = ampersand < 0 ? query.length : ampersand;
    const equals = indexOf(query, '=', start);
    const nameEnd = equals < 0 || equals > end ? end : equals;
    if (end > start && decodeParameter(slice(query, start, nameEnd)) !== name) {
      kept = (kept === '' ? '' : `${kept}&`) + slice(query, start, end);
    }
    start = end + 1;
  }
  return kept;
}

/** `%41` becomes `A`, `+` a blank; a `%` without two hexadecimal digits stays. */
export function decodeParameter(text: string): string {
  if (indexOf(text, '%', 0) < 0 && indexOf(text, '+', 0) < 0) return text;
  let decoded = '';
  let i = 0;
  while (i < text.length) {
    const byte = byteAt(text, i) ?? 0;
    const high = byte === PERCENT ? hexDigit(byteAt(text, i + 1) ?? 0) : undefined;
    const low = high === undefined ? undefined : hexDigit(byteAt(text, i + 2) ?? 0);
    if (high !== undefined && low !== undefined) {
      decoded = decoded + byteText(high * 16 + low);
      i += 3;
    } else {
      decoded = decoded + byteText(byte === PLUS ? SPACE : byte);
      i++;
    }
  }
  return decoded;
}

/**
 * The value of the first cookie called `name` (case-sensitive), undefined when there is none.
 *
 * Source: RFC 6265 section 5.4.
 *
 * @param header the Cookie header
 */
export function cookieValue(header: string, name: string): string | undefined {
  return cookieFrom(header, name, 0);
}

/** A Cookie header without all cookies called `name`; see {@link cookieValue}. */
export function withoutCookie(header: string, name: string): string {
  let kept = '';
  let from = 0;
  while (from < header.length) {
    const start = afterBlanks(header, from);
    const semicolon = indexOf(header, ';', start);
    const end = semicolon < 0 ? header.length : semicolon;
    const equals = indexOf(header, '=', start);
    const isNamed = equals >= 0 && equals < end && trimEnd(header, start, equals) === name;
    if (end > start && !isNamed) kept = (kept === '' ? '' : `${kept}; `) + slice(header, start, end);
    from = end + 1;
  }
  return kept;
}

// Tail calls instead of short loops, see rule-index.ts.

function cookieFrom(header: string, name: string, from: number): string | undefined {
  if (from >= header.length) return undefined;
  const start = afterBlanks(header, from);
  const semicolon = indexOf(header, ';', start);
  const end = semicolon < 0 ? header.length : semicolon;
  const equals = indexOf(header, '=', start);
  if (equals >= 0 && equals < end && trimEnd(header, start, equals) === name) return trimEnd(header, equals + 1, end);
  return cookieFrom(header, name, end + 1);
}

function afterBlanks(text: string, from: number): number {
  return isBlank(byteAt(text, from)) ? afterBlanks(text, from + 1) : from;
}

function trimEnd(text: string, from: number, to: number): string {
  return to > from && isBlank(byteAt(text, to - 1)) ? trimEnd(text, from, to - 1) : slice(text, from, to);
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}
