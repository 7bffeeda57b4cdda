/** What operating ALB costs: several on a machine, changes of their settings, endpoints that die. Spec alb.md section 13. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { ALB_NAMESPACE } from '../acceptance/installation.ts';
import { readMetrics } from '../acceptance/metrics-page.ts';
import { ingress, serviceTo, slice } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { answersWith, Lab, shares } from './lab.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(['app'], { workerLimit: 1 });
  await lab.home.apply(ingress('app', '/', 'app', { host: 'app.com' }));
  await answersWith(200, lab.ports.http, '/', { host: 'app.com' });
});
afterAll(() => lab.stop());

test('LIM-24: a second ALB on the same machine, with ports of its own', async () => {
  const second = await lab.home.addAlb('second');
  await answersWith(200, second.http, '/', { host: 'app.com' });
  expect((await ask(lab.ports.http, '/', { host: 'app.com' })).status).toBe(200);
  await lab.home.kubectl(['delete', 'alb2', 'second', '-n', ALB_NAMESPACE]);
  await eventually(async () => expect(await ask(second.http, '/').catch(() => 'refused')).toBe('refused'));
  expect((await ask(lab.ports.http, '/', { host: 'app.com' })).status).toBe(200);
});

test('LIM-25: settings of an ALB that nginx has to be reloaded for change, and no request fails', async () => {
  const reloads = async (): Promise<number> =>
    (await readMetrics(lab.home, lab.ports.metrics)).sum('causeway_nginx_reloads_total');
  const before = await reloads();
  // A connection for each: one that is idle nginx closes with its old workers, as HTTP allows at any time.
  let reloaded = false;
  const failures: string[] = [];
  const client = async (): Promise<void> => {
    for (let after = 0; after < 50; after += reloaded ? 1 : 0) {
      const answer = await ask(lab.ports.http, '/', { host: 'app.com' }).catch((error: unknown) => error);
      if ((answer as { readonly status?: number }).status !== 200) failures.push(String(answer));
    }
  };
  const clients = Array.from({ length: 4 }, client);
  const patch = JSON.stringify({ spec: { config: { workerLimit: 2 } } });
  await lab.home.kubectl(['patch', 'alb2', 'alb', '-n', ALB_NAMESPACE, '--type=merge', '-p', patch]);
  await eventually(async () => expect(await reloads()).toBeGreaterThan(before));
  reloaded = true;
  await Promise.all(clients);
  expect(failures).toEqual([]);
});

test('LIM-30: of two endpoints one is dead: no request fails', async () => {
  const { port } = lab.backends['app'] ?? { port: 0 };
  const [service] = serviceTo({ name: 'half', port: 80 });
  const ready = { ready: true };
  // Nothing listens on the second address.
  const endpoints = ['127.0.0.1', '127.0.0.9'].map((address) => ({ addresses: [address], conditions: ready }));
  await lab.home.apply(
    service,
    slice('half', port, endpoints, 'half-1'),
    ingress('half', '/', 'half', { host: 'half.com' }),
  );
  await answersWith(200, lab.ports.http, '/', { host: 'half.com' });
  expect(await shares(200, () => ask(lab.ports.http, '/', { host: 'half.com' }))).toEqual({ app: 200 });
});
