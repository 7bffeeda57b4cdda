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
 * into place) when they outgrow it: the last line of each record is copied, nothing
 * is rendered again. An unfinished transaction at the end, left by a crash while
 * writing, is cut off. Of the records only digests and places stay in memory.
 */
import { closeSync, fchownSync, fstatSync, ftruncateSync, openSync, readSync, renameSync, rmSync } from 'node:fs';
import type { DataplaneRecord } from '@causeway/dataplane/policy/record';
import { beginLine, commitLine, type Digest, deltaOf, digestOf, putLine } from './delta.ts';
import { copyRanges, type FileRange, writeLines } from './file-ranges.ts';
import { readHistory, type StateHistory } from './state-history.ts';
import { type RecordChange, type RecordKey, recordKey } from './wanted.ts';

export interface FileOwner {
  readonly uid: number;
  readonly gid: number;
}

/** Appended bytes below this are never worth folding. */
const FOLD_FROM_BYTES = 1 << 20;
/** History that may not wait: a worker that starts reads all of it. */
const HISTORY_AT_MOST = 4;

export class StateFile {
  readonly #path: string;
  readonly #owner: FileOwner | undefined;
  #digests = new Map<RecordKey, Digest>();
  /** Of every key that has a digest. */
  #places = new Map<RecordKey, FileRange>();
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
  get shouldFold(): boolean {
    return this.#history > 1;
  }

  /** It holds so much that folding cannot wait for a calm moment. */
  get mustFold(): boolean {
    return this.#history > HISTORY_AT_MOST;
  }

  /** How often the state would fit into the history. */
  get #history(): number {
    return (this.#size - this.#fullSize) / Math.max(FOLD_FROM_BYTES, this.#fullSize);
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
    const begin = beginLine(first);
    let end = this.#size;
    try {
      end += writeLines(file, this.#size, [begin, ...delta.lines, commitLine(version)]);
    } catch (error) {
      ftruncateSync(file, this.#size);
      throw error;
    }
    let at = this.#size + Buffer.byteLength(begin);
    for (const [index, [key, digest]] of delta.digests.entries()) {
      const start = at;
      at += Buffer.byteLength(delta.lines[index] ?? '');
      if (digest === undefined) {
        this.#digests.delete(key);
        this.#places.delete(key);
      } else {
        this.#digests.set(key, digest);
        this.#places.set(key, { start, end: at });
      }
    }
    this.#size = end;
    this.#version = version;
    this.#ends.set(version, end);
    if (first) this.#fullSize = end;
    return true;
  }

  /**
   * Replaces the file by one full transaction of what it says. Positions from before are void.
   *
   * @throws the file system's error; nothing is changed then
   */
  fold(): void {
    const from = this.#file;
    if (from === undefined) return;
    const version = this.#version;
    const kept = [...this.#places].sort(([, one], [, other]) => one.start - other.start);
    const begin = beginLine(true);
    const places = new Map<RecordKey, FileRange>();
    const { file, size } = this.#beside((next) => {
      let end = writeLines(next, 0, [begin]);
      for (const [key, { start, end: after }] of kept) {
        places.set(key, { start: end, end: end + after - start });
        end += after - start;
      }
      const copied = copyRanges(
        from,
        kept.map(([, place]) => place),
        next,
        Buffer.byteLength(begin),
      );
      return copied + writeLines(next, copied, [commitLine(version)]);
    });
    this.#adopt(file, { size, fullSize: size, version, digests: this.#digests, places });
  }

  /**
   * Replaces the file by other records, whatever it said. Positions from before are void.
   *
   * @param records everything there is
   * @param version a later one than the present, so that readers take the whole of it
   * @throws the file system's error; nothing is changed then
   */
  replace(records: Iterable<DataplaneRecord>, version: number): void {
    const digests = new Map<RecordKey, Digest>();
    const places = new Map<RecordKey, FileRange>();
    const { file, size } = this.#beside((next) =>
      writeLines(next, 0, fullTransaction(records, version, digests, places)),
    );
    this.#adopt(file, { size, fullSize: size, version, digests, places });
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  /** Has a file written beside this one, and puts it in its place. */
  #beside(write: (file: number) => number): { file: number; size: number } {
    const next = `${this.#path}.next`;
    const file = this.#create(next);
    try {
      const size = write(file);
      renameSync(next, this.#path);
      return { file, size };
    } catch (error) {
      closeSync(file);
      rmSync(next, { force: true });
      throw error;
    }
  }

  #adopt(file: number, { size, fullSize, version, digests, places }: Omit<StateHistory, 'ends'>): void {
    this.close();
    this.#file = file;
    this.#size = size;
    this.#fullSize = fullSize;
    this.#version = version;
    this.#ends.clear();
    this.#ends.set(version, size);
    this.#digests = digests;
    this.#places = places;
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
    this.#adopt(file, history);
    for (const [version, end] of history.ends) this.#ends.set(version, end);
  }
}

function* fullTransaction(
  records: Iterable<DataplaneRecord>,
  version: number,
  digests: Map<RecordKey, Digest>,
  places: Map<RecordKey, FileRange>,
): Generator<string> {
  const begin = beginLine(true);
  let start = Buffer.byteLength(begin);
  yield begin;
  for (const record of records) {
    const key = recordKey(record.type, record.id);
    const line = putLine(record);
    const end = start + Buffer.byteLength(line);
    digests.set(key, digestOf(line));
    places.set(key, { start, end });
    start = end;
    yield line;
  }
  yield commitLine(version);
}
