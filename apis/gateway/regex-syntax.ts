/**
 * What RE2 accepts and PCRE reads otherwise, or not at all. PCRE serves, so an
 * expression that it refuses would silently never match.
 *
 * Source: PCRE 8.39, pcrepattern(3); RE2, Syntax. That nothing is missing is what
 * test/rule-language/regex-dialects.test.ts tries.
 */

export interface SyntaxFindings {
  /** Why PCRE does not compile it. */
  readonly error?: string;
  /** Both compile it, to different meanings. */
  readonly differs: boolean;
}

/** PCRE's compiled form ends at 65,535 bytes; ours is an estimate from above. */
const MAX_COMPILED_BYTES = 50_000;
const BYTES_OF_CHARACTER = 2;
const BYTES_OF_CLASS = 36;
const BYTES_OF_GROUP = 16;

/** Vertical space, Unicode properties, single bytes, and what may be a back-reference or octal. */
const DIFFERENT_ESCAPES = 'vpPC1234567';
const ASSERTIONS = 'AbBz';
const QUANTIFIER = /^(?:[*+?]|\{(\d+)(?:,(\d*))?\})/;
const FLAGS = /^\(\?([imsU-]*)([:)])/;
const COLLATING = /\[([.=])[^\]]*\1\]/;

/** @param pattern compiles as RE2 */
export function regexSyntax(pattern: string): SyntaxFindings {
  let differs = false;
  let ignoresCase = false;
  /** Bytes of the groups that are open, the innermost last. */
  const open = [0];
  const add = (bytes: number): void => {
    open.push((open.pop() ?? 0) + bytes);
  };
  let position = 0;
  while (position < pattern.length) {
    const rest = pattern.slice(position);
    const piece = pieceAt(rest);
    differs ||= piece.differs === true;
    ignoresCase ||= piece.ignoresCase === true;
    position += piece.length;
    const quantifier = QUANTIFIER.exec(pattern.slice(position));
    if (piece.kind === 'open') {
      open.push(0);
      continue;
    }
    if (quantifier !== null && piece.kind === 'assertion') {
      return { error: `nothing to repeat before ${JSON.stringify(quantifier[0])}`, differs };
    }
    if (piece.error !== undefined) return { error: piece.error, differs };
    if (piece.kind === 'close') add(((open.pop() ?? 0) + BYTES_OF_GROUP) * copies(quantifier));
    else add(piece.bytes);
    if (quantifier !== null)
      position += quantifier[0].length + (/^[?+]/.test(pattern.slice(position + quantifier[0].length)) ? 1 : 0);
  }
  if (open.reduce((a, b) => a + b, 0) > MAX_COMPILED_BYTES) {
    return { error: 'too large when its repetitions are written out', differs };
  }
  // RE2 folds the case of what are bytes of UTF-8 to PCRE.
  const folds = ignoresCase && /[^\0-\x7f]|\\x/.test(pattern);
  return { differs: differs || folds };
}

interface Piece {
  readonly kind: 'atom' | 'assertion' | 'open' | 'close';
  readonly length: number;
  readonly bytes: number;
  readonly differs?: boolean;
  readonly ignoresCase?: boolean;
  readonly error?: string;
}

/** What stands at the beginning of `rest`, without its quantifier. */
function pieceAt(rest: string): Piece {
  switch (rest[0]) {
    case '\\':
      return escapeAt(rest);
    case '[':
      return classAt(rest);
    case '(':
      return groupAt(rest);
    case ')':
      return { kind: 'close', length: 1, bytes: 0 };
    case '^':
    case '$':
      return { kind: 'assertion', length: 1, bytes: BYTES_OF_CHARACTER };
    default:
      return { kind: 'atom', length: 1, bytes: BYTES_OF_CHARACTER };
  }
}

function escapeAt(rest: string): Piece {
  const letter = rest[1] ?? '';
  if (letter === 'Q') {
    const end = rest.indexOf('\\E');
    const length = end < 0 ? rest.length : end + 2;
    // Where it ends, and what a quantifier behind it means, is not worth knowing.
    return { kind: 'atom', length, bytes: BYTES_OF_CHARACTER * length, differs: true };
  }
  const braces = /^\\x\{[0-9a-fA-F]+\}/.exec(rest)?.[0];
  return {
    kind: ASSERTIONS.includes(letter) ? 'assertion' : 'atom',
    length: braces?.length ?? 2,
    bytes: BYTES_OF_CHARACTER,
    differs: DIFFERENT_ESCAPES.includes(letter) || (braces !== undefined && Number.parseInt(braces.slice(3), 16) > 255),
  };
}

function classAt(rest: string): Piece {
  let end = rest[1] === '^' ? 2 : 1;
  if (rest[end] === ']') end += 1;
  let differs = false;
  while (end < rest.length && rest[end] !== ']') {
    const posix = /^\[:\^?[a-z]+:\]/.exec(rest.slice(end))?.[0];
    if (rest[end] === '\\') differs ||= DIFFERENT_ESCAPES.includes(rest[end + 1] ?? '');
    end += posix?.length ?? (rest[end] === '\\' ? 2 : 1);
  }
  const text = rest.slice(0, end + 1);
  const piece: Piece = { kind: 'atom', length: text.length, bytes: BYTES_OF_CLASS, differs };
  // PCRE looks beyond what RE2 takes for the end of the class.
  return COLLATING.test(rest.slice(1, end + 2)) ? { ...piece, error: 'collating elements are not supported' } : piece;
}

function groupAt(rest: string): Piece {
  const [text = '', flags = '', end = ''] = FLAGS.exec(rest) ?? [];
  if (text === '') return { kind: 'open', length: rest.startsWith('(?') ? 2 : 1, bytes: 0 };
  const on = flags.split('-')[0] ?? '';
  return {
    kind: end === ':' ? 'open' : 'assertion',
    length: text.length,
    bytes: 0,
    differs: on.includes('m'),
    ignoresCase: on.includes('i'),
  };
}

/** How often PCRE writes a group out. */
function copies(quantifier: RegExpExecArray | null): number {
  const [, least, most] = quantifier ?? [];
  return Math.max(1, Number(least ?? 1), Number(most ?? 1));
}
