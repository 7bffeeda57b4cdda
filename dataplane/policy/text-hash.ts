/**
 * A 32-bit hash of texts, for spreading them evenly; not for secrets. Node and
 * LuaJIT agree on it: every product stays below 2^53, so doubles are exact.
 */
import { byteAt } from '#platform';

const RANGE = 4_294_967_296;
const FACTOR_BYTE = 1_540_483;
const FACTOR_FIRST = 1_664_525;
const FACTOR_SECOND = 2_000_003;

/** @returns a whole number from 0 to 2^32 - 1 */
export function textHash(text: string): number {
  let hash = text.length;
  for (let i = 0; i < text.length; i++) hash = (hash * FACTOR_BYTE + (byteAt(text, i) ?? 0) + 1) % RANGE;
  return scrambled(hash);
}

/** Another hash for each `salt` (0, 1, 2, ...) from the same hash. */
export function rehash(hash: number, salt: number): number {
  return scrambled((hash + salt * FACTOR_FIRST) % RANGE);
}

/** Every bit of the input changes about half of those of the result. */
function scrambled(value: number): number {
  let hash = unsigned(value ^ (value >>> 16));
  hash = (hash * FACTOR_FIRST + 12_345) % RANGE;
  hash = unsigned(hash ^ (hash >>> 15));
  hash = (hash * FACTOR_SECOND) % RANGE;
  hash = unsigned(hash ^ (hash >>> 13));
  hash = (hash * FACTOR_BYTE) % RANGE;
  return unsigned(hash ^ (hash >>> 16));
}

/** Bit operations give signed numbers. */
function unsigned(value: number): number {
  return value < 0 ? value + RANGE : value;
}
