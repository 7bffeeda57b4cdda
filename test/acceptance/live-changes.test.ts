/** Issue 2: changes are live without a reload, and a load on keepalive connections sees none of them. */

import { selfSigned } from '@causeway/dataplane/test/certificates';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import type { AlbPorts } from '../e2e/quick-start.ts';
import { type Echo, type EchoBackend, startEchoBackend } from './echo-backend.ts';
import { type Answer, ask } from './http-request.ts';
import { Installation } from './installation.ts';
import { Load } from './load.ts';
import { ingress, serviceTo, slice, tlsSecret } from './objects.ts';

let home: Installation;
let ports: AlbPorts;
let backends: readonly EchoBackend[];

beforeAll(async () => {
  home = await Installation.start();
  backends = await Promise.all(['one', 'two', 'three'].map(startEchoBackend));
  ports = await home.addAlb('alb-demo');
  const [one] = backends;
  await home.apply(
    ...serviceTo({ name: 'app', port: one?.port ?? 0 }),
    tlsSecret('cert', await selfSigned('a.example')),
    ingress('app', '/', 'app'),
    ingress('secure', '/', 'app', { host: 'a.example', tls: 'cert' }),
  );
  await eventually(async () => expect(await ask(ports.http)).toMatchObject({ status: 200 }));
  await eventually(async () => expect(await secure()).toMatchObject({ status: 200 }));
});

afterAll(async () => {
  await home.stop();
  for (const backend of backends) await backend.close();
});

function secure(): Promise<Answer> {
  return ask(ports.https, '/', { host: 'a.example', serverName: 'a.example' });
}

function backendOf(answer: Answer): string {
  return (JSON.parse(answer.body) as Echo).backend;
}

/** Applies, then waits until `live` passes. Prints how long that took since kubectl came back. */
async function change(what: string, objects: readonly object[], live: () => Promise<void>): Promise<void> {
  await home.apply(...objects);
  const applied = performance.now();
  await eventually(live);
  console.log(`${what}: live after ${Math.round(performance.now() - applied)} ms`);
}

describe('under a load of 4 keepalive connections for each of http and https', () => {
  let loads: readonly Load[];
  let before: ReturnType<Installation['nginx']>;

  beforeAll(async () => {
    // The https port was a reload: workers of before are gone when this is through.
    before = await eventually(() => {
      const found = home.nginx(ports.http);
      expect(found).toMatchObject({ masters: [expect.any(Number)], workers: [expect.any(Number), expect.any(Number)] });
      return found;
    });
    const known = (answer: Answer) => {
      const name = backendOf(answer);
      return ['one', 'two', 'three'].includes(name) ? undefined : `answered by ${name}`;
    };
    loads = [
      new Load({ port: ports.http, path: '/load/x', connections: 4, check: known }),
      new Load({
        port: ports.https,
        path: '/x',
        connections: 4,
        check: known,
        request: { host: 'a.example', serverName: 'a.example' },
      }),
    ];
    await Promise.all(loads.map((load) => load.more(100)));
  });

  test('the path of the Ingress changes', async () => {
    await change('path of an Ingress', [ingress('app', '/load', 'app')], async () =>
      expect(await ask(ports.http, '/other')).toMatchObject({ status: 404 }),
    );
    await Promise.all(loads.map((load) => load.more(50)));
  });

  test('the EndpointSlice grows from 1 to 3, and all three get requests (ALB-60)', async () => {
    const slices = backends.map(({ port }, index) =>
      slice('app', port, [{ addresses: ['127.0.0.1'], conditions: { ready: true } }], `app-${index + 1}`),
    );
    const seen = new Set<string>();
    await change('1 to 3 endpoints', slices, async () => {
      seen.add(backendOf(await ask(ports.http, '/load')));
      expect([...seen].sort()).toEqual(['one', 'three', 'two']);
    });
    const counts = backends.map((backend) => backend.requests());
    await Promise.all(loads.map((load) => load.more(90)));
    for (const [index, backend] of backends.entries()) expect(backend.requests()).toBeGreaterThan(counts[index] ?? 0);
  });

  test('one EndpointSlice with three addresses shrinks to one, and the others get nothing any more', async () => {
    const [one, two] = backends;
    await home.kubectl(['delete', 'endpointslice', 'app-2', 'app-3']);
    await eventually(async () => {
      const before = two?.requests() ?? 0;
      await Promise.all(loads.map((load) => load.more(50)));
      expect(two?.requests()).toBe(before);
    });
    expect(backendOf(await ask(ports.http, '/load'))).toBe(one?.name);
  });

  test('an endpoint that is not ready gets nothing (ALB-60)', async () => {
    const [one, two] = backends;
    const endpoint = (ready: boolean) => [{ addresses: ['127.0.0.1'], conditions: { ready } }];
    await home.apply(slice('app', two?.port ?? 0, endpoint(true), 'app-2'));
    const seen = new Set<string>();
    await eventually(async () => {
      seen.add(backendOf(await ask(ports.http, '/load')));
      expect(seen.size).toBe(2);
    });
    await home.apply(slice('app', one?.port ?? 0, endpoint(false), 'app-1'));
    await eventually(async () => {
      const counted = one?.requests() ?? 0;
      await Promise.all(loads.map((load) => load.more(50)));
      expect(one?.requests()).toBe(counted);
    });
  });

  test('the certificate is replaced: the new serial is shown (ALB-108)', async () => {
    const old = (await secure()).serial;
    await change('a certificate', [tlsSecret('cert', await selfSigned('a.example'))], async () => {
      expect((await secure()).serial).not.toBe(old);
    });
    expect((await secure()).serial).toMatch(/^[0-9A-F]+$/);
  });

  test('no request failed, and master and workers are those of before', async () => {
    await Promise.all(loads.map((load) => load.more(50)));
    const results = await Promise.all(loads.map((load) => load.stop()));
    console.log(`requests under load: ${results.map(({ requests }) => requests).join(' http, ')} https`);
    for (const { requests, failures } of results) {
      expect(failures).toEqual([]);
      expect(requests).toBeGreaterThan(500);
    }
    expect(home.nginx(ports.http)).toEqual(before);
    const [instance] = await home.list('Instance');
    expect(new Set(instance?.status?.workers?.map(({ pid }) => pid))).toEqual(new Set(before.workers));
  });
});
