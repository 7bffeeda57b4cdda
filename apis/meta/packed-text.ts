/**
 * A text as its differences from a similar one, the dictionary: for JSON objects of one kind, of which most is the same. The 1.2 KB of
 * a Rule become 170 bytes in 10 us, and a text again in 5; zlib makes 130 of them, but needs ten times as long, most of it to set itself
 * up.
 *
 *   packed  = length of the text, sequence ...
 *   sequence = 2 x number of literal bytes + follows, literal bytes, [ length of the copy, [ its position unless it follows ] ]
 *
 * Numbers are in groups of 7 bits, lowest first, 128 marking that more come (RFC 1951's idea of copies, DWARF's LEB128). Positions count
 * from the begin of the dictionary, with the text behind it, so a text can also repeat itself. A copy *follows* when it goes on in the
 * dictionary where the one before ended, the literals between them standing for as many other bytes: then it needs no position, which
 * is the usual case, since names of objects are as long as each other. The last sequence has no copy.
 */

/** Shorter copies cost more than they save, unless they need no position. */
const COPY_MIN = 4;
const FOLLOWING_COPY_MIN = 3;
/** What follows is taken at once when it is as long as this: nothing else will be much longer. */
const LONG_COPY = 16;
const HASH_BITS = 11;
const DICTIONARY_BYTES = 4096;
/** Buffers for larger texts are not kept. */
const KEPT_BYTES = 1 << 16;

/** Where in some bytes four of them stood last, by their hash. */
type Places = Int32Array;

export class Dictionary {
  readonly bytes: Buffer;
  #places: Places | undefined;

  /** @param text of which the begin is taken */
  constructor(text: string) {
    this.bytes = Buffer.from(Buffer.from(text).subarray(0, DICTIONARY_BYTES));
  }

  /** Only packing needs them. */
  get places(): Places {
    this.#places ??= placesOf(this.bytes);
    return this.#places;
  }

  /** No more will be packed with it soon. */
  retire(): void {
    this.#places = undefined;
  }
}

let keptInput = Buffer.alloc(1 << 13);
let keptOutput = Buffer.alloc(1 << 13);
const keptPlaces: Places = new Int32Array(1 << HASH_BITS);

/** @returns a character for each byte: a string takes less memory than a Buffer */
export function packText(dictionary: Dictionary, text: string): string {
  const begin = dictionary.bytes.length;
  const input = inputOf(begin + 3 * text.length);
  const output = outputOf(6 * text.length + 64);
  dictionary.bytes.copy(input);
  const end = begin + input.write(text, begin);
  const places = keptPlaces;
  places.set(dictionary.places);
  let written = writeNumber(output, 0, end - begin);
  let literals = begin;
  let following = 0;
  for (let at = begin; at + COPY_MIN <= end; ) {
    let from = following + at - literals;
    let length = from < begin ? commonLength(input, from, at, end) : 0;
    if (length < FOLLOWING_COPY_MIN) length = 0;
    const hash = hashOf(input, at);
    if (length < LONG_COPY) {
      const other = places[hash] ?? -1;
      const otherLength = other < 0 ? 0 : commonLength(input, other, at, end);
      // Its position takes two bytes.
      if (otherLength >= COPY_MIN && otherLength > length + 2) {
        from = other;
        length = otherLength;
      }
    }
    places[hash] = at;
    if (length === 0) {
      at += 1;
      continue;
    }
    const count = at - literals;
    const follows = from === following + count;
    written = writeNumber(output, written, 2 * count + (follows ? 1 : 0));
    written += input.copy(output, written, literals, at);
    written = writeNumber(output, written, length);
    if (!follows) written = writeNumber(output, written, from);
    following = from + length;
    at += length;
    literals = at;
  }
  written = writeNumber(output, written, 2 * (end - literals));
  written += input.copy(output, written, literals, end);
  return output.toString('latin1', 0, written);
}

/** @param packed by {@link packText} with the same dictionary */
export function unpackText(dictionary: Dictionary, packed: string): string {
  const source = outputOf(packed.length);
  source.write(packed, 'latin1');
  let read = 0;
  const readNumber = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const group = source[read++] ?? 0;
      value |= (group & 127) << shift;
      if (group < 128) return value;
    }
  };
  const begin = dictionary.bytes.length;
  const end = begin + readNumber();
  const text = inputOf(end);
  dictionary.bytes.copy(text);
  let following = 0;
  for (let at = begin; at < end; ) {
    const head = readNumber();
    const count = head >>> 1;
    source.copy(text, at, read, read + count);
    read += count;
    at += count;
    if (at >= end) break;
    const length = readNumber();
    const from = (head & 1) === 1 ? following + count : readNumber();
    // Byte by byte, since a copy may reach into what it makes.
    for (let index = 0; index < length; index += 1) text[at + index] = text[from + index] ?? 0;
    at += length;
    following = from + length;
  }
  return text.toString('utf8', begin, end);
}

function placesOf(bytes: Buffer): Places {
  const places = new Int32Array(1 << HASH_BITS).fill(-1);
  for (let at = 0; at + COPY_MIN <= bytes.length; at += 1) places[hashOf(bytes, at)] = at;
  return places;
}

function hashOf(bytes: Buffer, at: number): number {
  const four =
    (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
  return Math.imul(four, 0x9e3779b1) >>> (32 - HASH_BITS);
}

function commonLength(bytes: Buffer, from: number, at: number, end: number): number {
  let length = 0;
  while (at + length < end && bytes[from + length] === bytes[at + length]) length += 1;
  return length;
}

function writeNumber(bytes: Buffer, position: number, value: number): number {
  let at = position;
  let rest = value;
  while (rest >= 128) {
    bytes[at++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}

function inputOf(bytes: number): Buffer {
  if (bytes > KEPT_BYTES) return Buffer.allocUnsafeSlow(bytes);
  if (keptInput.length < bytes) keptInput = Buffer.allocUnsafeSlow(KEPT_BYTES);
  return keptInput;
}

function outputOf(bytes: number): Buffer {
  if (bytes > KEPT_BYTES) return Buffer.allocUnsafeSlow(bytes);
  if (keptOutput.length < bytes) keptOutput = Buffer.allocUnsafeSlow(KEPT_BYTES);
  return keptOutput;
}
