import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';

/** One folder `testdata/<name>` with `in.yaml` and `out.yaml`. */
export interface GoldenCase {
  readonly name: string;
  /** The YAML documents of `in.yaml`, deeply frozen: code under test must not change its input. */
  readonly documents: readonly unknown[];
  /** Compares with `out.yaml`; `npm run golden` (environment GOLDEN=write) writes it instead. */
  expect(actual: unknown): void;
}

/**
 * The golden pairs next to a test: `goldenCases(import.meta.dirname)`. One behaviour per case, smallest input that shows
 * it; the name begins with the spec id. Options stand in `in.yaml`, never in the name.
 */
export function goldenCases(directory: string): readonly GoldenCase[] {
  const testdata = path.join(directory, 'testdata');
  return readdirSync(testdata, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => goldenCase(testdata, entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function goldenCase(testdata: string, name: string): GoldenCase {
  const [input, output] = ['in.yaml', 'out.yaml'].map((file) => path.join(testdata, name, file));
  if (input === undefined || output === undefined) throw new Error('unreachable');
  const documents = parseAllDocuments(readFileSync(input, 'utf8')).map((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw new Error(`${input}: ${error.message}`, { cause: error });
    return deepFreeze(document.toJS() as unknown);
  });
  return {
    name,
    documents,
    expect(actual) {
      const text = stringify(actual, { lineWidth: 120, aliasDuplicateObjects: false });
      if (process.env['GOLDEN'] === 'write') {
        writeFileSync(output, text);
        return;
      }
      expect(existsSync(output), `${name}: no out.yaml; run npm run golden and review it`).toBe(true);
      expect(text).toBe(readFileSync(output, 'utf8'));
    },
  };
}

export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const item of Object.values(value)) deepFreeze(item as unknown);
  }
  return value;
}
