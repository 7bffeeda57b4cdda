/**
 * Does the cost of a request depend on what rules ask for: wildcard hosts, regular expressions, headers, cookies, client
 * addresses? Static nginx and haproxy have the same rules, as an expert would write them.
 */
import type { Benchmark } from '../benchmark.ts';
import { compareProxies, type ProxyCost, renderProxyCosts } from './proxy-comparison.ts';
import type { WorkloadShape } from './workload.ts';

const MIXES: readonly { readonly name: string; readonly shape: WorkloadShape }[] = [
  { name: 'wildcard hosts', shape: 'wildcard' },
  { name: 'regexes', shape: 'regex' },
  { name: 'headers, cookies, client addresses', shape: 'predicates' },
];

export const proxyMixes: Benchmark = {
  name: 'proxy-mixes',
  question: 'Does the cost of a request depend on what the rules ask for?',
  run: async (options) => {
    const results: ProxyCost[] = [];
    for (const rules of options.rules ?? (options.quick ? [20] : [1000, 10_000])) {
      for (const { name, shape } of MIXES) {
        // Of 10,000 regular expressions a hundred are those of a host: everybody tries them one by one.
        const compared = { name: `${rules.toLocaleString('en')} ${name}`, rules, shape, endpoints: 3 };
        results.push(...(await compareProxies(options, { ...compared, protocol: 'http' })));
      }
    }
    return renderProxyCosts('rules', results);
  },
};
