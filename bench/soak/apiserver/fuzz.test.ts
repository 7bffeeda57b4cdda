/** Issue 5, "Must hold": some thousand cases of `./causeway soak apiserver-fuzz`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runFuzz } from './fuzz.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'causeway-fuzz-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('requests that are wrong neither crash the API server, nor get 500, nor change another object', {
  timeout: 120_000,
}, async () => {
  const result = await runFuzz({ directory, seed: 11, from: 0, cases: 6_000, say() {} });
  expect(result.problems).toEqual([]);
  expect(result.changes).toBeGreaterThan(100);
  for (const status of [200, 201, 400, 403, 404, 409, 415, 422]) {
    expect(result.answers.get(status) ?? 0, String(status)).toBeGreaterThan(10);
  }
});
