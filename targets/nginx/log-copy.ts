/**
 * Passes on what is appended to a log file, for containers, whose logs are expected on stdout. nginx itself cannot write there: a
 * pipe that nobody reads would block its workers, a file never does.
 */
import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { Writable } from 'node:stream';

const CHUNK_BYTES = 1 << 18;
/** Of one call: some milliseconds. */
const CHUNKS = 16;
/** A file that was renamed is left when nothing was appended for this long: its writers have opened the new one by then. */
const QUIET_MS = 1_000;

export class LogCopy {
  readonly #path: string;
  readonly #to: Writable;
  readonly #chunk = Buffer.alloc(CHUNK_BYTES);
  #file: number | undefined;
  #position = 0;
  #readAt = 0;

  /** What is in the file already is not passed on. */
  constructor(path: string, to: Writable) {
    this.#path = path;
    this.#to = to;
    this.#open('end');
  }

  /** To be called several times a second. @param now milliseconds */
  copy(now: number): void {
    if (this.#file === undefined) this.#open('start');
    if (this.#file === undefined) return;
    for (let chunks = 0; chunks < CHUNKS; chunks += 1) {
      if (this.#to.writableNeedDrain) return; // the file keeps it
      const length = readSync(this.#file, this.#chunk, 0, CHUNK_BYTES, this.#position);
      if (length === 0) break;
      this.#position += length;
      this.#readAt = now;
      this.#to.write(Buffer.from(this.#chunk.subarray(0, length)));
    }
    if (now - this.#readAt >= QUIET_MS && this.#wasReplaced(this.#file)) this.close();
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #open(from: 'start' | 'end'): void {
    try {
      this.#file = openSync(this.#path, constants.O_RDONLY | constants.O_NOFOLLOW);
      this.#position = from === 'end' ? fstatSync(this.#file).size : 0;
    } catch {
      // not there yet
    }
  }

  #wasReplaced(file: number): boolean {
    const present = statSync(this.#path, { throwIfNoEntry: false });
    return present !== undefined && present.ino !== fstatSync(file).ino;
  }
}
