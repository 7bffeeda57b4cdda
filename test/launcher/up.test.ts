import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BUILT_IN_KINDS } from '@causeway/apis/kubernetes/kinds';
import type { KindRef } from '@causeway/apis/meta/kind';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import { afterEach, expect, test, vi } from 'vitest';
import { childRunning, launcher, processesOf, run, TemporaryDirectories, UpProcess } from './up-process.ts';

const directories = new TemporaryDirectories();
afterEach(() => directories.remove());

const patience = { timeout: 20_000, interval: 50 };
const configMaps = builtInKind('ConfigMap');

function builtInKind(name: string): KindRef {
  const found = BUILT_IN_KINDS.find(({ kind }) => kind === name);
  if (found === undefined) throw new Error(`no kind ${name}`);
  return found;
}

function configMap(name: string, data: Readonly<Record<string, string>>): KubernetesObject & { data: typeof data } {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name }, data };
}

test('says that it is ready, serves the API, and SIGTERM leaves nothing behind', async () => {
  const up = await UpProcess.start(directories.make());
  expect(up.readyLine).toMatch(/^causeway is ready.* https:\/\/127\.0\.0\.1:\d+/);
  expect(up.readyLine).toContain(up.kubeconfigFile);
  expect(statSync(up.kubeconfigFile).mode & 0o777).toBe(0o600);
  const client = await up.client();
  const { items } = await client.list(builtInKind('Namespace'));
  expect(items.map((item) => item.metadata.name)).toContain('default');
  await client.close();

  expect(await up.signal('SIGTERM')).toBe(0);
  expect(processesOf(up.dataDirectory)).toEqual([]);
});

test('SIGINT to the whole group, as Ctrl-C sends it, ends it cleanly too', async () => {
  const up = await UpProcess.start(directories.make());
  process.kill(-up.pid, 'SIGINT');
  expect(await up.signal('SIGINT')).toBe(0);
  expect(processesOf(up.dataDirectory)).toEqual([]);
});

test('a second one with the same data directory, or the same API port, is refused and told why', async () => {
  const up = await UpProcess.start(directories.make());
  const second = await run(launcher, ['up', '--data-dir', up.dataDirectory, '--api-port', '0']);
  expect(second).toMatchObject({ code: 1, stdout: '' });
  expect(second.stderr).toContain(`${up.dataDirectory} is in use by another \`causeway up\`, process ${up.pid};`);

  const taken = /:(\d+)/.exec(up.readyLine.replace(/^.*https:/, ''))?.[1] ?? '';
  const third = await run(launcher, ['up', '--data-dir', directories.make(), '--api-port', taken]);
  expect(third).toMatchObject({ code: 1, stdout: '' });
  expect(third.stderr).toContain(taken);

  const client = await up.client();
  await client.list(configMaps);
  await client.close();
});

test('kill -9 of the whole group: started again, it has every object, and no process of before is left', async () => {
  const dataDirectory = directories.make();
  const first = await UpProcess.start(dataDirectory);
  const client = await first.client();
  await client.create(configMaps, configMap('kept', { a: '1' }));
  await client.close();
  const before = processesOf(dataDirectory);
  await first.killGroup();

  const second = await UpProcess.start(dataDirectory);
  const again = await second.client();
  expect(await again.get(configMaps, { namespace: 'default', name: 'kept' })).toMatchObject({ data: { a: '1' } });
  await again.close();
  expect(processesOf(dataDirectory).filter((pid) => before.includes(pid))).toEqual([]);
});

test('kill -9 of `up` alone: its children end by themselves, or before the next one starts', async () => {
  const dataDirectory = directories.make();
  const first = await UpProcess.start(dataDirectory);
  const children = processesOf(dataDirectory).filter((pid) => pid !== first.pid);
  expect(children.length).toBeGreaterThanOrEqual(3);
  await first.signal('SIGKILL');
  await UpProcess.start(dataDirectory);
  expect(processesOf(dataDirectory).filter((pid) => children.includes(pid))).toEqual([]);
});

test('a killed program is started again', async () => {
  const up = await UpProcess.start(directories.make());
  for (const program of ['apiserver', 'controllers', 'agent']) {
    const killed = childRunning(up.dataDirectory, program) ?? 0;
    process.kill(killed, 'SIGKILL');
    await vi.waitUntil(() => ![undefined, killed].includes(childRunning(up.dataDirectory, program)), patience);
    const client = await up.client();
    await vi.waitFor(() => client.create(configMaps, configMap(`after-${program}`, {})), patience);
    await client.close();
  }
  expect(await up.signal('SIGTERM')).toBe(0);
});

test('manifests are applied at the start and when they change; a bad file holds up no other', async () => {
  const dataDirectory = directories.make();
  const manifests = path.join(path.dirname(dataDirectory), 'manifests');
  mkdirSync(manifests);
  writeFileSync(path.join(manifests, 'a.yaml'), 'kind: [');
  writeFileSync(path.join(manifests, 'b.json'), JSON.stringify(configMap('from-file', { a: '1' })));
  const up = await UpProcess.start(dataDirectory, ['--manifests', manifests]);
  const client = await up.client();
  const key = { namespace: 'default', name: 'from-file' };
  expect(await client.get(configMaps, key)).toMatchObject({ data: { a: '1' } });

  writeFileSync(path.join(manifests, 'b.json'), JSON.stringify(configMap('from-file', { a: '2' })));
  await vi.waitFor(async () => expect(await client.get(configMaps, key)).toMatchObject({ data: { a: '2' } }), patience);
  await client.close();
});
