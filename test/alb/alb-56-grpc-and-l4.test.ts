import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { frontend, group } from '../acceptance/objects.ts';
import { heardFrom, type StreamBackend, startTcpBackend, streamService } from '../acceptance/stream-backend.ts';
import { ALB, Lab } from './lab.ts';

let lab: Lab;
const backends: StreamBackend[] = [];

beforeAll(async () => {
  lab = await Lab.start([]);
  for (const name of ['a', 'b']) backends.push(await startTcpBackend(name));
  await lab.home.apply(
    ...streamService(
      'pods',
      'TCP',
      backends.map(({ port }) => port),
    ),
  );
});
afterAll(async () => {
  await lab.stop();
  for (const backend of backends) await backend.close();
});

/** Name of the backend that a new connection reaches. */
async function reached(port: number, from = '127.0.0.1'): Promise<string | undefined> {
  const client = await heardFrom(port, { from });
  client.socket.destroy();
  return client.backend;
}

describe('ALB-56 affinity on gRPC and layer 4', () => {
  test('tcp, sip-hash: 10 connections from one client reach one pod, other clients the other one too', async () => {
    const port = await lab.open('sticky', {
      protocol: 'tcp',
      serviceGroup: { ...group({ pods: 100 }), session_affinity_policy: 'sip-hash' },
    });
    const names = new Set<string | undefined>();
    for (let i = 0; i < 10; i += 1) names.add(await reached(port));
    expect(names.size).toBe(1);
    for (let i = 2; i < 30; i += 1) names.add(await reached(port, `127.0.0.${i}`));
    expect(names.size).toBe(2);
  });

  test('tcp, weights: round robin', async () => {
    await lab.home.apply(...streamService('a', 'TCP', [backends[0]?.port ?? 0]));
    await lab.home.apply(...streamService('b', 'TCP', [backends[1]?.port ?? 0]));
    const port = await lab.open('weighted', { protocol: 'tcp', serviceGroup: group({ a: 75, b: 25 }) });
    await reached(port);
    const names: (string | undefined)[] = [];
    for (let i = 0; i < 20; i += 1) names.push(await reached(port));
    expect(names.filter((name) => name === 'a')).toHaveLength(15);
  });

  test.each([
    ['tcp', 'cookie'],
    ['tcp', 'header'],
    ['udp', 'cookie'],
    ['udp', 'header'],
    ['tcp', 'ewma'],
  ])('%s refuses %s', async (protocol, policy) => {
    const { code, stderr } = await lab.home.tryApply(
      frontend(ALB, 'refused', 8099, {
        protocol,
        serviceGroup: {
          ...group({ pods: 100 }),
          session_affinity_policy: policy,
          session_affinity_attribute: 'x',
        },
      } as Parameters<typeof frontend>[3]),
    );
    expect(code).toBe(1);
    expect(stderr).toContain(`spec.serviceGroup.session_affinity_policy: Forbidden: ${policy} needs http`);
  });
});
