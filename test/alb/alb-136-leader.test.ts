import { BUILT_IN_KINDS } from '@causeway/apis/kubernetes/kinds';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import { KIND_REFS, type KindName } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EchoBackend, startEchoBackend } from '../acceptance/echo-backend.ts';
import { Load } from '../acceptance/load.ts';
import { serviceTo } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { Home } from '../e2e/home.ts';
import { type AlbPorts, alb, ingress } from '../e2e/quick-start.ts';
import { freePort, get } from '../e2e/traffic.ts';

const home = new Home();
let backend: EchoBackend;
let ports: AlbPorts;

/** Resolves when it competes; only a leader ever becomes ready. */
async function startFollower(name: string): Promise<void> {
  void home.start('controllers', { as: name, args: ['--identity', name] }).catch(() => {});
  await eventually(() => expect(home.logOf(name)).toContain('another process is the leader'));
}

async function create(...objects: readonly KubernetesObject[]): Promise<void> {
  for (const object of objects) await home.api.create(KIND_REFS[object.kind as KindName], object);
}

interface Lease extends KubernetesObject {
  readonly spec: { readonly holderIdentity: string; readonly leaseDurationSeconds: number };
}

async function lease(): Promise<Lease['spec']> {
  const kind = BUILT_IN_KINDS.find((each) => each.kind === 'Lease');
  if (kind === undefined) throw new Error('no such kind');
  const found = await home.api.get(kind, { namespace: 'kube-system', name: 'causeway-controllers' });
  return (found as Lease).spec;
}

async function expectIngressServed(name: string): Promise<void> {
  await create(ingress(name, `/${name}`, 'app'));
  await eventually(async () => expect(await get(ports.http, `/${name}`)).toMatchObject({ status: 200 }), 30_000);
}

beforeAll(async () => {
  await home.start('apiserver');
  backend = await startEchoBackend('app');
  ports = { http: await freePort(), https: await freePort(), metrics: await freePort() };
  await home.start('controllers', { as: 'first', args: ['--identity', 'first'] });
  await create(alb('alb', ports, { workerLimit: 1 }), ...serviceTo(backend));
  await home.start('agent');
  await expectIngressServed('before');
  await startFollower('second');
});
afterAll(async () => {
  await home.stop();
  await backend.close();
});

describe('ALB-136 leader', () => {
  test('killed hard: another one translates a new Ingress within the lease; traffic never stops', async () => {
    expect(await lease()).toMatchObject({ holderIdentity: 'first', leaseDurationSeconds: 15 });
    const load = new Load({ port: ports.http, path: '/before', connections: 2, pauseMs: 10 });
    const startedAt = performance.now();
    await home.end('first', 'SIGKILL');
    await expectIngressServed('after-kill');
    console.log(`the next leader served a new Ingress after ${Math.round(performance.now() - startedAt)} ms`);
    expect((await lease()).holderIdentity).toBe('second');
    expect((await load.stop()).failures).toEqual([]);
  });

  test('ended in order: the lease is released at once, and another one leads', async () => {
    await startFollower('third');
    await home.end('second', 'SIGTERM');
    // Not 15 s later.
    expect((await lease()).holderIdentity).not.toBe('second');
    await expectIngressServed('after-end');
    expect((await lease()).holderIdentity).toBe('third');
  });

  test('a leader that lost the lease ends its process', async () => {
    const kind = BUILT_IN_KINDS.find((each) => each.kind === 'Lease');
    if (kind === undefined) throw new Error('no such kind');
    const key = { namespace: 'kube-system', name: 'causeway-controllers' };
    await home.api.patch(kind, key, { spec: { holderIdentity: 'a thief' } }, { type: 'merge' });
    await eventually(() => expect(home.logOf('third')).toContain('lost the lease'));
    await eventually(() => expect(home.isRunning('third')).toBe(false));
  });
});
