import { CelSyntaxError, type SourceError } from './source.ts';
import { Uint, type Value } from './value.ts';

export interface Token {
  readonly kind: 'identifier' | 'literal' | 'operator' | 'end';
  /** An operator or identifier; a literal as it was written. */
  readonly text: string;
  readonly at: number;
  readonly value?: Value;
}

const OPERATORS = ['==', '!=', '<=', '>=', '&&', '||', ...'<>+-*/%!?:.,()[]{}'];
const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /0x[0-9a-fA-F]+[uU]?|(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)|\d+[uU]?/y;
const STRING = /(?:[rR][bB]|[bB][rR]|[rRbB])?(?:"""|'''|"|')/y;
const INT_MAX = 2n ** 63n;
const UINT_MAX = 2n ** 64n;

/**
 * The words of an expression. Source: CEL language definition, "Syntax".
 *
 * @param report is told of characters that belong to no word; reading goes on after them
 * @throws CelSyntaxError
 */
export function tokensOf(source: string, report: (error: SourceError) => void): readonly Token[] {
  const tokens: Token[] = [];
  const positions = codePointPositions(source);
  let index = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = index;
    return pattern.exec(source)?.[0];
  };
  while (index < source.length) {
    const character = source.charAt(index);
    if (/\s/.test(character)) {
      index++;
      continue;
    }
    if (source.startsWith('//', index)) {
      const end = source.indexOf('\n', index);
      index = end === -1 ? source.length : end;
      continue;
    }
    const at = positions(index);
    const opening = match(STRING);
    if (opening !== undefined) {
      const end = closingQuote(source, index + opening.length, opening);
      if (typeof end === 'number') {
        report({ at, message: `Syntax error: token recognition error at: '${source.slice(index, end)}'` });
        index = end;
        continue;
      }
      const value = stringValue(opening, source.slice(index + opening.length, end.from), at);
      tokens.push({ kind: 'literal', text: source.slice(index, end.to), at, value });
      index = end.to;
      continue;
    }
    const number = match(NUMBER);
    if (number !== undefined) {
      tokens.push({ kind: 'literal', text: number, at, value: numberValue(number, at) });
      index += number.length;
      continue;
    }
    const identifier = match(IDENTIFIER);
    if (identifier !== undefined) {
      tokens.push({ kind: 'identifier', text: identifier, at });
      index += identifier.length;
      continue;
    }
    const operator = OPERATORS.find((each) => source.startsWith(each, index));
    if (operator === undefined) {
      // A second character was looked at, because with it the first might have been an operator.
      const end = index + ('=&|'.includes(character) ? 2 : 1);
      report({ at, message: `Syntax error: token recognition error at: '${source.slice(index, end)}'` });
      index = end;
      continue;
    }
    tokens.push({ kind: 'operator', text: operator, at });
    index += operator.length;
  }
  tokens.push({ kind: 'end', text: '<EOF>', at: positions(source.length) });
  return tokens;
}

/** Offsets in UTF-16 to offsets in code points; asked in rising order. */
function codePointPositions(source: string): (index: number) => number {
  let seen = 0;
  let position = 0;
  return (index) => {
    while (seen < index) {
      seen += (source.codePointAt(seen) ?? 0) > 0xffff ? 2 : 1;
      position++;
    }
    return position;
  };
}

/** Where a text ends, and the word with it; the place up to which it is none when it does not end. */
function closingQuote(source: string, start: number, opening: string): { from: number; to: number } | number {
  const quote = opening.replace(/^[rRbB]+/, '');
  const raw = /[rR]/.test(opening);
  for (let index = start; index < source.length; index++) {
    if (source.startsWith(quote, index)) return { from: index, to: index + quote.length };
    if (quote.length === 1 && (source.charAt(index) === '\n' || source.charAt(index) === '\r')) return index + 1;
    if (raw || source.charAt(index) !== '\\') continue;
    VALID_ESCAPE.lastIndex = index;
    if (!VALID_ESCAPE.test(source)) return index + 2;
    index++;
  }
  return source.length;
}

const VALID_ESCAPE = /\\(?:[abfnrtv\\?"'`]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2})/y;

function numberValue(text: string, at: number): Value {
  if (/^(0x[0-9a-f]+|\d+)u$/i.test(text)) {
    const value = BigInt(text.slice(0, -1));
    if (value >= UINT_MAX) throw new CelSyntaxError(at, 'invalid uint literal');
    return new Uint(value);
  }
  if (!/^(0x[0-9a-f]+|\d+)$/i.test(text)) return Number(text);
  const value = BigInt(text);
  // One more than the largest, for the smallest: its sign is an operator of its own.
  if (value > INT_MAX) throw new CelSyntaxError(at, 'invalid int literal');
  return value;
}

function stringValue(opening: string, body: string, at: number): Value {
  const isBytes = /[bB]/.test(opening);
  const text = body.replaceAll('\r\n', '\n');
  if (/[rR]/.test(opening)) return isBytes ? new TextEncoder().encode(text) : text;
  if (!isBytes) return unescaped(text, at);
  return bytesOf(text, at);
}

const ESCAPE =
  /\\(?:([abfnrtv\\?"'`])|x([0-9a-fA-F]{2})|X([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|[\s\S])/g;
const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

function unescaped(text: string, at: number): string {
  if (!text.includes('\\')) return text;
  return text.replace(ESCAPE, (all, simple, hex, hex2, short, long, octal) => {
    if (simple !== undefined) return SIMPLE_ESCAPES[simple] ?? simple;
    const digits = hex ?? hex2 ?? short ?? long;
    const code = digits === undefined ? Number.parseInt(octal ?? '', 8) : Number.parseInt(digits, 16);
    if (Number.isNaN(code) || code > 0x10ffff) throw new CelSyntaxError(at, `Syntax error: invalid escape ${all}`);
    return String.fromCodePoint(code);
  });
}

/** In bytes, `\x` and octal escapes stand for one byte, not for a code point. */
function bytesOf(text: string, at: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const found of text.matchAll(ESCAPE)) {
    parts.push(new TextEncoder().encode(text.slice(from, found.index)));
    const [all, , hex, hex2, , , octal] = found;
    if (hex !== undefined || hex2 !== undefined) parts.push(Uint8Array.of(Number.parseInt(hex ?? hex2 ?? '', 16)));
    else if (octal !== undefined) parts.push(Uint8Array.of(Number.parseInt(octal, 8)));
    else parts.push(new TextEncoder().encode(unescaped(all, at)));
    from = found.index + all.length;
  }
  parts.push(new TextEncoder().encode(text.slice(from)));
  return new Uint8Array(Buffer.concat(parts));
}
