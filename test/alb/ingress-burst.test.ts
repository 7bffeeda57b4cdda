/**
 * Issue 3, "Must hold", in small: many Ingresses applied at once are all programmed, and requests to what is served
 * already do not notice. `./causeway bench scale` measures 10,000 of them.
 */
import { KIND_REFS } from '@causeway/resources/kinds';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { Load } from '../acceptance/load.ts';
import { eventually } from '../e2e/eventually.ts';
import { ingressOf, rulesOf } from './ingresses.ts';
import { ALB, answersWith, Lab } from './lab.ts';

const INGRESSES = 500;
const PARALLEL = 16;

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.startAlone(['app']);
  await lab.home.apply(ingressOf('before', { className: ALB, hosts: { 'before.com': [{}] } }));
  await answersWith(200, lab.ports.http, '/', { host: 'before.com' });
});
afterAll(() => lab.stop());

const paths = ['/a', '/b', '/c'];
const hostOf = (n: number) => `h${n % 50}.com`;
const ingressOfNumber = (n: number) =>
  ingressOf(`i${n}`, { className: ALB, hosts: { [hostOf(n)]: paths.map((path) => ({ path: `${path}${n}` })) } });

async function forAll(act: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let n = next++; n < INGRESSES; n = next++) await act(n);
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
}

test('500 Ingresses of three paths at once: all serve, all are told, nobody else notices; then all go', async () => {
  const before = lab.home.nginx(lab.ports.http);
  const load = new Load({
    port: lab.ports.http,
    path: '/',
    connections: 2,
    pauseMs: 5,
    request: { host: 'before.com' },
  });
  await forAll((n) => lab.home.api.create(KIND_REFS.Ingress, ingressOfNumber(n)));
  await eventually(async () => expect(await lab.home.list('Rule')).toHaveLength(1 + 3 * INGRESSES), 60_000);
  for (let n = 0; n < INGRESSES; n += 1) {
    await answersWith(200, lab.ports.http, `${paths[n % 3]}${n}/x`, { host: hostOf(n) });
  }
  expect(await ask(lab.ports.http, '/a0', { host: hostOf(1) })).toMatchObject({ status: 404 });
  await eventually(async () => {
    const without = (await lab.home.list('Ingress')).filter(
      ({ status }) => status?.loadBalancer?.ingress === undefined,
    );
    expect(without).toEqual([]);
  }, 60_000);
  const [rule] = Object.values(await rulesOf(lab.home, 'i7'));
  expect(rule?.spec.url).toBe('/a7');

  await forAll((n) => lab.home.api.delete(KIND_REFS.Ingress, { namespace: 'default', name: `i${n}` }));
  await eventually(async () => expect(await lab.home.list('Rule')).toHaveLength(1), 60_000);
  await answersWith(404, lab.ports.http, '/a7', { host: hostOf(7) });
  const { requests, failures } = await load.stop();
  expect(failures).toEqual([]);
  expect(requests).toBeGreaterThan(100);
  expect(lab.home.nginx(lab.ports.http)).toEqual(before);
}, 180_000);
