/**
 * SHA-crypt, `$5$` and `$6$`. Our own: the library that is kept (unixcrypt) takes text, and what a client sends
 * may be no UTF-8. Only the mixing is ours, the hash is Node's.
 *
 * Source: Ulrich Drepper, "Unix crypt using SHA-256 and SHA-512", version 0.6, steps 1 to 22.
 */
import { createHash } from 'node:crypto';
import { hash64 } from './hash64.ts';

const DEFAULT_ROUNDS = 5000;
const LEAST_ROUNDS = 1000;

const ORDERS = {
  sha256: rotating(10, 30, [31, 30]),
  sha512: rotating(21, 63, [63]),
};

/** @param rounds as in the hash; undefined: 5000 */
export function shaCrypt(
  algorithm: 'sha256' | 'sha512',
  password: Uint8Array,
  salt: string,
  rounds = DEFAULT_ROUNDS,
): string {
  const saltBytes = Buffer.from(salt.slice(0, 16), 'latin1');
  const digestOf = (...parts: readonly Uint8Array[]): Uint8Array =>
    createHash(algorithm).update(Buffer.concat(parts)).digest();
  const size = algorithm === 'sha256' ? 32 : 64;

  const alternate = digestOf(password, saltBytes, password);
  const parts: Uint8Array[] = [password, saltBytes, repeated(alternate, password.length)];
  for (let bits = password.length; bits > 0; bits >>= 1) parts.push((bits & 1) === 1 ? alternate : password);
  let digest = digestOf(...parts);
  const p = repeated(digestOf(...new Array<Uint8Array>(password.length).fill(password)), password.length);
  const s = repeated(digestOf(...new Array<Uint8Array>(16 + (digest[0] ?? 0)).fill(saltBytes)), saltBytes.length);
  for (let round = 0; round < Math.max(LEAST_ROUNDS, rounds); round++) {
    const odd = round % 2 === 1;
    const mixed: Uint8Array[] = [odd ? p : digest];
    if (round % 3 !== 0) mixed.push(s);
    if (round % 7 !== 0) mixed.push(p);
    mixed.push(odd ? digest : p);
    digest = digestOf(...mixed);
  }
  return hash64(digest.subarray(0, size), ORDERS[algorithm]);
}

/** So many bytes of `bytes`, begun again at their end. */
function repeated(bytes: Uint8Array, length: number): Uint8Array {
  const result = Buffer.alloc(length);
  for (let i = 0; i < length; i++) result[i] = bytes[i % bytes.length] ?? 0;
  return result;
}

/** Groups of three bytes a third of the digest apart, each group turned once more than the one before. */
function rotating(third: number, end: number, last: readonly number[]): readonly (readonly number[])[] {
  const groups: number[][] = [];
  let [a, b, c] = [0, third, third * 2];
  for (let count = 0; count < end / 3; count++) {
    groups.push([a, b, c]);
    if (third === 10) [a, b, c] = [c + 1, a + 1, b + 1];
    else [a, b, c] = [b + 1, c + 1, a + 1];
  }
  return [...groups, last];
}
