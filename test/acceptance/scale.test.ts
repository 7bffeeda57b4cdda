/** Thousands of Rules through the API: they serve, one more is quick, and nothing is left when they go. `./causeway bench scale` has more of them. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { KIND_REFS } from '@causeway/resources/kinds';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { freePort } from '../e2e/traffic.ts';
import { type EchoBackend, startEchoBackend } from './echo-backend.ts';
import { ask } from './http-request.ts';
import { Installation } from './installation.ts';
import { Load } from './load.ts';
import { frontend, group, rule, serviceTo } from './objects.ts';

const RULES = 3_000;
const PARALLEL = 64;

let home: Installation;
let app: EchoBackend;
let other: EchoBackend;
let port: number;

beforeAll(async () => {
  [home, app, other] = await Promise.all([Installation.start(), startEchoBackend('app'), startEchoBackend('other')]);
  await home.addAlb('alb');
  port = await freePort();
  await home.apply(...serviceTo(app), ...serviceTo(other), frontend('alb', 'web', port), ruleOf(-1));
  await eventually(async () => expect(await ask(port, '/rule/-1/x')).toMatchObject({ status: 200 }));
});

afterAll(async () => {
  await home.stop();
  await Promise.all([app.close(), other.close()]);
});

function ruleOf(n: number, backend = 'app') {
  const dslx = [{ type: 'URL' as const, values: [['STARTS_WITH', `/rule/${n}/`]] }];
  return rule({ alb: 'alb', frontend: 'web', name: `r${n}` }, { dslx, serviceGroup: group({ [backend]: 100 }) });
}

async function forAll(act: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let n = next++; n < RULES; n = next++) await act(n);
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
}

/** Resident memory in MiB of programs and nginx workers. */
function memory(): Record<string, number> {
  const pids = { ...home.programs(), worker: home.nginx(port).workers[0] ?? 0 };
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, residentMiB(pid)]));
}

function residentMiB(pid: number): number {
  const kib = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  return Math.round(Number(kib) / 1024);
}

test(`${RULES} Rules serve, while a load sees nothing of it; then one changes; then all go`, async () => {
  const before = home.nginx(port);
  console.log('memory before, MiB:', memory());
  const load = new Load({ port, path: '/rule/-1/x', connections: 2, pauseMs: 10 });
  const started = performance.now();
  await forAll((n) => home.api.create(KIND_REFS.Rule, ruleOf(n)));
  const created = performance.now();
  await eventually(async () => {
    for (const n of [0, RULES / 2, RULES - 1]) expect((await ask(port, `/rule/${n}/x`)).status).toBe(200);
  }, 60_000);
  console.log(
    `${RULES} Rules: created in ${seconds(created - started)} s, live ${seconds(performance.now() - created)} s later`,
  );
  console.log('memory with them, MiB:', memory());

  const changed = performance.now();
  await home.api.update(KIND_REFS.Rule, {
    ...ruleOf(7, 'other'),
    metadata: (await home.read('Rule', { namespace: 'kube-system', name: 'r7' }))?.metadata ?? { name: '' },
  });
  await eventually(async () => expect((await ask(port, '/rule/7/x')).headers['x-backend']).toBe('other'));
  console.log(`one of them changed: live after ${Math.round(performance.now() - changed)} ms`);

  const deleting = performance.now();
  await forAll((n) => home.api.delete(KIND_REFS.Rule, { namespace: 'kube-system', name: `r${n}` }));
  const deleted = performance.now();
  await eventually(async () => {
    for (const n of [0, RULES / 2, RULES - 1]) expect((await ask(port, `/rule/${n}/x`)).status).toBe(404);
  }, 60_000);
  console.log(`deleted in ${seconds(deleted - deleting)} s, gone ${seconds(performance.now() - deleted)} s later`);
  expect((await load.stop()).failures).toEqual([]);
  expect(home.nginx(port)).toEqual(before);
  expect(await home.list('Rule')).toHaveLength(1);
  const traffic = new Load({ port, path: '/rule/-1/x', connections: 8 });
  await traffic.more(4_000);
  await traffic.stop();
  await sleep(1_000);
  const after = memory();
  console.log('memory after, MiB:', after);
  // Generous: what must not happen is that everything that ever was stays.
  expect(after['worker']).toBeLessThan(128);
  for (const program of ['controllers', 'agent', 'apiserver']) expect(after[program]).toBeLessThan(400);
}, 180_000);

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
