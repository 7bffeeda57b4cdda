/**
 * What the rule engine needs from its platform, for Node. The Lua build maps
 * `#platform` to `http/platform.ts`, which has the same exports.
 *
 * In the engine every text is a byte string: in Lua strings are bytes; here a
 * byte string is a string of the characters U+0000..U+00FF, one per byte of the
 * UTF-8 form, so that lengths, order and regexes agree. Positions count from 0.
 */
import { RE2JS } from 're2js';

/** A compiled pattern; the two platforms agree on the common subset of PCRE and RE2. */
export type Regex = RE2JS;

/** Turns the text of a record into a byte string. */
export function bytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** The byte at `position`, undefined behind the end. */
export function byteAt(text: string, position: number): number | undefined {
  const code = text.charCodeAt(position);
  return Number.isNaN(code) ? undefined : code;
}

/** The part from `from` up to, not including, `to`. */
export function slice(text: string, from: number, to: number): string {
  return text.substring(from, to);
}

/** Position of `needle` at or after `from`, -1 when there is none. */
export function indexOf(text: string, needle: string, from: number): number {
  return text.indexOf(needle, from);
}

/** The text of a single byte. */
export function byteText(byte: number): string {
  return String.fromCharCode(byte);
}

/** Lower case of ASCII letters; other bytes stay. */
export function lowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** RE2 gives them another meaning than PCRE: escapes (see apis/gateway/regex-syntax.ts) and `^` at every line. */
const READ_OTHERWISE = /(?:^|[^\\])(?:\\\\)*(?:\\[vpPCQ1-7]|\(\?[a-zU-]*m)/;
/** RE2 also folds the case of bytes above 127, which are parts of letters here. */
const IGNORES_CASE = /\(\?[a-zU]*i/;
const NOT_ASCII = /[\x80-\xff]|\\x/;

/** @returns undefined when the pattern is not in the common subset (only PCRE may know it) or is wrong */
export function compileRegex(pattern: string, ignoreCase: boolean): Regex | undefined {
  const folds = (ignoreCase || IGNORES_CASE.test(pattern)) && NOT_ASCII.test(pattern);
  if (folds || READ_OTHERWISE.test(pattern)) return undefined;
  try {
    return RE2JS.compile(withPcreSpace(pattern), ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch {
    return undefined;
  }
}

/** `\\s` as PCRE means it, with the vertical tab: RE2 has that in `[:space:]` only. */
function withPcreSpace(pattern: string): string {
  if (!/\\s/i.test(pattern)) return pattern;
  let rewritten = '';
  let inClass = false;
  // An escape, a class inside a class, the beginning of a class with a `]` that is one of it, or one character.
  for (const [piece] of pattern.matchAll(/\\.|\[:\^?[a-z]+:\]|\[\^?\]?|./gs)) {
    if (piece === '\\s' || piece === '\\S') {
      const space = piece === '\\s' ? '[:space:]' : '[:^space:]';
      rewritten += inClass ? space : `[${space}]`;
      continue;
    }
    // Within a class `[` is a character, and a `]` behind it ends the class.
    const isClass = piece.startsWith('[') && !piece.startsWith('[:');
    if (inClass) inClass = piece !== ']' && !(isClass && piece.endsWith(']'));
    else inClass = piece.startsWith('[');
    rewritten += piece;
  }
  return rewritten;
}

/** Reports whether the pattern is found anywhere in `text`. */
export function testRegex(regex: Regex, text: string): boolean {
  return regex.test(text);
}

/**
 * Puts `parts` in place of the first match: texts, and numbers of groups.
 *
 * @param every the same for further matches; an empty one ends it
 * @returns undefined when the pattern is not in `text`
 */
export function replaceRegex(
  regex: Regex,
  text: string,
  parts: readonly (string | number)[],
  every: boolean,
): string | undefined {
  const matcher = regex.matcher(text);
  let replaced = '';
  let from = 0;
  let found = false;
  while (matcher.find()) {
    const isEmpty = matcher.end() === matcher.start();
    if (found && isEmpty) break;
    found = true;
    replaced += text.substring(from, matcher.start());
    for (const part of parts) {
      if (typeof part === 'string') replaced += part;
      else if (part <= matcher.groupCount()) replaced += matcher.group(part) ?? '';
    }
    from = matcher.end();
    if (!every || isEmpty) break;
  }
  return found ? replaced + text.substring(from) : undefined;
}

/** A table with text keys that has none yet; unlike `{}` also not `constructor`. */
/** @returns undefined when the text is no whole number in decimal digits */
export function wholeNumber(text: string): number | undefined {
  return /^[0-9]+$/.test(text) ? Number(text) : undefined;
}

export function emptyTable<V>(): Record<string, V> {
  return Object.create(null) as Record<string, V>;
}

export function removeKey<V>(table: Record<string, V>, key: string): void {
  delete table[key];
}

export function insertAt<V>(list: V[], position: number, value: V): void {
  list.splice(position, 0, value);
}

/** Ascending, in place. */
export function sortNumbers(list: number[]): void {
  list.sort((a, b) => a - b);
}

export function removeAt<V>(list: V[], position: number): void {
  list.splice(position, 1);
}
