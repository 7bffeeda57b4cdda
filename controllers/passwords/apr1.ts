/**
 * MD5-crypt, 1000 rounds: `$apr1$` of Apache's htpasswd and `$1$`. Our own: no library for it is kept, or takes bytes.
 * Only the mixing is ours, the hash is Node's.
 *
 * Source: Apache apr_md5.c (the algorithm, by its description).
 */
import { createHash } from 'node:crypto';
import { hash64 } from './hash64.ts';

const ROUNDS = 1000;
const ORDER = [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5], [11]];

/** @returns the last part of the hash */
export function md5Crypt(password: Uint8Array, salt: string, magic: '$apr1$' | '$1$'): string {
  const saltBytes = Buffer.from(salt, 'latin1');
  const inner = md5(password, saltBytes, password);
  const start = createHash('md5').update(password).update(magic).update(saltBytes);
  for (let left = password.length; left > 0; left -= 16) start.update(inner.subarray(0, Math.min(16, left)));
  for (let bits = password.length; bits > 0; bits >>= 1) {
    start.update((bits & 1) === 1 ? Buffer.of(0) : password.subarray(0, 1));
  }
  let digest: Uint8Array = start.digest();
  for (let round = 0; round < ROUNDS; round++) {
    const odd = round % 2 === 1;
    const parts: Uint8Array[] = [odd ? password : digest];
    if (round % 3 !== 0) parts.push(saltBytes);
    if (round % 7 !== 0) parts.push(password);
    parts.push(odd ? digest : password);
    digest = md5(...parts);
  }
  return hash64(digest, ORDER);
}

function md5(...parts: readonly Uint8Array[]): Uint8Array {
  return createHash('md5').update(Buffer.concat(parts)).digest();
}
