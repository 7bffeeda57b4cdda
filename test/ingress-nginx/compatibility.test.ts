import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { CompatibilityBench } from './compatibility/bench.ts';
import type { CompatibilityCase } from './compatibility/case.ts';
import { CASES } from './compatibility/cases.ts';
import { hostOf } from './compatibility/manifests.ts';

let bench: CompatibilityBench;

beforeAll(async () => {
  bench = await CompatibilityBench.start();
  await bench.apply(CASES);
});
afterAll(() => bench?.stop());

async function run({ requests = [], paths = [], check }: CompatibilityCase, host: string): Promise<void> {
  for (const request of requests) await eventually(() => bench.exchange(host, request), 5_000);
  if (check === undefined) return;
  if (requests.length === 0) await bench.ready(host, paths[0]?.path);
  await check(bench, host);
}

const numbered = CASES.map((one, index) => [`${one.of.join(', ')}: ${one.does}`, one, hostOf(index)] as const);

describe('an IngressNginx does what ingress-nginx does (docs/ingress-nginx-compatibility.md)', () => {
  test.concurrent.each(numbered.filter(([, { deviates }]) => deviates === undefined))('%s', async (_, one, host) => {
    await run(one, host);
  });

  describe('but for what deviates', () => {
    test.concurrent.each(numbered.filter(([, { deviates }]) => deviates !== undefined))('%s', async (_, one, host) => {
      await expect(run(one, host)).rejects.toThrow();
    });
  });
});
