/** The base 64 of crypt(3): other characters than RFC 4648, least significant bits first. */
const CHARACTERS = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** @param order indexes of bytes, three (or fewer at the end) for each group, most significant first; -1: zero bits */
export function hash64(bytes: Uint8Array, order: readonly (readonly number[])[]): string {
  let text = '';
  for (const group of order) {
    let value = 0;
    for (const index of group) value = value * 256 + (bytes[index] ?? 0);
    const count = Math.ceil((group.length * 8) / 6);
    for (let i = 0; i < count; i++) {
      text += CHARACTERS[value & 63];
      value >>= 6;
    }
  }
  return text;
}
