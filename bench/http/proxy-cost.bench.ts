/**
 * What does one proxied request cost the proxy's processor, with routing, balancing, metrics and access log on, compared with
 * static nginx and haproxy that send the same headers, write an equal log and know the same rules?
 */
import type { Benchmark } from '../benchmark.ts';
import { compareProxies, type ProxyCost, renderProxyCosts } from './proxy-comparison.ts';

export const proxyCost: Benchmark = {
  name: 'proxy-cost',
  question:
    'What does one proxied request cost the processor, with routing, balancing, metrics and access log on, compared with ' +
    'static nginx and haproxy that send the same headers, write an equal log and know the same rules?',
  run: async (options) => {
    const results: ProxyCost[] = [];
    for (const rules of options.rules ?? (options.quick ? [1, 100] : [1, 1000, 10_000, 100_000])) {
      const name = rules.toLocaleString('en');
      results.push(...(await compareProxies(options, { name, rules, endpoints: 3, protocol: 'http' })));
    }
    return renderProxyCosts('rules', results);
  },
};
