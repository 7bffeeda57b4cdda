import type { ALB2 } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ON_CLUSTER } from '../acceptance/given-home.ts';
import { ask } from '../acceptance/http-request.ts';
import { ALB_NAMESPACE, Installation } from '../acceptance/installation.ts';
import { frontend } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { type AlbPorts, alb } from '../e2e/quick-start.ts';
import { freePort } from '../e2e/traffic.ts';

let home: Installation;

beforeAll(async () => {
  home = await Installation.join();
});
afterAll(() => home.stop());

async function freePorts(): Promise<AlbPorts> {
  return { http: await freePort(), https: await freePort(), metrics: await freePort() };
}

async function workersOf(name: string): Promise<number> {
  const found = (await home.list('Instance')).find(({ metadata }) => metadata.labels?.['alb2.cpaas.io/name'] === name);
  expect(found?.status?.ready).toBe(true);
  return found?.status?.workers?.length ?? 0;
}

function albWith(name: string, spec: unknown, annotations: Readonly<Record<string, string>> = {}): object {
  return {
    ...alb(name, { http: 0, https: 0, metrics: 0 }),
    metadata: { name, namespace: ALB_NAMESPACE, annotations },
    spec,
  };
}

function read(name: string): Promise<ALB2 | undefined> {
  return home.read('ALB2', { namespace: ALB_NAMESPACE, name });
}

describe('ALB-02 defaults and merge', () => {
  // There each of these replaces the pods.
  test.skipIf(ON_CLUSTER)(
    'workers: two of the default CPU limit; 500m: one; a workerLimit below the CPU limit',
    async () => {
      const { spec, ...head } = alb('merge', await freePorts());
      const { workerLimit: _limit, ...config } = spec.config ?? {};
      await home.apply({ ...head, spec: { ...spec, config } });
      await eventually(async () => expect(await workersOf('merge')).toBe(2));
      await home.configure('merge', { resources: { limits: { cpu: '500m' } } });
      await eventually(async () => expect(await workersOf('merge')).toBe(1));
      await home.configure('merge', { resources: { limits: { cpu: '2500m' } } });
      await eventually(async () => expect(await workersOf('merge')).toBe(3));
      await home.configure('merge', { workerLimit: 2 });
      await eventually(async () => expect(await workersOf('merge')).toBe(2));
    },
  );

  test.each(['enableALb', 'enableAlb'])('%s false: Frontends are not served; absent: they are', async (spelling) => {
    const name = spelling.toLowerCase();
    const port = await freePort();
    await home.addAlb(name, { workerLimit: 1, [spelling]: false });
    await home.apply(frontend(name, `${name}-port`, port));
    await eventually(async () => expect(await workersOf(name)).toBe(1));
    await expect(ask(port)).rejects.toThrow('ECONNREFUSED');
    const patch = `{"spec":{"config":{"${spelling}":null}}}`;
    await home.kubectl(['patch', 'alb2', name, '-n', ALB_NAMESPACE, '--type=merge', '-p', patch]);
    await eventually(async () => expect(await ask(port)).toMatchObject({ status: 404 }));
    await home.kubectl(['delete', 'alb2', name, '-n', ALB_NAMESPACE]);
  });

  test('a config in the annotation migrate-backup is moved into the spec', async () => {
    const { spec } = alb('moved', await freePorts());
    const backup = JSON.stringify({ ...spec.config, later: { x: 1 } });
    await home.apply(albWith('moved', { type: 'nginx' }, { 'alb.cpaas.io/migrate-backup': backup }));
    await eventually(async () => {
      const moved = await read('moved');
      expect(moved?.spec.config).toEqual(JSON.parse(backup));
      expect(Object.keys(moved?.metadata.annotations ?? {})).not.toContain('alb.cpaas.io/migrate-backup');
      expect(moved?.metadata.labels).toMatchObject({ 'project.cpaas.io/ALL_ALL': 'true' });
      expect(moved?.status?.state).toBe('Running');
    });
  });

  test('ignoreme: nothing happens to a new one; one that ran serves on, and nothing is written because of it', async () => {
    const ports = await freePorts();
    const { spec } = alb('ignored', ports);
    await home.apply(albWith('ignored', spec, { 'alb.cpaas.io/ignoreme': 'true' }));
    const others = await freePorts();
    await home.apply(alb('served', others));
    await eventually(async () => expect((await read('served'))?.status?.state).toBe('Running'));
    const ignored = await read('ignored');
    expect(ignored?.status).toBeUndefined();
    expect(ignored?.metadata.finalizers).toBeUndefined();
    expect(await home.read('IngressClass', { namespace: '', name: 'ignored' })).toBeUndefined();
    await expect(ask(ports.metrics, '/healthz', { serverName: 'localhost' })).rejects.toThrow('ECONNREFUSED');

    await home.kubectl(['annotate', 'alb2', 'served', '-n', ALB_NAMESPACE, 'alb.cpaas.io/ignoreme=true']);
    await home.configure('served', { defaultIngressClass: true, projects: ['p1'] });
    await home.kubectl(['annotate', 'alb2', 'ignored', '-n', ALB_NAMESPACE, 'alb.cpaas.io/ignoreme-']);
    await eventually(async () => expect((await read('ignored'))?.status?.state).toBe('Running'));
    const ingressClass = await home.read('IngressClass', { namespace: '', name: 'served' });
    expect(ingressClass?.metadata.annotations).toMatchObject({
      'ingressclass.kubernetes.io/is-default-class': 'false',
      'alb.cpaas.io/project': 'ALL_ALL',
    });
    expect(await ask(others.metrics, '/healthz', { serverName: 'localhost' })).toMatchObject({ status: 200 });
  });
});

describe('ALB-02 bad input is refused with the field:', () => {
  const cases: readonly { readonly name: string; readonly spec: unknown; readonly says: string }[] = [
    { name: 'type', spec: { type: 'f5', config: {} }, says: 'spec.type' },
    { name: 'replicas beside config', spec: { type: 'nginx', replicas: 1, config: {} }, says: 'spec.config.replicas' },
    { name: 'projects beside config', spec: { type: 'nginx', projects: ['a'] }, says: 'spec.config.projects' },
    {
      name: 'networkMode beside config',
      spec: { type: 'nginx', networkMode: 'host' },
      says: 'spec.config.networkMode',
    },
    { name: 'resources beside config', spec: { type: 'nginx', resources: {} }, says: 'spec.config.resources' },
    {
      name: 'a network mode',
      spec: { type: 'nginx', config: { networkMode: 'bridge' } },
      says: 'spec.config.networkMode',
    },
    {
      name: 'a quantity',
      spec: { type: 'nginx', config: { resources: { limits: { cpu: 'abc' } } } },
      says: 'spec.config.resources.limits.cpu',
    },
    {
      name: "a quantity of the controller's",
      spec: { type: 'nginx', config: { resources: { alb: { requests: { memory: '2 Gi' } } } } },
      says: 'spec.config.resources.alb.requests.memory',
    },
  ];
  test.each(cases)('$name', async ({ spec, says }) => {
    const { code, stderr } = await home.tryApply(albWith('refused', spec));
    expect(code).toBe(1);
    expect(stderr).toContain(says);
    expect(await read('refused')).toBeUndefined();
  });
});
