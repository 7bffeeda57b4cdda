/** An agent that finds what another one, which was killed, left running. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { DATAPLANE_USER } from './instances.ts';
import { childrenOf, commandLine, processInfo } from './proc.ts';
import { NginxProcess } from './process.ts';
import { instance, route } from './testing/fragments.ts';
import { eventually, masterOf } from './testing/home.ts';
import { runAndKillAgent } from './testing/killed-agent.ts';
import { OneRoute } from './testing/one-route.ts';

const isRoot = process.getuid?.() === 0;
const one = OneRoute.forTests();

test('adopts what runs: same processes, next version, only the difference', async () => {
  await runAndKillAgent(one);
  const master = masterOf(one.home);
  const workers = childrenOf(master);
  expect((await one.get('/orphaned')).status).toBe(200);

  one.put();
  const adopted = await one.instances.ready();
  expect(masterOf(one.home)).toBe(master);
  expect(adopted.workers.map(({ pid }) => pid)).toEqual(workers.toSorted((a, b) => a - b));
  expect(adopted).toMatchObject({ version: 1, reloads: 0 });

  one.put(route('more', '/more', one.port, { action: { type: 'respond', status: 404, reason: 'More : yes' } }));
  await one.programmed(1);
  expect((await one.get('/more')).reason).toBe('More : yes');
  expect((await one.instances.ready()).version).toBe(2);
});

test('whose state file is lost starts a later lineage', async () => {
  await runAndKillAgent(one);
  const state = /stateFile = "(.*?)"/.exec(readFileSync(join(one.home.directory, 'nginx.conf'), 'utf8'))?.[1] ?? '';
  expect(existsSync(state)).toBe(true);
  writeFileSync(state, '');
  one.put(route('more', '/more', one.port, { action: { type: 'respond', status: 404, reason: 'More : yes' } }));
  await one.instances.until('a later version', ({ version, ready }) => ready && version > 1);
  expect((await one.get('/more')).reason).toBe('More : yes');
});

test('ends what belongs to no instance any more', async () => {
  await runAndKillAgent(one);
  const master = masterOf(one.home);
  const workers = childrenOf(master);
  one.instances.put('all', [instance({ id: 'kube-system/other', metricsPort: one.metricsPort })]);
  one.instances.settle();
  await eventually('the former nginx ended', () =>
    [master, ...workers].every((pid) => processInfo(pid) === undefined) && !existsSync(one.home.directory)
      ? true
      : undefined,
  );
});

test('ends workers of a master whose replacement was the last thing the agent started', async () => {
  await runAndKillAgent(one);
  const master = masterOf(one.home);
  const program = /master process (\S+)/.exec(commandLine(master))?.[1] ?? '';
  const workers = childrenOf(master);
  process.kill(master, 'SIGKILL');
  await eventually('the master is dead', () => (processInfo(master) === undefined ? true : undefined));
  // As root it is a copy, with its libraries beside it.
  const copied = { nginx: program, libraryPath: join(dirname(program), 'lib') };
  const runtime = { ...one.home.options.runtime, ...(program !== one.home.options.runtime.nginx && copied) };
  new NginxProcess({ runtime, directory: one.home.directory, ...(isRoot && { user: DATAPLANE_USER }) }).start();
  await eventually('another master runs', () => (masterOf(one.home) !== master ? true : undefined));
  one.put();
  await one.instances.ready();
  await eventually('the old workers ended', () =>
    workers.every((pid) => processInfo(pid) === undefined) ? true : undefined,
  );
  expect((await one.get('/x')).status).toBe(200);
});

test('finds orphaned workers whose master died with the agent', async () => {
  await runAndKillAgent(one);
  const master = masterOf(one.home);
  const workers = childrenOf(master);
  process.kill(master, 'SIGKILL');
  await eventually('the master is dead', () => (processInfo(master) === undefined ? true : undefined));
  one.put();
  await one.instances.ready();
  await eventually('the orphans ended', () =>
    workers.every((pid) => processInfo(pid) === undefined) ? true : undefined,
  );
  expect((await one.get('/x')).status).toBe(200);
});
