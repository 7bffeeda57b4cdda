/** The log files of one instance: kept once over (`access.log` and `access.log.1`), and copied to streams where that is wanted. */
import { renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { LogCopy } from './log-copy.ts';

/** Streams for what logs say, as containers have them. */
export interface LogOutput {
  readonly access: Writable;
  readonly errors: Writable;
}

const NAMES = ['access.log', 'stream.log', 'audit.log', 'error.log'];
const MAX_BYTES = 64 << 20;
const CHECK_MS = 60_000;
/** Logs that are copied need not be kept, and in a container they are in memory. */
const COPIED_MAX_BYTES = 8 << 20;
const COPIED_CHECK_MS = 1_000;

export class Logs {
  readonly #directory: string;
  readonly #reopen: () => void;
  readonly #copies: readonly LogCopy[];
  #checkedAt = 0;

  /** @param reopen tells those who write that their files were renamed */
  constructor(directory: string, output: LogOutput | undefined, reopen: () => void) {
    this.#directory = directory;
    this.#reopen = reopen;
    this.#copies =
      output === undefined
        ? []
        : NAMES.map((name) => new LogCopy(join(directory, name), name === 'error.log' ? output.errors : output.access));
  }

  /** To be called several times a second. @param now milliseconds */
  watch(now: number): void {
    for (const copy of this.#copies) copy.copy(now);
    if (now - this.#checkedAt < (this.#copies.length > 0 ? COPIED_CHECK_MS : CHECK_MS)) return;
    this.#checkedAt = now;
    this.#rotate();
  }

  /** Nobody writes any more. */
  end(now: number): void {
    for (const copy of this.#copies) {
      copy.copy(now);
      copy.close();
    }
  }

  #rotate(): void {
    const most = this.#copies.length > 0 ? COPIED_MAX_BYTES : MAX_BYTES;
    let rotated = false;
    for (const name of NAMES) {
      const path = join(this.#directory, name);
      if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) < most) continue;
      renameSync(path, `${path}.1`);
      rotated = true;
    }
    if (rotated) this.#reopen();
  }
}
