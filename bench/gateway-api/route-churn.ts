import { setTimeout as sleep } from 'node:timers/promises';
import { KIND_REFS } from '@causeway/resources/kinds';
import type { BenchmarkOptions } from '../benchmark.ts';
import { instanceStatus, untilAllAnswer } from '../control/data-plane.ts';
import { capacityOf, HalfLoad } from '../control/half-load.ts';
import { siteOf } from '../control/objects.ts';
import type { WorkerProbe } from '../control/worker-probe.ts';
import { median, quantile, table } from '../measure/statistics.ts';
import type { GatewayPlane } from './gateway-plane.ts';
import { benchRoute, GATEWAY, routeName } from './objects.ts';

const POLL_MS = 2;

interface Churn {
  readonly plane: GatewayPlane;
  readonly probes: readonly WorkerProbe[];
  /** Routes that stay; those that come and go have the indexes after them, and hosts of theirs. */
  readonly routes: number;
}

/** Milliseconds until the API answered, and until every worker served it. */
interface Taken {
  readonly apiMs: number;
  readonly servedMs: number;
}

/**
 * Routes come, go and change on schedule, whatever became of those before (open loop), while all that stay get requests at half of
 * what the data plane can take.
 *
 * @param routes that are there, to Service `a`
 * @returns Markdown
 */
export async function churnRoutes(options: BenchmarkOptions, plane: GatewayPlane, routes: number): Promise<string> {
  const { api } = plane.home;
  const perSecond = options.quick ? 10 : 30;
  const rounds = Math.ceil((perSecond * (options.quick ? 1 : (options.seconds ?? 30))) / 3);
  const probes = await plane.probes();
  const target = { ...options.bench, url: plane.url, rules: routes, directory: options.workDirectory };
  const capacity = await capacityOf(target);
  const before = await instanceStatus(api);
  const half = HalfLoad.start({ ...target, requestsPerSecond: capacity / 2 });

  const churn: Churn = { plane, probes, routes };
  const come: Promise<Taken>[] = [];
  const gone: Promise<Taken>[] = [];
  const changed: Promise<Taken>[] = [];
  const startedAt = performance.now();
  const due = async (number: number): Promise<void> => {
    const waitMs = startedAt + (number * 1000) / perSecond - performance.now();
    if (waitMs > 0) await sleep(waitMs);
  };
  for (let round = 0; round < rounds; round += 1) {
    await due(3 * round);
    const coming = addRoute(churn, round);
    come.push(coming);
    await due(3 * round + 1);
    changed.push(changeRoute(churn, round));
    await due(3 * round + 2);
    gone.push(coming.then(() => removeRoute(churn, round)));
  }
  const rows = [
    rowOf('a route comes', await Promise.all(come)),
    rowOf('a route gets another Service', await Promise.all(changed)),
    rowOf('a route goes', await Promise.all(gone)),
  ];
  const loaded = await half.stop();
  const after = await instanceStatus(api);
  for (const probe of probes) probe.close();
  const head = ['change', 'number', 'API answered p50, ms', 'p99', 'every worker serves it p50, ms', 'p99', 'slowest'];
  const load = `${loaded.requestsPerSecond.toFixed(0)} of ${capacity.toFixed(0)} requests a second, ${loaded.requests} in all`;
  const reloads = (after.reloads ?? 0) - (before.reloads ?? 0);
  return `${table(head, rows)}\n\n${perSecond} changes a second beside ${routes} routes. Load: ${load}, ${loaded.failed} failed. Reloads: ${reloads}.`;
}

function addRoute({ plane, probes, routes }: Churn, round: number): Promise<Taken> {
  const index = routes + round;
  return taken(
    () => plane.home.api.create(KIND_REFS.HTTPRoute, benchRoute(index, 'a')),
    () => untilAllAnswer(probes, siteOf(index), 'a'),
  );
}

function removeRoute({ plane, probes, routes }: Churn, round: number): Promise<Taken> {
  const index = routes + round;
  const key = { namespace: GATEWAY.namespace, name: routeName(index) };
  return taken(
    () => plane.home.api.delete(KIND_REFS.HTTPRoute, key),
    () => untilNoneServes(probes, siteOf(index)),
  );
}

function changeRoute({ plane, probes, routes }: Churn, round: number): Promise<Taken> {
  const index = round % routes;
  const service = Math.floor(round / routes) % 2 === 0 ? 'b' : 'a';
  const key = { namespace: GATEWAY.namespace, name: routeName(index) };
  const { spec } = benchRoute(index, service);
  return taken(
    () => plane.home.api.patch(KIND_REFS.HTTPRoute, key, { spec }, { type: 'merge' }),
    () => untilAllAnswer(probes, siteOf(index), service),
  );
}

async function taken(write: () => Promise<unknown>, served: () => Promise<unknown>): Promise<Taken> {
  const sentAt = performance.now();
  await write();
  const apiMs = performance.now() - sentAt;
  await served();
  return { apiMs, servedMs: performance.now() - sentAt };
}

async function untilNoneServes(
  probes: readonly WorkerProbe[],
  { host, path }: { readonly host: string; readonly path: string },
): Promise<void> {
  for (const probe of probes) {
    while ((await probe.get(host, path)).status !== 404) await sleep(POLL_MS);
  }
}

function rowOf(name: string, all: readonly Taken[]): readonly string[] {
  const api = all.map(({ apiMs }) => apiMs);
  const served = all.map(({ servedMs }) => servedMs);
  const numbers = [median(api), quantile(api, 0.99), median(served), quantile(served, 0.99), Math.max(...served)];
  return [name, String(all.length), ...numbers.map((ms) => ms.toFixed(1))];
}
