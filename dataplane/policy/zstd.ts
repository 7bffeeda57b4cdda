/** Answers that are compressed with Zstandard for clients that take it. Source: RFC 8878; GW-45. */
import { byteAt, indexOf, lowerCase, slice, wholeNumber } from '#platform';

export interface ZstdStep {
  readonly type: 'zstd';
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
 * Reports whether a client takes Zstandard, and likes nothing that we have more.
 *
 * @param accepted its Accept-Encoding. Source: RFC 9110, 12.5.3
 */
export function takesZstd(accepted: string): boolean {
  const list = lowerCase(withoutSpaces(accepted));
  let zstd = 0;
  let others = 0;
  for (let from = 0; from < list.length; ) {
    const comma = indexOf(list, ',', from);
    const end = comma === -1 ? list.length : comma;
    const part = slice(list, from, end);
    const coding = beforeSemicolon(part);
    const weight = weightOf(slice(part, coding.length, part.length));
    if (coding === 'zstd') zstd = weight;
    else if ((coding === 'br' || coding === 'gzip') && weight > others) others = weight;
    from = end + 1;
  }
  return zstd > 0 && zstd >= others;
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
