/**
 * IP addresses in a form whose byte order is their numeric order.
 *
 * Source: RFC 4291 section 2.2 for the text forms of IPv6.
 */
import { byteAt, byteText, indexOf, slice } from '#platform';

const DIGIT_0 = 48;
const DIGIT_9 = 57;
const LETTER_A = 97;
const LETTER_F = 102;
const DOT = 46;
const OPEN_BRACKET = 91;

/**
 * @param text IPv4 in dotted form, or IPv6 with or without brackets
 * @returns `4` and 4 bytes, or `6` and 16 bytes; undefined when `text` is no address
 */
export function addressKey(text: string): string | undefined {
  if (indexOf(text, ':', 0) >= 0) {
    const bare = byteAt(text, 0) === OPEN_BRACKET ? slice(text, 1, text.length - 1) : text;
    const packed = packIPv6(bare);
    return packed === undefined ? undefined : '6' + packed;
  }
  const packed = packIPv4(text);
  return packed === undefined ? undefined : '4' + packed;
}

function packIPv4(text: string): string | undefined {
  let packed = '';
  let value = -1;
  let parts = 0;
  for (let i = 0; i <= text.length; i++) {
    const byte = i === text.length ? DOT : (byteAt(text, i) ?? 0);
    if (byte === DOT) {
      if (value < 0) return undefined;
      packed = packed + byteText(value);
      parts++;
      value = -1;
    } else if (byte >= DIGIT_0 && byte <= DIGIT_9) {
      value = (value < 0 ? 0 : value * 10) + byte - DIGIT_0;
      if (value > 255) return undefined;
    } else {
      return undefined;
    }
  }
  return parts === 4 ? packed : undefined;
}

function packIPv6(text: string): string | undefined {
  const gap = indexOf(text, '::', 0);
  if (gap < 0) {
    const packed = packGroups(text);
    return packed !== undefined && packed.length === 16 ? packed : undefined;
  }
  const head = gap === 0 ? '' : packGroups(slice(text, 0, gap));
  const tail = gap + 2 === text.length ? '' : packGroups(slice(text, gap + 2, text.length));
  if (head === undefined || tail === undefined || head.length + tail.length > 14) return undefined;
  let packed = head;
  for (let i = head.length + tail.length; i < 16; i++) packed = packed + byteText(0);
  return packed + tail;
}

/** Two bytes per group of hexadecimal digits; the last group may be an IPv4 address. */
function packGroups(text: string): string | undefined {
  let packed = '';
  let start = 0;
  while (start <= text.length) {
    const colon = indexOf(text, ':', start);
    const end = colon < 0 ? text.length : colon;
    const group = slice(text, start, end);
    if (colon < 0 && indexOf(group, '.', 0) >= 0) {
      const tail = packIPv4(group);
      return tail === undefined ? undefined : packed + tail;
    }
    const value = hexValue(group);
    if (value === undefined) return undefined;
    const low = value % 256;
    packed = packed + byteText((value - low) / 256) + byteText(low);
    start = end + 1;
  }
  return packed;
}

function hexValue(group: string): number | undefined {
  if (group.length === 0 || group.length > 4) return undefined;
  let value = 0;
  for (let i = 0; i < group.length; i++) {
    const digit = hexDigit(byteAt(group, i) ?? 0);
    if (digit === undefined) return undefined;
    value = value * 16 + digit;
  }
  return value;
}

/** The value of one hexadecimal digit, undefined for any other byte. */
export function hexDigit(byte: number): number | undefined {
  if (byte >= DIGIT_0 && byte <= DIGIT_9) return byte - DIGIT_0;
  const lower = byte >= 65 && byte <= 70 ? byte + 32 : byte;
  return lower >= LETTER_A && lower <= LETTER_F ? lower - LETTER_A + 10 : undefined;
}
