/**
 * The state file: the last full transaction and those after it, exactly as the
 * workers read them. It is written before anything is pushed, so a worker that
 * starts from it is never behind one that got the push; and it is the log from
 * which a worker that comes late gets what it misses: a connection is a position
 * in this file.
 *
 *   begin full | put ... | commit 7 | begin | put | commit 8 | begin | delete | commit 9
 *   ^ position of version 0 (nothing)  ^ of version 7          ^ of version 8           ^ of version 9
 *
 * Appended transactions are folded into a new full one (written beside, renamed
 * into place) when they outgrow it. An unfinished transaction at the end, left by
 * a crash while writing, is cut off. Of the records only digests stay in memory.
 */
import {
  closeSync,
  fchownSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import type { DataplaneRecord, StreamLine } from '@causeway/dataplane/policy/record';
import { beginLine, commitLine, type Digest, deltaOf, digestOf, putLine } from './delta.ts';
import { type RecordChange, type RecordKey, recordKey } from './wanted.ts';

export interface FileOwner {
  readonly uid: number;
  readonly gid: number;
}

/** Appended bytes below this are never worth a compaction. */
const COMPACT_FROM_BYTES = 1 << 20;
/** History that may not wait: a worker that starts reads all of it. */
const HISTORY_AT_MOST = 4;
const WRITE_BATCH_BYTES = 1 << 18;

export class StateFile {
  readonly #path: string;
  readonly #owner: FileOwner | undefined;
  readonly #digests = new Map<RecordKey, Digest>();
  /** End of the transaction that made a version. */
  readonly #ends = new Map<number, number>();
  #file: number | undefined;
  #version = 0;
  #size = 0;
  #fullSize = 0;

  /**
   * @param path its folder must exist; the file need not
   * @param owner who may read it besides root; absent: whoever runs this
   */
  constructor(path: string, owner?: FileOwner) {
    this.#path = path;
    this.#owner = owner;
    this.#load();
  }

  /** The last committed version, 0 before the first. */
  get version(): number {
    return this.#version;
  }

  get size(): number {
    return this.#size;
  }

  get records(): number {
    return this.#digests.size;
  }

  /** The file holds more history than state. */
  get shouldCompact(): boolean {
    return this.#history > 1;
  }

  /** It holds so much that compaction cannot wait for a calm moment. */
  get mustCompact(): boolean {
    return this.#history > HISTORY_AT_MOST;
  }

  /** How often the state would fit into the history. */
  get #history(): number {
    return (this.#size - this.#fullSize) / Math.max(COMPACT_FROM_BYTES, this.#fullSize);
  }

  /** Where a reader that has `version` goes on; 0, where a full transaction stands, if the history does not say. */
  position(version: number): number {
    return this.#ends.get(version) ?? 0;
  }

  /** Reads up to `buffer.length` bytes; 0 at the end. */
  read(buffer: Uint8Array, position: number): number {
    return this.#file === undefined
      ? 0
      : readSync(this.#file, buffer, 0, Math.min(buffer.length, this.#size - position), position);
  }

  /**
   * Writes one transaction with what differs, or nothing.
   *
   * @param complete `changes` are all records there shall be
   * @param versionAfter lets a new lineage begin above one that was lost
   * @returns whether there is a new version
   * @throws the file system's error; nothing is changed then
   */
  write(changes: Iterable<RecordChange>, complete: boolean, versionAfter = this.#version): boolean {
    const first = this.#version === 0;
    const delta = deltaOf(this.#digests, changes, complete || first);
    if (delta.lines.length === 0 && !first) return false;

    const version = Math.max(this.#version, versionAfter) + 1;
    const file = this.#file ?? this.#create(this.#path);
    this.#file = file;
    try {
      this.#size += writeLines(file, this.#size, [beginLine(first), ...delta.lines, commitLine(version)]);
    } catch (error) {
      ftruncateSync(file, this.#size);
      throw error;
    }
    for (const [key, digest] of delta.digests) {
      if (digest === undefined) this.#digests.delete(key);
      else this.#digests.set(key, digest);
    }
    this.#version = version;
    this.#ends.set(version, this.#size);
    if (first) this.#fullSize = this.#size;
    return true;
  }

  /**
   * Replaces the file by one full transaction. Positions from before are void.
   *
   * @param records everything there is at the present version
   * @param version to be a later one, when readers must take the whole of it
   */
  compact(records: Iterable<DataplaneRecord>, version = this.#version): void {
    const next = `${this.#path}.next`;
    const file = this.#create(next);
    const digests = new Map<RecordKey, Digest>();
    let size: number;
    try {
      size = writeLines(file, 0, fullTransaction(records, version, digests));
      renameSync(next, this.#path);
    } catch (error) {
      closeSync(file);
      rmSync(next, { force: true });
      throw error;
    }
    this.close();
    this.#adopt(file, size, version, digests);
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #adopt(file: number, size: number, version: number, digests: ReadonlyMap<RecordKey, Digest>): void {
    this.#file = file;
    this.#size = size;
    this.#fullSize = size;
    this.#version = version;
    this.#ends.clear();
    this.#ends.set(version, size);
    this.#digests.clear();
    for (const [key, digest] of digests) this.#digests.set(key, digest);
  }

  #create(path: string): number {
    rmSync(path, { force: true });
    const file = openSync(path, 'wx+', 0o600);
    if (this.#owner !== undefined) fchownSync(file, this.#owner.uid, this.#owner.gid);
    return file;
  }

  #load(): void {
    let file: number;
    try {
      file = openSync(this.#path, 'r+');
    } catch {
      return; // none yet
    }
    const content = Buffer.alloc(fstatSync(file).size);
    readSync(file, content, 0, content.length, 0);
    const history = readHistory(content);
    if (history === undefined) {
      closeSync(file);
      rmSync(this.#path, { force: true });
      return;
    }
    ftruncateSync(file, history.size);
    this.#adopt(file, history.size, history.version, history.digests);
    this.#fullSize = history.fullSize;
    for (const [version, end] of history.ends) this.#ends.set(version, end);
  }
}

interface History {
  readonly version: number;
  readonly size: number;
  readonly fullSize: number;
  readonly ends: ReadonlyMap<number, number>;
  readonly digests: ReadonlyMap<RecordKey, Digest>;
}

/** Reads whole transactions; `undefined` when there is not even a full one, or the text is not ours. */
function readHistory(content: Buffer): History | undefined {
  const digests = new Map<RecordKey, Digest>();
  const ends = new Map<number, number>();
  let version = 0;
  let size = 0;
  let fullSize = 0;
  let open: [RecordKey, Digest | undefined][] | undefined;
  let start = 0;
  for (let end = content.indexOf(10); end >= 0; end = content.indexOf(10, start)) {
    const line = content.toString('utf8', start, end + 1);
    start = end + 1;
    let parsed: StreamLine;
    try {
      parsed = JSON.parse(line) as StreamLine;
    } catch {
      break;
    }
    switch (parsed.op) {
      case 'begin':
        if (parsed.full !== (version === 0)) return undefined;
        open = [];
        break;
      case 'put':
        open?.push([recordKey(parsed.record.type, parsed.record.id), digestOf(line)]);
        break;
      case 'delete':
        open?.push([recordKey(parsed.type, parsed.id), undefined]);
        break;
      case 'commit':
        for (const [key, digest] of open ?? []) {
          if (digest === undefined) digests.delete(key);
          else digests.set(key, digest);
        }
        open = undefined;
        size = start;
        if (version === 0) fullSize = start;
        version = parsed.version;
        ends.set(version, start);
        break;
    }
  }
  return version === 0 ? undefined : { version, size, fullSize, ends, digests };
}

function* fullTransaction(
  records: Iterable<DataplaneRecord>,
  version: number,
  digests: Map<RecordKey, Digest>,
): Generator<string> {
  yield beginLine(true);
  for (const record of records) {
    const line = putLine(record);
    digests.set(recordKey(record.type, record.id), digestOf(line));
    yield line;
  }
  yield commitLine(version);
}

/** Writes at a position, in few system calls; returns the number of bytes. */
function writeLines(file: number, position: number, lines: Iterable<string>): number {
  let written = 0;
  let batch: string[] = [];
  let batched = 0;
  const flush = (): void => {
    const bytes = Buffer.from(batch.join(''));
    for (let done = 0; done < bytes.length; )
      done += writeSync(file, bytes, done, bytes.length - done, position + written + done);
    written += bytes.length;
    batch = [];
    batched = 0;
  };
  for (const line of lines) {
    batch.push(line);
    batched += line.length;
    if (batched >= WRITE_BATCH_BYTES) flush();
  }
  flush();
  return written;
}
