import { crc32 } from 'node:zlib';

/**
 * A value as the store holds it since version 2: its checksum, then its text. The checksum covers the key, so that a value that
 * comes out under another name is noticed too.
 */
const CHECKSUM_LENGTH = 8;

export function storedValue(key: string, text: string): string {
  return checksum(key, text) + text;
}

/** @returns undefined when the checksum does not fit */
export function textOfValue(key: string, value: string): string | undefined {
  const text = value.slice(CHECKSUM_LENGTH);
  return value.slice(0, CHECKSUM_LENGTH) === checksum(key, text) ? text : undefined;
}

function checksum(key: string, text: string): string {
  return crc32(text, crc32(key)).toString(16).padStart(CHECKSUM_LENGTH, '0');
}
