import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Deviation } from './deviation.ts';

/*
 * What still differs and should not: steps of recorded sequences, as `sequence [step]`. The list may only become shorter; `--record`
 * writes it anew.
 */

const FILE = path.join(import.meta.dirname, 'recorded/open.generated.json');

export function readOpen(): ReadonlySet<string> {
  return new Set(JSON.parse(readFileSync(FILE, 'utf8')) as readonly string[]);
}

export function writeOpen(deviations: readonly Deviation[]): void {
  const places = new Set(deviations.map(placeOf));
  writeFileSync(FILE, `${JSON.stringify([...places].toSorted(), null, 2)}\n`);
}

export function placeOf({ sequence, step }: Pick<Deviation, 'sequence' | 'step'>): string {
  return `${sequence} [${step}]`;
}
