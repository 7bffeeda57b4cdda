/** Each benchmark at its smallest size against real processes: shows that it works, not what it measures. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { buildDataplane } from '@causeway/dataplane/build';
import type { BenchManifest, NginxManifest } from '@causeway/tools/runtime/manifest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BenchmarkOptions } from '../benchmark.ts';
import { features, QUICK } from '../features/features.bench.ts';
import { fullSync } from './full-sync.bench.ts';
import { instructions } from './instructions.bench.ts';
import { proxyCost } from './proxy-cost.bench.ts';
import { proxyMixes } from './proxy-mixes.bench.ts';
import { proxyVariants } from './proxy-variants.bench.ts';

const runtime = process.env['CAUSEWAY_RUNTIME'] ?? path.join(homedir(), '.causeway/runtime');
const ready = ['runtime.json', 'bench.json'].every((name) => existsSync(path.join(runtime, name)));
if (!ready) console.warn('skipped: no haproxy and wrk here; `./causeway test` and `./causeway bench` fetch them');

describe.runIf(ready)('the data plane benchmarks', { timeout: 120_000 }, () => {
  let options: BenchmarkOptions;

  beforeAll(async () => {
    const workDirectory = mkdtempSync(path.join(tmpdir(), 'causeway-bench-'));
    const dataplaneDirectory = path.join(workDirectory, 'dataplane');
    await buildDataplane(dataplaneDirectory);
    options = {
      nginx: JSON.parse(readFileSync(path.join(runtime, 'runtime.json'), 'utf8')) as NginxManifest,
      bench: JSON.parse(readFileSync(path.join(runtime, 'bench.json'), 'utf8')) as BenchManifest,
      dataplaneDirectory,
      streamScript: path.resolve(import.meta.dirname, '../../dist/stream.js'),
      workDirectory,
      quick: true,
    };
  });
  afterAll(() => rmSync(options.workDirectory, { recursive: true, force: true }));

  test.each([proxyCost, proxyVariants, proxyMixes])('$name answers every request', async ({ run }) => {
    const rows = (await run(options)).split('\n').slice(2);
    for (const proxy of ['static nginx', 'haproxy', 'causeway']) {
      expect(rows.filter((row) => row.includes(`| ${proxy} |`)).length).toBeGreaterThan(0);
    }
    for (const row of rows) expect(row).toMatch(/^\| [^|]+ \| (static nginx|haproxy|causeway|caddy) \| \d.* \| 0 \|$/);
    expect(rows.join('\n')).not.toMatch(/NaN|undefined|Infinity/);
  });

  test(features.name, { timeout: 240_000 }, async () => {
    const rows = (await features.run(options)).split('\n').slice(2);
    expect(rows).toHaveLength(2 * QUICK.length);
    for (const row of rows)
      expect(row).toMatch(/^\| [^|]+ \| (static nginx|causeway|causeway without) \| \d.* \| 0 \|$/);
  });

  test(fullSync.name, async () => {
    expect(await fullSync.run(options)).toMatch(/^\| 100 \|( -?[\d.]+ \|){7}$/m);
  });

  test(instructions.name, async () => {
    const report = await instructions.run(options);
    expect(report).toMatch(/^Skipped: |^\| 1 \| causeway \| [\d,]+ \| [1-9]\.\d\d \| \d+ \|$/m);
  });
});
