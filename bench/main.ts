/** `causeway bench [name...] [--quick]`: runs benchmarks and prints their tables; see docs/performance.md. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { arch, constants, cpus, release, tmpdir } from 'node:os';
import path from 'node:path';
import type { FirewallRuntime } from '@causeway/targets/nginx/runtime';
import type { BenchManifest, NginxManifest } from '@causeway/tools/runtime/manifest';
import { Command, InvalidArgumentError } from 'commander';
import { apiServer } from './apiserver/api-server.bench.ts';
import type { Benchmark, BenchmarkOptions } from './benchmark.ts';
import { change } from './control/change.bench.ts';
import { churn } from './control/churn.bench.ts';
import { scale } from './control/scale.bench.ts';
import { start } from './control/start.bench.ts';
import { route } from './dataplane/route.bench.ts';
import { featureInstructions } from './features/feature-instructions.bench.ts';
import { features } from './features/features.bench.ts';
import { gatewayApi } from './gateway-api/gateway-api.bench.ts';
import { fullSync } from './http/full-sync.bench.ts';
import { instructions } from './http/instructions.bench.ts';
import { childrenOf } from './http/nginx-peer.ts';
import { proxyCost } from './http/proxy-cost.bench.ts';
import { proxyMixes } from './http/proxy-mixes.bench.ts';
import { proxyVariants } from './http/proxy-variants.bench.ts';
import { layer4 } from './stream/layer4.bench.ts';

/** In the order they run. */
const BENCHMARKS: readonly Benchmark[] = [
  proxyCost,
  proxyVariants,
  proxyMixes,
  features,
  featureInstructions,
  fullSync,
  instructions,
  route,
  change,
  churn,
  start,
  apiServer,
  scale,
  gatewayApi,
  layer4,
];

interface Flags {
  readonly quick?: true;
  readonly rules?: readonly number[];
  readonly rounds?: number;
  readonly seconds?: number;
  readonly only?: readonly string[];
}

const command = new Command('bench')
  .description('Runs benchmarks and prints their tables.')
  .argument('[names...]', `which of: ${BENCHMARKS.map(({ name }) => name).join(', ')} (default: all)`)
  .option('--quick', 'smallest sizes, one short round: shows that they work')
  .option('--rules <n,n...>', 'numbers of rules, where they matter', (text) => text.split(',').map(positive))
  .option('--rounds <n>', 'rounds of each measurement', positive)
  .option('--seconds <n>', 'length of a round', positive)
  .option(
    '--only <rows...>',
    'rows that begin so, where rows have names: features, feature-instructions, change, gateway-api, api-server (lists, watchers, another user)',
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse();

const chosen = command.args.length === 0 ? BENCHMARKS : command.args.map(benchmarkNamed);
const runtime = process.env['CAUSEWAY_RUNTIME'] ?? path.join(process.env['HOME'] ?? '/', '.causeway/runtime');
const read = <T>(name: string): T => JSON.parse(readFileSync(path.join(runtime, name), 'utf8')) as T;
const workDirectory = mkdtempSync(path.join(tmpdir(), 'causeway-bench-'));
const { quick, ...sizes } = command.opts<Flags>();
const options: BenchmarkOptions = {
  nginx: read<NginxManifest>('runtime.json'),
  bench: read<BenchManifest>('bench.json'),
  firewall: read<FirewallRuntime>('firewall.json'),
  dataplaneDirectory: path.resolve('dist/dataplane'),
  streamScript: path.resolve('dist/stream.js'),
  workDirectory,
  quick: quick === true,
  ...sizes,
};

// However it ends, nothing that a benchmark started stays behind.
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]));
}
process.on('exit', endChildren);

console.log(`${cpus()[0]?.model ?? arch()}, ${cpus().length} processors, Linux ${release()}, Node ${process.version}`);
try {
  for (const { name, question, run } of chosen) {
    console.log(`\n### ${name}\n\n${question}\n`);
    console.log(await run(options));
  }
} finally {
  rmSync(workDirectory, { recursive: true, force: true });
}

function endChildren(): void {
  for (const pid of childrenOf(process.pid)) {
    try {
      process.kill(pid, 'SIGTERM');
    } catch {} // it ended meanwhile
  }
}

function benchmarkNamed(name: string): Benchmark {
  const found = BENCHMARKS.find((benchmark) => benchmark.name === name);
  return found ?? command.error(`error: no benchmark is named ${name}`);
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value <= 0) throw new InvalidArgumentError('It must be a positive whole number.');
  return value;
}
