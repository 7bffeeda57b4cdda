/** Issue 3, "Must hold": the chaos run, for twenty seconds. `./causeway soak` runs it for as long as you like. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FAULT_KINDS } from '@causeway/bench/soak/faults';
import { reportOf } from '@causeway/bench/soak/report';
import { runSoak } from '@causeway/bench/soak/soak';
import { afterAll, expect, test } from 'vitest';
import { repository, run } from '../launcher/up-process.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'causeway-soak-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('no request fails without a kill that explains it, and everything converges', { timeout: 240_000 }, async () => {
  const said: string[] = [];
  const result = await runSoak({
    dataplaneDirectory: path.join(repository, 'dist/dataplane'),
    directory,
    seconds: 12,
    seed: 3,
    say: (line) => said.push(line),
  });
  console.log(reportOf(result));
  expect(result.problems, said.join('\n')).toEqual([]);
  for (const kind of FAULT_KINDS) expect(result.faults.count(kind), kind).toBeGreaterThan(0);
  expect(Math.min(...Object.values(result.requests))).toBeGreaterThan(100);
});

test('wrong options are told', async () => {
  const { code, stderr } = await run(path.join(repository, 'causeway'), ['soak', '--minutes', 'many']);
  expect(code).toBe(2);
  expect(stderr).toContain('It must be a positive number.');
});
