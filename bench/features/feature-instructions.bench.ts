/**
 * How many user-space instructions does each feature take, against nginx that does the same natively, or where nginx cannot, against the same without it? The count that holds on a busy
 * machine; the kernel's part is the same for both and not in it, so these ratios are larger than those of time.
 */
import path from 'node:path';
import type { FilterIR } from '@causeway/ir/gateway/filter';
import { type Benchmark, isWanted } from '../benchmark.ts';
import { countProxies } from '../http/instructions.bench.ts';
import { startBackend } from '../http/nginx-peer.ts';
import { workloadRules } from '../http/workload.ts';
import { hasCallgrind } from '../measure/callgrind.ts';
import { freePorts } from '../measure/free-ports.ts';
import { table } from '../measure/statistics.ts';
import { BENCH_FEATURES, type BenchFeature } from './feature.ts';

const RULES = 20;

export const featureInstructions: Benchmark = {
  name: 'feature-instructions',
  question: 'How many user-space instructions does each feature take, against nginx that does the same natively?',
  run: async (options) => {
    if (!hasCallgrind()) return 'Skipped: valgrind is not installed.';
    const root = path.join(options.workDirectory, 'feature-instructions');
    const backendPorts = await freePorts(3);
    const backend = await startBackend(options.nginx, path.join(root, 'backend'), backendPorts);
    const requests = options.quick ? 500 : 3000;
    const rows: string[][] = [];
    const wanted = BENCH_FEATURES.filter((feature) => isCounted(feature) && isWanted(options, feature.name));
    try {
      for (const [index, feature] of wanted.entries()) {
        const rules = workloadRules(RULES);
        const directory = path.join(root, `${index}`);
        const counts = await countProxies(options, { directory, backendPorts, rules, feature, requests });
        const [native = 0, own = 0] = counts.map(({ perRequest }) => perRequest.instructions);
        const whole = (count: number): string => Math.round(count).toLocaleString('en');
        rows.push([feature.name, whole(native), whole(own), (own / native).toFixed(2)]);
      }
    } finally {
      await backend.stop();
    }
    return table(['feature', 'peer', 'causeway', 'ratio'], rows);
  },
};

/** Cut off from its agent, a data plane can ask nobody where a service is or whether a password is right. */
const ASKING: readonly FilterIR['type'][] = ['passwordAuth', 'forwardAuth', 'mirror', 'firewall'];

function isCounted({ chunked, filters }: BenchFeature): boolean {
  const all = typeof filters === 'function' ? filters(0) : filters;
  return chunked !== true && all.every(({ type }) => !ASKING.includes(type));
}
