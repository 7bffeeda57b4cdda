/**
 * The text with which everything begins that a regular expression matches: a
 * place in the index for expressions like `^/api/v[0-9]+/`. Whatever is not sure
 * ends the prefix, so it may be shorter than it could be, never wrong.
 */
import { byteAt, indexOf, slice } from '#platform';

const BACKSLASH = 92;
const CARET = 94;
const CLOSE_BRACKET = 93;

/** Of the syntax: they end the prefix. */
const SPECIAL = '.[()*+?{|$^';
/** May stand for none of what is before them. */
const OPTIONAL = '*?{';

/**
 * @param pattern a byte string in the syntax of PCRE, without flags
 * @returns `''` when the expression is not anchored or nothing is sure
 */
export function regexPrefix(pattern: string): string {
  if (byteAt(pattern, 0) !== CARET || hasChoice(pattern)) return '';
  let prefix = '';
  let i = 1;
  while (i < pattern.length) {
    let letter = slice(pattern, i, i + 1);
    let next = i + 1;
    if (letter === '\\') {
      letter = slice(pattern, i + 1, i + 2);
      next = i + 2;
      if (letter === '' || isWord(byteAt(letter, 0) ?? 0)) return prefix;
    } else if (indexOf(SPECIAL, letter, 0) >= 0) {
      return prefix;
    }
    const after = slice(pattern, next, next + 1);
    if (after !== '' && indexOf(OPTIONAL, after, 0) >= 0) return prefix;
    prefix = prefix + letter;
    i = next;
  }
  return prefix;
}

/** Reports whether there may be a `|` outside of groups, or something that changes how the rest is read. */
function hasChoice(pattern: string): boolean {
  if (indexOf(pattern, '(?', 0) >= 0 && hasFlags(pattern, 0)) return true;
  if (indexOf(pattern, '\\Q', 0) >= 0) return true;
  if (indexOf(pattern, '|', 0) < 0) return false;
  let depth = 0;
  let i = 0;
  while (i < pattern.length) {
    const letter = slice(pattern, i, i + 1);
    if (letter === '\\') {
      i++;
    } else if (letter === '[') {
      i = classEnd(pattern, i);
      if (i < 0) return true;
    } else if (letter === '(') {
      depth++;
    } else if (letter === ')') {
      depth--;
    } else if (letter === '|' && depth === 0) {
      return true;
    }
    i++;
  }
  return false;
}

/** Reports whether a `(?` at or after `from` is anything but a group or a look-around. */
function hasFlags(pattern: string, from: number): boolean {
  const start = indexOf(pattern, '(?', from);
  if (start < 0) return false;
  const kind = slice(pattern, start + 2, start + 3);
  return kind === '' || indexOf(':=!<P>', kind, 0) < 0 ? true : hasFlags(pattern, start + 2);
}

/** Position of the `]` that ends the class which begins at `start`, -1 when that is not sure. */
function classEnd(pattern: string, start: number): number {
  let i = start + 1;
  if (byteAt(pattern, i) === CARET) i++;
  // A first `]` is one of the class.
  if (byteAt(pattern, i) === CLOSE_BRACKET) i++;
  while (i < pattern.length) {
    const byte = byteAt(pattern, i);
    if (byte === CLOSE_BRACKET) return i;
    if (byte === BACKSLASH) {
      i++;
    } else if (slice(pattern, i, i + 2) === '[:') {
      const end = indexOf(pattern, ':]', i + 2);
      if (end < 0) return -1;
      i = end + 1;
    }
    i++;
  }
  return -1;
}

/** Letters, digits and what is not ASCII: behind a backslash they are no literals. */
function isWord(byte: number): boolean {
  return (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || byte >= 128;
}
