/** Each benchmark at its smallest size against real processes: shows that it works, not what it measures. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import type { BenchManifest, NginxManifest } from '@causeway/tools/runtime/manifest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiServer } from '../apiserver/api-server.bench.ts';
import type { BenchmarkOptions } from '../benchmark.ts';
import { gatewayApi } from '../gateway-api/gateway-api.bench.ts';
import { change } from './change.bench.ts';
import { churn } from './churn.bench.ts';
import { scale } from './scale.bench.ts';
import { start } from './start.bench.ts';

const runtime = process.env['CAUSEWAY_RUNTIME'] ?? path.join(homedir(), '.causeway/runtime');
const dataplaneDirectory = path.resolve(import.meta.dirname, '../../dist/dataplane');
const ready = ['runtime.json', 'bench.json'].every((name) => existsSync(path.join(runtime, name)));
if (!ready) console.warn('skipped: no haproxy and wrk here; `./causeway test` and `./causeway bench` fetch them');

describe.runIf(ready && existsSync(dataplaneDirectory))('the control plane benchmarks', { timeout: 180_000 }, () => {
  let options: BenchmarkOptions;

  beforeAll(() => {
    options = {
      nginx: JSON.parse(readFileSync(path.join(runtime, 'runtime.json'), 'utf8')) as NginxManifest,
      bench: JSON.parse(readFileSync(path.join(runtime, 'bench.json'), 'utf8')) as BenchManifest,
      dataplaneDirectory,
      streamScript: path.resolve(import.meta.dirname, '../../dist/stream.js'),
      workDirectory: mkdtempSync(path.join(tmpdir(), 'causeway-bench-')),
      quick: true,
    };
  });
  afterAll(() => rmSync(options.workDirectory, { recursive: true, force: true }));

  for (const benchmark of [start, apiServer, scale]) {
    test(benchmark.name, async () => {
      const report = await benchmark.run(options);
      expect(report).toMatch(/^\| .* \|$/m);
      expect(report).not.toMatch(/NaN|undefined|Infinity/);
    });
  }

  test(churn.name, async () => {
    const report = await churn.run(options);
    expect(report).not.toMatch(/NaN|undefined|Infinity/);
    expect(report).toMatch(/, 0 failed\. Reloads: 0\.$/);
  });

  test(gatewayApi.name, async () => {
    const report = await gatewayApi.run(options);
    expect(report).not.toMatch(/NaN|undefined|Infinity/);
    expect(report).toMatch(/before or that after 0 times/);
    expect(report.match(/, 0 failed\. Reloads: 0\.$/gm)).toHaveLength(2);
  });

  test(change.name, async () => {
    const report = await change.run(options);
    expect(report).not.toMatch(/NaN|undefined|Infinity/);
    expect(report).toMatch(/, 0 failed\. Of 20 WebSockets 0 were dropped\. Reloads: 0\. The host took \d/);
  });
});
