/**
 * What does the Gateway API cost at scale: how long until one more of thousands of routes serves and is counted, and until
 * thousands that come at once do; does a request fail while routes and endpoints come and go; what memory does a route take?
 *
 * The questions are those of independent comparisons of implementations of the Gateway API; answers that matter are asked of
 * each worker on a connection of its own, as elsewhere here.
 *
 * `--rules n,m`: routes attached one by one, and at once.
 */
import path from 'node:path';
import { KIND_REFS } from '@causeway/resources/kinds';
import { type Benchmark, type BenchmarkOptions, isWanted } from '../benchmark.ts';
import { churnAddresses, endpointChurn } from '../control/endpoint-churn.ts';
import { attachAtOnce } from './at-once.ts';
import { GatewayPlane } from './gateway-plane.ts';
import { benchRoute, GATEWAY, routeName } from './objects.ts';
import { attachOneByOne } from './one-by-one.ts';
import { churnRoutes } from './route-churn.ts';

export const gatewayApi: Benchmark = {
  name: 'gateway-api',
  question:
    'How long until routes of a Gateway serve and are counted, one by one and all at once; what fails while routes and endpoints come and go; what memory does a route take?',
  run: async (options) => {
    const [oneByOne = options.quick ? 10 : 5_000, atOnce = options.quick ? 20 : 10_000] = options.rules ?? [];
    const reports: string[] = [];
    if (isWanted(options, 'one by one')) reports.push(await measureOneByOne(options, oneByOne));
    if (isWanted(options, 'at once')) reports.push(await measureAtOnce(options, atOnce));
    return reports.join('\n\n');
  },
};

/** And what comes and goes beside them. */
async function measureOneByOne(options: BenchmarkOptions, routes: number): Promise<string> {
  const directory = path.join(options.workDirectory, 'gateway-api');
  const plane = await GatewayPlane.start(options, directory, ['127.0.0.1', ...churnAddresses(options)]);
  try {
    const attached = await attachOneByOne(plane, routes);
    const churned = await churnRoutes(options, plane, routes);
    const { home, backends, url } = plane;
    const { spec } = benchRoute(0, 'many');
    const key = { namespace: GATEWAY.namespace, name: routeName(0) };
    const endpoints = await endpointChurn(options, {
      ...{ home, url, port: backends.ports.a },
      attach: () => home.api.patch(KIND_REFS.HTTPRoute, key, { spec }, { type: 'merge' }).then(() => undefined),
      probes: () => plane.probes(),
    });
    return `One by one:\n\n${attached}\n\nRoutes come and go:\n\n${churned}\n\nEndpoints come and go:\n\n${endpoints}`;
  } finally {
    await plane.stop();
  }
}

async function measureAtOnce(options: BenchmarkOptions, routes: number): Promise<string> {
  const plane = await GatewayPlane.start(options, path.join(options.workDirectory, 'gateway-api-at-once'));
  try {
    return `All at once:\n\n${await attachAtOnce(plane, routes, options.quick)}`;
  } finally {
    await plane.stop();
  }
}
