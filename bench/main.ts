/** `causeway bench`: runs the benchmarks and prints their tables; see docs/performance.md. */
import { existsSync, readFileSync } from 'node:fs';
import { arch, cpus, release } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { BenchManifest, NginxManifest } from '@causeway/tools/runtime/manifest';
import { measureProxyCost, renderProxyCost } from './http/proxy-cost.bench.ts';

const { values } = parseArgs({
  options: {
    rules: { type: 'string', default: '1,1000,10000' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '64' },
  },
});
const runtime = process.env['CAUSEWAY_RUNTIME'] ?? '';
const read = <T>(name: string): T => JSON.parse(readFileSync(path.join(runtime, name), 'utf8')) as T;
const results = await measureProxyCost({
  nginx: read<NginxManifest>('runtime.json'),
  bench: read<BenchManifest>('bench.json'),
  dataplaneDirectory: path.resolve('dist/dataplane'),
  ruleCounts: values.rules.split(',').map(Number),
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
  connections: Number(values.connections),
});
console.log(`${cpus()[0]?.model ?? arch()}, ${cpus().length} processors, Linux ${release()}, Node ${process.version}`);
console.log(renderProxyCost(results));
