/**
 * Differences between what the workers have and what they shall have, as lines
 * of the push protocol. Pure.
 */
import { hash } from 'node:crypto';
import type { DataplaneRecord, StreamLine } from '@causeway/dataplane/policy/record';
import type { RecordChange, RecordKey } from './wanted.ts';

/** Stands for a record's text, so that the agent need not hold the text itself. */
export type Digest = string;

export interface Delta {
  /** `put` and `delete` lines, without `begin` and `commit`, each ended by a newline. */
  readonly lines: readonly string[];
  /** How the digests change when the lines are written; `undefined`: removed. */
  readonly digests: readonly (readonly [RecordKey, Digest | undefined])[];
}

/**
 * What of `changes` differs from `have`.
 *
 * @param complete `changes` has every record there shall be: all others are deleted
 */
export function deltaOf(
  have: ReadonlyMap<RecordKey, Digest>,
  changes: Iterable<RecordChange>,
  complete: boolean,
): Delta {
  // A key may come twice (a group made and dropped again): the last one counts.
  const changed = new Map<RecordKey, { line: string; digest: Digest | undefined }>();
  const kept = new Set<RecordKey>();
  for (const [key, record] of changes) {
    if (record === undefined) {
      kept.delete(key);
      changed.set(key, { line: '', digest: undefined });
    } else {
      const line = putLine(record);
      if (complete) kept.add(key);
      changed.set(key, { line, digest: digestOf(line) });
    }
  }
  if (complete) {
    for (const key of have.keys()) {
      if (!kept.has(key)) changed.set(key, { line: '', digest: undefined });
    }
  }

  const lines: string[] = [];
  const digests: [RecordKey, Digest | undefined][] = [];
  for (const [key, { line, digest }] of changed) {
    if (have.get(key) === digest) continue;
    lines.push(digest === undefined ? deleteLine(key) : line);
    digests.push([key, digest]);
  }
  return { lines, digests };
}

export function putLine(record: DataplaneRecord): string {
  return `{"op":"put","record":${JSON.stringify(record)}}\n`;
}

export function beginLine(full: boolean): string {
  return text({ op: 'begin', full });
}

export function commitLine(version: number): string {
  return text({ op: 'commit', version });
}

/** @param line as {@link putLine} makes it, with its newline */
export function digestOf(line: string): Digest {
  return hash('sha1', line, 'base64').slice(0, 20);
}

function deleteLine(key: RecordKey): string {
  const space = key.indexOf(' ');
  return `{"op":"delete","type":"${key.slice(0, space)}","id":${JSON.stringify(key.slice(space + 1))}}\n`;
}

function text(line: StreamLine): string {
  return `${JSON.stringify(line)}\n`;
}
