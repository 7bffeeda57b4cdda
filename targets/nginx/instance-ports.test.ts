/** Ports that an instance cannot have. */
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { ALB, instance, listener, route } from './testing/fragments.ts';
import { freePorts, masterOf } from './testing/home.ts';
import { OneRoute } from './testing/one-route.ts';

const one = OneRoute.forTests();

describe('ALB-125: ports', () => {
  let blocker: Server | undefined;
  afterEach(() => blocker?.close());

  async function block(taken: number): Promise<void> {
    blocker = createServer((socket) => socket.destroy()).listen(taken, '127.0.0.1');
    await new Promise((resolve) => blocker?.once('listening', resolve));
  }

  test('one that is taken is named, the others serve, and it comes up when it is free', async () => {
    await block(one.otherPort);
    one.put(listener(one.otherPort), route('other', '/', one.otherPort));
    const status = await one.instances.until('conflict', ({ ports }) =>
      ports.some(({ state }) => state === 'conflict'),
    );
    const conflict = status.ports.find((candidate) => candidate.port === one.otherPort);
    expect(conflict).toMatchObject({ state: 'conflict', protocol: 'http' });
    expect(conflict?.message).toContain(`127.0.0.1:${one.otherPort} is taken by process ${process.pid}`);
    await one.serves('/x');
    const master = masterOf(one.home);

    blocker?.close();
    await one.serves('/x', one.otherPort);
    await one.instances.until(
      'one reload',
      ({ reloads, ready, ports }) => ready && reloads === 1 && ports.length === 3,
    );
    expect(masterOf(one.home)).toBe(master);
  });

  test('two instances do not share one', async () => {
    const other = 'kube-system/other';
    const otherMetrics = (await freePorts(1))[0] ?? 0;
    one.put(
      instance({ id: other, metricsPort: otherMetrics }),
      listener(one.port, { id: 'other-listener', instance: other }),
    );
    await one.instances.ready();
    const status = await one.instances.until(
      'conflict',
      ({ ports }) => ports.some(({ state }) => state === 'conflict'),
      other,
    );
    expect(status.ports.find((candidate) => candidate.port === one.port)?.message).toContain(`is taken by ${ALB}`);
  });

  test('a protocol that is not served says so', async () => {
    one.put(listener(one.otherPort, { protocol: 'udp' }));
    const status = await one.instances.until('conflict', ({ ports }) =>
      ports.some(({ state }) => state === 'conflict'),
    );
    expect(status.ports.find((candidate) => candidate.port === one.otherPort)?.message).toContain(
      'this agent has no program for udp ports',
    );
  });
});
