import { once } from 'node:events';
import { createServer } from 'node:net';
import { KIND_REFS, type KindMap, type KindName } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EchoBackend, startEchoBackend } from '../acceptance/echo-backend.ts';
import { ALB_NAMESPACE } from '../acceptance/installation.ts';
import { frontend, group, serviceTo } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { Home } from '../e2e/home.ts';
import { alb } from '../e2e/quick-start.ts';
import { freePort } from '../e2e/traffic.ts';

const home = new Home();
let backend: EchoBackend;

beforeAll(async () => {
  await home.start('apiserver');
  [backend] = await Promise.all([startEchoBackend('app'), home.start('controllers')]);
  const ports = { http: await freePort(), https: await freePort(), metrics: 1936 };
  const objects = [
    alb('alb', ports, { networkMode: 'container', workerLimit: 1, vip: { enableLbSvc: false } }),
    ...serviceTo(backend),
  ];
  for (const object of objects) await home.api.create(KIND_REFS[object.kind as KindName], object);
  for (const node of ['node-1', 'node-2']) {
    await home.start('agent', { as: node, args: ['--node', node, '--instance-addresses', '127.79.0.0/16'] });
  }
});
afterAll(async () => {
  for (const node of ['node-1', 'node-2']) await home.end(node, 'SIGTERM');
  await home.stop();
  await backend.close();
});

async function read<K extends KindName>(kind: K, name: string): Promise<KindMap[K] | undefined> {
  return (await home.api.get(KIND_REFS[kind], { namespace: ALB_NAMESPACE, name })) as KindMap[K] | undefined;
}

function addressOf(node: string): Promise<string> {
  return eventually(async () => {
    const address = (await read('Instance', `alb-${node}`))?.status?.address;
    expect(address).toMatch(/^127\.79\./);
    return address ?? '';
  });
}

describe('ALB-125 two nodes', () => {
  test('a port taken on one: it keeps its holder, the other serves, ALB2 and Frontend name it; freed, both serve', async () => {
    const [first, second] = [await addressOf('node-1'), await addressOf('node-2')];
    const port = await freePort();
    const holder = createServer((socket) => socket.end('held\n')).listen(port, first);
    await once(holder, 'listening');
    await home.api.create(KIND_REFS.Frontend, frontend('alb', 'web', port, { serviceGroup: group({ app: 100 }) }));

    await eventually(async () => expect((await fetch(`http://${second}:${port}/`)).status).toBe(200));
    await expect(fetch(`http://${first}:${port}/`)).rejects.toThrow();
    await eventually(async () => {
      expect((await read('Frontend', 'web'))?.status?.instances).toMatchObject({
        'node-1/alb-node-1': { conflict: true, probeTime: expect.any(Number) },
        'node-2/alb-node-2': { conflict: false },
      });
      expect((await read('ALB2', 'alb'))?.status).toMatchObject({
        state: 'Warning',
        detail: { alb: { portstatus: { [`http-${port}`]: { conflict: true, msg: 'conflict on node-1/alb-node-1' } } } },
      });
    });

    holder.close();
    await eventually(async () => expect((await fetch(`http://${first}:${port}/`)).status).toBe(200));
    await eventually(async () => {
      expect((await read('ALB2', 'alb'))?.status).toMatchObject({ state: 'Running', reason: '' });
      expect((await read('Frontend', 'web'))?.status?.instances).toMatchObject({
        'node-1/alb-node-1': { conflict: false },
      });
    });
  });

  test('an instance that ends is no longer in the status of the Frontend', async () => {
    await home.end('node-2', 'SIGTERM');
    await eventually(async () =>
      expect(Object.keys((await read('Frontend', 'web'))?.status?.instances ?? {})).toEqual(['node-1/alb-node-1']),
    );
  });
});
