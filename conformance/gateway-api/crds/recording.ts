import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Facts } from './facts.ts';

const FILE = path.join(import.meta.dirname, '../recorded/crd-facts.json');

/** Digests of what upstream's definitions say, so that tests know without them whether ours still say the same. */
export interface Recording {
  readonly release: string;
  /** By `<plural>.<group>` and version. */
  readonly digests: Readonly<Record<string, string>>;
}

export function digestOf(facts: Facts): string {
  const lines = [...facts].map(([place, value]) => `${place}=${JSON.stringify(value)}`).toSorted();
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16);
}

export function readRecording(): Recording {
  return JSON.parse(readFileSync(FILE, 'utf8'));
}

export function writeRecording(recording: Recording): void {
  writeFileSync(FILE, `${JSON.stringify(recording, null, 2)}\n`);
}
