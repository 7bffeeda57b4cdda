/** How answers are made smaller for clients that take it. Source: GW-45. */
import { byteAt, indexOf, lowerCase, slice, wholeNumber } from '#platform';

/** As Accept-Encoding and Content-Encoding name them. */
export type ContentCoding = 'br' | 'gzip' | 'zstd';

/** Which of nginx's and of ours an answer gets; the backend is asked for none. */
export interface CompressionStep {
  readonly type: 'compression';
  /** Of those that a client likes as much the first. */
  readonly codings: readonly ContentCoding[];
  /** Of an answer whose length is known. */
  readonly leastBytes: number;
}

/** Media types whose content becomes smaller, beside text/html. */
export const COMPRESSED_TYPES = [
  'text/css',
  'text/plain',
  'text/javascript',
  'text/x-component',
  'application/json',
  'application/javascript',
  'application/x-javascript',
  'application/xml',
  'application/xhtml+xml',
  'application/rss+xml',
  'application/atom+xml',
  'application/vnd.ms-fontobject',
  'application/x-font-ttf',
  'application/x-web-app-manifest+json',
  'font/opentype',
  'image/svg+xml',
  'image/x-icon',
];

/** @param contentType as the answer has it, with parameters */
export function isCompressed(contentType: string): boolean {
  const type = beforeSemicolon(lowerCase(withoutSpaces(contentType)));
  if (type === 'text/html') return true;
  for (const each of COMPRESSED_TYPES) if (each === type) return true;
  return false;
}

/**
 * The coding that a client likes most; undefined: it takes none.
 *
 * @param accepted its Accept-Encoding. Source: RFC 9110, 12.5.3
 */
export function chosenCoding(accepted: string, offered: readonly ContentCoding[]): ContentCoding | undefined {
  const list = lowerCase(withoutSpaces(accepted));
  let chosen: ContentCoding | undefined;
  let best = 0;
  for (const coding of offered) {
    const weight = weightIn(list, coding) ?? weightIn(list, '*') ?? 0;
    if (weight > best) {
      chosen = coding;
      best = weight;
    }
  }
  return chosen;
}

/** Undefined: the list says nothing of it. */
function weightIn(list: string, coding: string): number | undefined {
  for (let from = 0; from < list.length; ) {
    const comma = indexOf(list, ',', from);
    const end = comma === -1 ? list.length : comma;
    const part = slice(list, from, end);
    const name = beforeSemicolon(part);
    if (name === coding) return weightOf(slice(part, name.length, part.length));
    from = end + 1;
  }
  return undefined;
}

const HIGHEST = 1000;
const WEIGHT = ';q=0';

/** In thousandths, of `;q=0.5`; what is no weight counts as the highest. */
function weightOf(parameter: string): number {
  if (slice(parameter, 0, WEIGHT.length) !== WEIGHT) return HIGHEST;
  const digits = slice(`${slice(parameter, WEIGHT.length + 1, parameter.length)}000`, 0, 3);
  return wholeNumber(digits) ?? HIGHEST;
}

function beforeSemicolon(text: string): string {
  const semicolon = indexOf(text, ';', 0);
  return semicolon === -1 ? text : slice(text, 0, semicolon);
}

function withoutSpaces(text: string): string {
  let kept = '';
  for (let position = 0; position < text.length; position += 1) {
    const byte = byteAt(text, position);
    if (byte !== SPACE && byte !== TAB) kept += slice(text, position, position + 1);
  }
  return kept;
}

const SPACE = 0x20;
const TAB = 0x09;
