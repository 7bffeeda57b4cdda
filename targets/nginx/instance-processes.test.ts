/** The processes of an instance: what happens when they die, and what they leave. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { processInfo } from './proc.ts';
import { instance, route } from './testing/fragments.ts';
import { eventually, masterOf } from './testing/home.ts';
import { OneRoute } from './testing/one-route.ts';

const one = OneRoute.forTests();

test('a killed master is replaced on the same port, its workers end', async () => {
  one.put();
  const before = await one.instances.ready();
  const master = masterOf(one.home);
  process.kill(master, 'SIGKILL');
  await eventually('another master', () => (masterOf(one.home) === master ? undefined : true));
  expect((await one.get('/x')).status).toBe(200); // by the orphans or by the new ones, at every moment
  const after = await one.instances.until(
    'new workers',
    ({ workers, ready }) => ready && workers.every(({ pid }) => !before.workers.some((old) => old.pid === pid)),
  );
  expect(after.version).toBe(before.version);
  await eventually('the orphans ended', () =>
    before.workers.every(({ pid }) => processInfo(pid) === undefined) ? true : undefined,
  );
  expect((await one.get('/x')).status).toBe(200);
});

test('a killed worker comes back with the full state', async () => {
  one.put();
  const before = await one.instances.ready();
  const victim = before.workers[0]?.pid ?? 0;
  process.kill(victim, 'SIGKILL');
  const after = await one.instances.until(
    'a new worker',
    ({ workers, ready }) => ready && workers.length === 2 && workers.every(({ pid }) => pid !== victim),
  );
  expect(after.workers.map(({ version }) => version)).toEqual([before.version, before.version]);
  for (let i = 0; i < 10; i++) expect((await one.get('/x')).status).toBe(200);
});

test('D5: a worker that does not answer is replaced', async () => {
  one.put();
  const before = await one.instances.ready();
  const victim = before.workers[0]?.pid ?? 0;
  process.kill(victim, 'SIGSTOP');
  one.put(route('more', '/more', one.port));
  const after = await one.instances.until('all at the next version', ({ version }) => version === before.version + 1);
  expect(after.workers.some(({ pid }) => pid === victim)).toBe(false);
  // Its master has to notice first.
  await eventually('the end of the worker', () => (processInfo(victim) === undefined ? true : undefined));
});

test('nginx does not run as root', async () => {
  one.put();
  const { workers } = await one.instances.ready();
  const uids = [masterOf(one.home), ...workers.map(({ pid }) => pid)].map((pid) => statSync(`/proc/${pid}`).uid);
  expect(uids).not.toContain(0);
});

test('stop leaves no process, no socket and no secret', async () => {
  one.put();
  const { workers } = await one.instances.ready();
  const pids = [masterOf(one.home), ...workers.map(({ pid }) => pid)];
  await one.instances.stop();
  expect(pids.filter((pid) => processInfo(pid) !== undefined)).toEqual([]);
  const left = readdirSync(one.home.directory);
  expect(left).not.toContain('agent.sock');
  expect(left).not.toContain('state.jsonl');
  await expect(one.get('/x')).rejects.toThrow('ECONNREFUSED');
});

test('an instance that is removed takes its nginx and its folder along', async () => {
  one.put();
  await one.instances.ready();
  const master = masterOf(one.home);
  one.instances.put('all', []);
  one.instances.settle();
  await eventually('the folder is gone', () => (existsSync(one.home.directory) ? undefined : true));
  expect(processInfo(master)).toBeUndefined();
});

test('no nginx without listeners takes traffic, but it runs', async () => {
  one.instances.put('all', [instance({ metricsPort: one.metricsPort })]);
  one.instances.settle();
  expect((await one.instances.ready()).workers.length).toBe(2);
});
