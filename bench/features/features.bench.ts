/**
 * What does request processing cost: each feature alone and the usual ones together, against nginx that does the same natively?
 * Every rule has the feature; the load is that of proxy-cost.
 */
import { type Benchmark, type BenchmarkOptions, isWanted } from '../benchmark.ts';
import { compareProxies, type ProxyCost, renderProxyCosts } from '../http/proxy-comparison.ts';
import { BENCH_FEATURES, type BenchFeature } from './feature.ts';

/** Enough to show that it works: an own answer, another service, a peer of our own, several together. */
export const QUICK: readonly string[] = ['redirect', 'forward auth', 'tracing of 1 %', 'CORS, headers and rewrite'];

export const features: Benchmark = {
  name: 'features',
  question:
    'What does request processing cost: each feature alone and the usual ones together, against nginx that does the same natively?',
  run: async (options) => {
    const results: ProxyCost[] = [];
    for (const rules of options.rules ?? (options.quick ? [20] : [1000])) {
      for (const feature of featuresFor(options)) {
        const name = `${rules.toLocaleString('en')} rules, ${feature.name}`;
        results.push(...(await compareProxies(options, { name, rules, endpoints: 3, protocol: 'http', feature })));
      }
    }
    return renderProxyCosts('feature', results);
  },
};

function featuresFor(options: BenchmarkOptions): readonly BenchFeature[] {
  const { quick, firewall } = options;
  return BENCH_FEATURES.filter(
    ({ name }) =>
      isWanted(options, name) && (!quick || QUICK.includes(name)) && (name !== 'firewall' || firewall !== undefined),
  );
}
