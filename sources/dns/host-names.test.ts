import type { Clock } from '@causeway/protocols/kubernetes/clock';
import type { Backend, Service } from '@causeway/resources/kinds';
import type { NameRefresh } from '@causeway/resources/name-refresh';
import { Snapshot } from '@causeway/resources/snapshot';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type HostNames, startHostNames } from './host-names.ts';
import { DnsServer } from './testing/dns-server.ts';

let server: DnsServer;
let snapshot: Snapshot;
let names: HostNames;
/** Twenty seconds pass in one. */
const QUICK: Clock = {
  now: () => performance.now() * 20,
  setTimer: (ms, fire) => {
    const timer = setTimeout(fire, ms / 20);
    return () => clearTimeout(timer);
  },
};
/** What users of Backends want, by the label `refresh` of these. */
const WISHES: Readonly<Record<string, readonly NameRefresh[]>> = {
  often: [{ seconds: 1, respectsTtl: false }],
  seldom: [{ seconds: 3600, respectsTtl: false }],
  usual: [{ seconds: 30, respectsTtl: true }],
  both: [
    { seconds: 3600, respectsTtl: false },
    { seconds: 1, respectsTtl: true },
  ],
};

beforeEach(async () => {
  server = await DnsServer.start();
  snapshot = new Snapshot();
  names = startHostNames(snapshot, {
    servers: [server.address],
    clock: QUICK,
    refreshesOf: (view, key) => WISHES[view.get('Backend', key)?.metadata.labels?.['refresh'] ?? ''] ?? [],
  });
});
afterEach(() => {
  names.stop();
  server.close();
});

function service(name: string, externalName: string): Service {
  const metadata = { namespace: 'ns', name, uid: name, resourceVersion: '1' };
  return { apiVersion: 'v1', kind: 'Service', metadata, spec: { type: 'ExternalName', externalName } } as Service;
}

function backend(name: string, hostname: string, refresh: string): Backend {
  const metadata = { namespace: 'ns', name, uid: name, resourceVersion: '1', labels: { refresh } };
  const spec = { endpoints: [{ fqdn: { hostname, port: 80 } }] };
  return { apiVersion: 'gateway.envoyproxy.io/v1alpha1', kind: 'Backend', metadata, spec } as Backend;
}

function fact(name: string) {
  return snapshot.view('test').get('HostName', { namespace: '', name });
}

test('both families, sorted; once for all Services of the name; gone with the last', async () => {
  server.names.set('a.example', ['192.0.2.9', '192.0.2.1', '2001:db8::1']);
  snapshot.put('Service', service('s1', 'a.example'));
  snapshot.put('Service', service('s2', 'a.example'));
  await names.settled();
  expect(fact('a.example')).toMatchObject({ addresses: ['192.0.2.1', '192.0.2.9', '2001:db8::1'] });
  snapshot.remove('Service', { namespace: 'ns', name: 's1' });
  expect(fact('a.example')).toBeDefined();
  snapshot.put('Service', service('s2', 'b.example'));
  expect(fact('a.example')).toBeUndefined();
});

test('addresses are not asked for', async () => {
  snapshot.put('Service', service('s', '192.0.2.1'));
  await names.settled();
  expect(snapshot.view('test').all('HostName')).toEqual([]);
});

test('changes are seen when the TTL ends; while DNS fails the known addresses stay', async () => {
  server.names.set('a.example', ['192.0.2.1']);
  snapshot.put('Service', service('s', 'a.example'));
  await names.settled();
  server.names.set('a.example', ['192.0.2.2']);
  await vi.waitFor(() => expect(fact('a.example')?.addresses).toEqual(['192.0.2.2']), 10_000);
  server.broken = true;
  await vi.waitFor(() => expect(fact('a.example')?.failure).toMatch(/SERVFAIL/), 10_000);
  expect(fact('a.example')?.addresses).toEqual(['192.0.2.2']);
});

test('a name that does not exist is a failure', async () => {
  snapshot.put('Service', service('s', 'none.example'));
  await names.settled();
  expect(fact('none.example')).toMatchObject({ addresses: [], failure: 'queryA ENOTFOUND none.example' });
});

describe('how often a name is asked for', () => {
  /** Of a name that is asked for as its users want, and of one that is asked for every second, until that was asked for this often. */
  async function questionsBeside(most: number): Promise<number> {
    await names.settled();
    await vi.waitFor(() => expect(server.questions('clock.example')).toBeGreaterThanOrEqual(most), 15_000);
    return server.questions('a.example');
  }

  const cases = [
    { name: 'seldom, whatever the answer says', ttl: 1, users: ['seldom'], many: false },
    { name: 'often, whatever the answer says', ttl: 600, users: ['often'], many: true },
    { name: 'as nobody says: when the answer says so', ttl: 600, users: ['usual'], many: false },
    { name: 'as a Backend without users: when the answer says so', ttl: 1, users: ['none'], many: true },
    { name: 'the one who wants it soonest decides', ttl: 600, users: ['seldom', 'both'], many: true },
    { name: 'one who says nothing wants what the answer says', ttl: 1, users: ['seldom', 'usual'], many: true },
  ];
  for (const { name, ttl, users, many } of cases) {
    test(name, async () => {
      server.ttl = ttl;
      server.names.set('a.example', ['192.0.2.1']);
      server.names.set('clock.example', ['192.0.2.1']);
      snapshot.put('Backend', backend('clock', 'clock.example', 'often'));
      for (const [index, user] of users.entries()) snapshot.put('Backend', backend(`b${index}`, 'a.example', user));
      const asked = await questionsBeside(5);
      if (many) expect(asked).toBeGreaterThanOrEqual(3);
      else expect(asked).toBe(1);
    });
  }

  test('a wish that changes counts at once', async () => {
    server.names.set('a.example', ['192.0.2.1']);
    server.ttl = 600;
    snapshot.put('Backend', backend('b', 'a.example', 'seldom'));
    await names.settled();
    snapshot.put('Backend', backend('b', 'a.example', 'often'));
    await vi.waitFor(() => expect(server.questions('a.example')).toBeGreaterThanOrEqual(3), 15_000);
    snapshot.put('Backend', backend('other', 'a.example', 'seldom'));
    snapshot.remove('Backend', { namespace: 'ns', name: 'b' });
    const before = server.questions('a.example');
    snapshot.put('Backend', backend('clock', 'clock.example', 'often'));
    expect(await questionsBeside(5)).toBeLessThanOrEqual(before + 1);
  });

  test('a Service wants what the answer says, whatever Backends of its name say', async () => {
    server.names.set('a.example', ['192.0.2.1']);
    snapshot.put('Backend', backend('b', 'a.example', 'seldom'));
    snapshot.put('Service', service('s', 'a.example'));
    await vi.waitFor(() => expect(server.questions('a.example')).toBeGreaterThanOrEqual(3), 15_000);
  });
});
