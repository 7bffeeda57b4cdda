import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { identityOf, isRunning, type ProcessIdentity, parseIdentity } from './process-identity.ts';

/*
 * One `up` per data directory. `up.lock` names the process that holds it and
 * the children it started. It appears by link(2), which fails when the name is
 * taken, so of two that start at once one wins; a lock whose process is gone
 * is moved aside by rename(2), which again only one can do.
 */

/** Another `up` uses the directory. */
export class DataDirectoryInUse extends Error {
  override readonly name = 'DataDirectoryInUse';
  readonly pid: number;
  constructor(directory: string, pid: number) {
    super(`${directory} is in use by another \`causeway up\`, process ${pid}`);
    this.pid = pid;
  }
}

export interface DataDirectory {
  readonly path: string;
  /** Children of an earlier `up` that was killed, which still run. */
  readonly orphans: readonly ProcessIdentity[];
  /** Remembers the children, for the `up` after a kill. */
  recordChildren(pids: readonly number[]): void;
  release(): void;
}

interface Lock {
  readonly owner: ProcessIdentity;
  readonly children: readonly ProcessIdentity[];
}

/** @throws DataDirectoryInUse, and what mkdir throws when the directory cannot be made */
export function openDataDirectory(directory: string): DataDirectory {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = path.join(directory, 'up.lock');
  const owner = identityOf(process.pid);
  if (owner === undefined) throw new Error('/proc is not mounted');
  let orphans: readonly ProcessIdentity[] = [];

  while (!create(file, { owner, children: [] })) {
    const holder = read(file);
    if (holder !== undefined && isRunning(holder.owner)) throw new DataDirectoryInUse(directory, holder.owner.pid);
    orphans = (removeStale(file, holder)?.children ?? []).filter(isRunning);
  }
  return {
    path: directory,
    orphans,
    recordChildren(pids) {
      const children = pids.map(identityOf).filter((child) => child !== undefined);
      const temporary = temporaryName(file);
      writeLock(temporary, { owner, children });
      renameSync(temporary, file);
    },
    release: () => rmSync(file, { force: true }),
  };
}

/** @returns false when the lock exists */
function create(file: string, lock: Lock): boolean {
  const temporary = temporaryName(file);
  writeLock(temporary, lock);
  try {
    linkSync(temporary, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/**
 * Moves the stale lock away. If what was moved is not what was read, a faster
 * `up` had already put its own in place: that one is put back.
 *
 * @returns the stale lock
 */
function removeStale(file: string, stale: Lock | undefined): Lock | undefined {
  const aside = `${temporaryName(file)}.stale`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return stale;
    throw error;
  }
  const moved = read(aside);
  if (moved !== undefined && isRunning(moved.owner)) renameSync(aside, file);
  else rmSync(aside, { force: true });
  return stale;
}

/** `undefined`: absent, or cut off by a crash. */
function read(file: string): Lock | undefined {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, unknown>>;
    const owner = parseIdentity(value['owner']);
    if (owner === undefined || !Array.isArray(value['children'])) return undefined;
    return { owner, children: value['children'].map(parseIdentity).filter((child) => child !== undefined) };
  } catch {
    return undefined;
  }
}

function writeLock(file: string, lock: Lock): void {
  writeFileSync(file, JSON.stringify(lock), { mode: 0o600 });
}

function temporaryName(file: string): string {
  return `${file}.${process.pid}`;
}
