/** Real nginx, real Lua: what changes without a reload, seen from outside by requests, pids and files. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import type { GatewayFragment } from '@causeway/ir/gateway';
import { describe, expect, test } from 'vitest';
import { createSelfSigned, type KeyPairPem } from './self-signed.ts';
import { endpoints, instance, listener, route } from './testing/fragments.ts';
import { eventually, masterOf } from './testing/home.ts';
import { OneRoute } from './testing/one-route.ts';

const one = OneRoute.forTests();

describe('changes', () => {
  test('routes, endpoints and fallbacks change without a reload', async () => {
    one.put();
    const { workers, version } = await one.instances.ready();
    const master = masterOf(one.home);
    expect(await one.get('/x')).toMatchObject({ status: 200, body: 'backend /x' });

    one.put(route('extra', '/extra', one.port, { action: { type: 'respond', status: 404, reason: 'Extra : yes' } }));
    await one.programmed(version);
    expect(await one.get('/extra')).toMatchObject({ status: 404, reason: 'Extra : yes' });
    expect((await one.get('/x')).status).toBe(200);

    one.instances.put('endpoints elsewhere', [endpoints('default/svc:80')]);
    one.instances.settle();
    await one.programmed(version + 1);
    expect(await one.get('/x')).toMatchObject({ status: 500, reason: 'InvalidBalancer : no balancer found for r' });

    one.instances.put('endpoints elsewhere', []);
    one.instances.settle();
    await one.programmed(version + 2);
    expect((await one.get('/x')).status).toBe(200);

    const status = await one.instances.ready();
    expect(status.workers.map(({ pid }) => pid)).toEqual(workers.map(({ pid }) => pid));
    expect(status.version).toBe(version + 3);
    expect(status.reloads).toBe(0);
    expect(masterOf(one.home)).toBe(master);
  });

  test('what is put again unchanged writes nothing', async () => {
    one.put();
    const { version } = await one.instances.ready();
    one.put();
    one.instances.settle();
    expect((await one.instances.ready()).version).toBe(version);
    const [state] = readdirSync('/dev/shm')
      .filter((name) => name.startsWith('causeway-'))
      .map((name) => join('/dev/shm', name, 'state.jsonl'));
    if (state !== undefined && existsSync(state)) expect(statSync(state).mode & 0o777).toBe(0o600);
  });

  test('a new port comes with one reload, and requests under way go on', async () => {
    one.put();
    const before = await one.instances.ready();
    const slow = createHttpServer((_, response) => {
      response.write('begun ');
      setTimeout(() => response.end('done'), 2_000);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => slow.once('listening', resolve));
    one.put(
      endpoints('default/slow:80', (slow.address() as AddressInfo).port),
      route('slow', '/slow', one.port, {
        action: {
          ...route('', '/', 80).action,
          backends: [
            { weight: 1, protocol: 'http', filters: [], target: { type: 'endpoints', id: 'default/slow:80' } },
          ],
        } as never,
      }),
    );
    await one.programmed(before.version);
    const underWay = one.get('/slow');
    await eventually(
      'the request reached the backend',
      () =>
        new Promise<true | undefined>((resolve) =>
          slow.getConnections((_, count) => resolve(count > 0 ? true : undefined)),
        ),
    );
    one.instances.put('more', [listener(one.otherPort), route('other', '/', one.otherPort)]);
    one.instances.settle();
    await one.serves('/', one.otherPort);
    const after = await one.instances.until(
      'the other port',
      ({ ports, reloads }) => reloads === 1 && ports.length === 3,
    );
    expect(after.workers.some(({ pid }) => before.workers.some((worker) => worker.pid === pid))).toBe(false);
    expect(await underWay).toMatchObject({ status: 200, body: 'begun done' });
    slow.close();
    slow.closeAllConnections();

    one.instances.put('more', []);
    one.instances.settle();
    await one.instances.until('the port is gone', ({ reloads }) => reloads === 2);
    await expect(one.get('/', one.otherPort)).rejects.toThrow('ECONNREFUSED');
    expect((await one.get('/')).status).toBe(200);
  });
});

test('what changes while an instance is being opened is not lost', async () => {
  const putGeneration = (generation: number): void => {
    one.instances.put('all', [instance({ metricsPort: one.metricsPort, generation }), listener(one.port)]);
    one.instances.settle();
  };
  putGeneration(1);
  await setImmediate();
  putGeneration(2);
  await one.instances.until('the newest generation', ({ observedGeneration }) => observedGeneration === 2);
});

test('ALB-108: a certificate is replaced under the same workers', async () => {
  const [first, second] = [await createSelfSigned(new Date(0)), await createSelfSigned(new Date(1_000))];
  const secret = (pair: KeyPairPem): GatewayFragment => ({
    kind: 'certificate',
    id: 'ns/tls',
    chainPem: pair.certificate,
    keyPem: pair.key,
  });
  one.put(
    listener(one.otherPort, {
      protocol: 'https',
      tls: { certificates: [{ host: 'a.com', certificate: 'ns/tls' }], defaultCertificate: 'ns/tls' },
    }),
    secret(first),
  );
  const before = await one.instances.ready();
  const serialOf = async (servername: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connectTls(
        { host: '127.0.0.1', port: one.otherPort, servername, rejectUnauthorized: false },
        () => {
          resolve(socket.getPeerCertificate().valid_from);
          socket.destroy();
        },
      ).on('error', reject);
    });
  expect(await serialOf('a.com')).toBe('Jan  1 00:00:00 1970 GMT');
  await expect(serialOf('unknown.com')).rejects.toThrow();

  one.put(
    listener(one.otherPort, {
      protocol: 'https',
      tls: { certificates: [{ host: 'a.com', certificate: 'ns/tls' }], defaultCertificate: 'ns/tls' },
    }),
    secret(second),
  );
  await one.programmed(before.version);
  expect(await serialOf('a.com')).toBe('Jan  1 00:00:01 1970 GMT');
  const after = await one.instances.ready();
  expect(after.workers.map(({ pid }) => pid)).toEqual(before.workers.map(({ pid }) => pid));
  expect(after.reloads).toBe(0);
});
