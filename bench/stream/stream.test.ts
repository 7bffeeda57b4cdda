/** The benchmark at its smallest size against real processes: shows that it works, not what it measures. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import type { BenchManifest, NginxManifest } from '@causeway/tools/runtime/manifest';
import { afterAll, describe, expect, test } from 'vitest';
import { layer4 } from './layer4.bench.ts';

const runtime = process.env['CAUSEWAY_RUNTIME'] ?? path.join(homedir(), '.causeway/runtime');
const dist = path.resolve(import.meta.dirname, '../../dist');
const ready =
  ['runtime.json', 'bench.json'].every((name) => existsSync(path.join(runtime, name))) &&
  existsSync(path.join(dist, 'stream.js'));
if (!ready) console.warn('skipped: no haproxy and wrk here, or no build; `./causeway test` brings both');

describe.runIf(ready)('the layer 4 benchmark', { timeout: 90_000 }, () => {
  const workDirectory = mkdtempSync(path.join(tmpdir(), 'causeway-bench-'));
  afterAll(() => rmSync(workDirectory, { recursive: true, force: true }));

  test('every connection is served by every proxy', async () => {
    const report = await layer4.run({
      nginx: JSON.parse(readFileSync(path.join(runtime, 'runtime.json'), 'utf8')) as NginxManifest,
      bench: JSON.parse(readFileSync(path.join(runtime, 'bench.json'), 'utf8')) as BenchManifest,
      dataplaneDirectory: path.join(dist, 'dataplane'),
      streamScript: path.join(dist, 'stream.js'),
      workDirectory,
      quick: true,
    });
    const rows = report.split('\n').slice(2);
    expect(rows).toHaveLength(6);
    for (const row of rows) {
      expect(row).toMatch(/^\| (connections|bytes) [^|]+ \| (nginx stream|haproxy tcp|causeway) \| \d.* \| 0 \|$/);
    }
    expect(report).not.toMatch(/NaN|undefined|Infinity/);
  });
});
