/** Lines of a file written, and parts of it copied, in few system calls. */
import { readSync, writeSync } from 'node:fs';

/** Bytes from `start` to before `end`. */
export interface FileRange {
  readonly start: number;
  readonly end: number;
}

const BATCH_BYTES = 1 << 18;

/** Ranges that follow each other as one; given and returned in the order of the file. */
function* joined(ranges: Iterable<FileRange>): Generator<FileRange> {
  let run: FileRange | undefined;
  for (const { start, end } of ranges) {
    if (run !== undefined && run.end === start) {
      run = { start: run.start, end };
      continue;
    }
    if (run !== undefined) yield run;
    run = { start, end };
  }
  if (run !== undefined) yield run;
}

/**
 * Copies ranges of a file, one after the other, to a position of another.
 *
 * @param ranges in the order of the file
 * @returns where they end there
 */
export function copyRanges(from: number, ranges: Iterable<FileRange>, to: number, position: number): number {
  const buffer = Buffer.allocUnsafe(BATCH_BYTES);
  let filled = 0;
  let at = position;
  const flush = (): void => {
    writeAll(to, buffer.subarray(0, filled), at);
    at += filled;
    filled = 0;
  };
  for (const { start, end } of joined(ranges)) {
    for (let done = start; done < end; ) {
      if (filled === buffer.length) flush();
      const got = readSync(from, buffer, filled, Math.min(end - done, buffer.length - filled), done);
      if (got === 0) throw new Error('the file is shorter than what was written to it');
      done += got;
      filled += got;
    }
  }
  flush();
  return at;
}

/** Writes at a position, in few system calls; returns the number of bytes. */
export function writeLines(file: number, position: number, lines: Iterable<string>): number {
  let written = 0;
  let batch: string[] = [];
  let batched = 0;
  const flush = (): void => {
    const bytes = Buffer.from(batch.join(''));
    writeAll(file, bytes, position + written);
    written += bytes.length;
    batch = [];
    batched = 0;
  };
  for (const line of lines) {
    batch.push(line);
    batched += line.length;
    if (batched >= BATCH_BYTES) flush();
  }
  flush();
  return written;
}

function writeAll(file: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done, position + done);
}
