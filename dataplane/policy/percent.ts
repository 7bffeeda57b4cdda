/** Percent-encoding of byte strings. Source: RFC 3986 section 2. */
import { byteAt, byteText } from '#platform';

const DIGITS = '0123456789ABCDEF';
/** Beside letters and digits: RFC 3986 section 2.3. */
const UNRESERVED = '-._~';
/** What a path may hold beside those: section 3.3. */
const PATH = "-._~!$&'()*+,;=:@/";

/** Everything but unreserved characters encoded: fits anywhere in a URL. */
export function encodeComponent(text: string): string {
  return encode(text, UNRESERVED);
}

/** A decoded path as it is written in a URL. */
export function encodePath(path: string): string {
  return encode(path, PATH);
}

function encode(text: string, kept: string): string {
  let encoded = '';
  for (let i = 0; i < text.length; i++) {
    const byte = byteAt(text, i) ?? 0;
    encoded = encoded + (isAlphanumeric(byte) || isAmong(byte, kept) ? byteText(byte) : `%${hexByte(byte)}`);
  }
  return encoded;
}

function isAlphanumeric(byte: number): boolean {
  return (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122);
}

function isAmong(byte: number, kept: string): boolean {
  for (let i = 0; i < kept.length; i++) if (byteAt(kept, i) === byte) return true;
  return false;
}

/** Two digits, upper case. */
export function hexByte(byte: number): string {
  const low = byte % 16;
  return byteText(byteAt(DIGITS, (byte - low) / 16) ?? 0) + byteText(byteAt(DIGITS, low) ?? 0);
}
