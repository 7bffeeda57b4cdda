/**
 * bcrypt, `$2a$`, `$2b$` and `$2y$`: 64 rounds of an expensively keyed Blowfish.
 *
 * Source: Niels Provos and David Mazières, "A Future-Adaptable Password Scheme" (USENIX 1999); Bruce Schneier, "Description of
 * a New Variable-Length Key, 64-bit Block Cipher (Blowfish)" (1994). Its first state are the digits of pi, which are computed.
 */
const CHARACTERS = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const PLAINTEXT = 'OrpheanBeholderScryDoubt';
const SUBKEYS = 18;
const BOX_ENTRIES = 1024;
const MAX_PASSWORD_BYTES = 72;

interface State {
  readonly p: Int32Array;
  readonly s: Int32Array;
}

/** @returns 31 characters, the last part of the hash. @param salt 22 characters @param cost logarithm of the number of key expansions */
export function bcrypt(password: Uint8Array, salt: string, cost: number): string {
  const saltBytes = decode(salt, 16);
  // The 0 at the end belongs to the key.
  const key = Buffer.concat([password, Buffer.of(0)]).subarray(0, MAX_PASSWORD_BYTES);
  const initial = initialState();
  const state: State = { p: initial.p.slice(), s: initial.s.slice() };
  const [keyWords, saltWords] = [words(key, SUBKEYS), words(saltBytes, SUBKEYS)];
  expand(state, keyWords, words(saltBytes, 4));
  const none = new Int32Array(4);
  for (let round = 2 ** cost; round > 0; round--) {
    expand(state, keyWords, none);
    expand(state, saltWords, none);
  }
  const text = words(Buffer.from(PLAINTEXT, 'latin1'), 6);
  for (let block = 0; block < 6; block += 2) for (let round = 0; round < 64; round++) encipher(state, text, block);
  const bytes = Buffer.alloc(24);
  for (const [index, word] of text.entries()) bytes.writeInt32BE(word, index * 4);
  return encode(bytes.subarray(0, 23));
}

/** Mixes a key into the state, each new part of which is the last one with salt, enciphered. */
function expand(state: State, key: Int32Array, salt: Int32Array): void {
  const { p, s } = state;
  for (let i = 0; i < SUBKEYS; i++) p[i] = (p[i] ?? 0) ^ (key[i] ?? 0);
  const block = new Int32Array(2);
  let turn = 0;
  for (const part of [p, s]) {
    for (let i = 0; i < part.length; i += 2) {
      block[0] = (block[0] ?? 0) ^ (salt[turn] ?? 0);
      block[1] = (block[1] ?? 0) ^ (salt[turn + 1] ?? 0);
      turn = (turn + 2) & 3;
      encipher(state, block, 0);
      part[i] = block[0] ?? 0;
      part[i + 1] = block[1] ?? 0;
    }
  }
}

/** Blowfish on the two words at `at`. */
function encipher({ p, s }: State, block: Int32Array, at: number): void {
  let left = (block[at] ?? 0) ^ (p[0] ?? 0);
  let right = block[at + 1] ?? 0;
  for (let round = 1; round < 17; round += 2) {
    right ^= mixed(s, left) ^ (p[round] ?? 0);
    left ^= mixed(s, right) ^ (p[round + 1] ?? 0);
  }
  block[at] = right ^ (p[17] ?? 0);
  block[at + 1] = left;
}

function mixed(s: Int32Array, word: number): number {
  const sum = ((s[word >>> 24] ?? 0) + (s[256 + ((word >>> 16) & 255)] ?? 0)) | 0;
  return ((sum ^ (s[512 + ((word >>> 8) & 255)] ?? 0)) + (s[768 + (word & 255)] ?? 0)) | 0;
}

/** Big-endian words of `bytes`, begun again at their end. */
function words(bytes: Uint8Array, count: number): Int32Array {
  const result = new Int32Array(count);
  for (let i = 0; i < count * 4; i++) {
    result[i >> 2] = ((result[i >> 2] ?? 0) << 8) | (bytes[i % bytes.length] ?? 0);
  }
  return result;
}

let known: State | undefined;

/** The digits of pi behind the point: 18 words, then the four boxes. */
function initialState(): State {
  if (known === undefined) {
    const digits = digitsOfPi(SUBKEYS + BOX_ENTRIES);
    known = { p: digits.subarray(0, SUBKEYS), s: digits.subarray(SUBKEYS) };
  }
  return known;
}

/** John Machin's formula: pi = 16 arctan(1/5) - 4 arctan(1/239). */
function digitsOfPi(count: number): Int32Array {
  const spareBits = 64n;
  const bits = BigInt(count * 32) + spareBits;
  const pi = (16n * inverseArctan(5n, bits) - 4n * inverseArctan(239n, bits)) >> spareBits;
  const hex = pi.toString(16).slice(1);
  return Int32Array.from({ length: count }, (_, index) => Number.parseInt(hex.slice(index * 8, index * 8 + 8), 16) | 0);
}

/** arctan(1/x), times 2 to the power of `bits`. */
function inverseArctan(x: bigint, bits: bigint): bigint {
  let power = (1n << bits) / x;
  let sum = power;
  const square = x * x;
  for (let n = 3n, sign = -1n; power > 0n; n += 2n, sign = -sign) {
    power /= square;
    sum += (sign * power) / n;
  }
  return sum;
}

function encode(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b, c] = bytes.subarray(i, i + 3);
    text += CHARACTERS[a >> 2];
    text += CHARACTERS[((a & 3) << 4) | ((b ?? 0) >> 4)];
    if (b === undefined) break;
    text += CHARACTERS[((b & 15) << 2) | ((c ?? 0) >> 6)];
    if (c === undefined) break;
    text += CHARACTERS[c & 63];
  }
  return text;
}

function decode(text: string, length: number): Uint8Array {
  const bytes: number[] = [];
  let [value, bits] = [0, 0];
  for (const character of text) {
    value = ((value << 6) | CHARACTERS.indexOf(character)) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((value >> bits) & 255);
    }
  }
  return Uint8Array.from(bytes.slice(0, length));
}
