import type { Service } from '@causeway/resources/kinds';
import { Snapshot } from '@causeway/resources/snapshot';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type HostNames, startHostNames } from './host-names.ts';
import { DnsServer } from './testing/dns-server.ts';

let server: DnsServer;
let snapshot: Snapshot;
let names: HostNames;

beforeEach(async () => {
  server = await DnsServer.start();
  snapshot = new Snapshot();
  names = startHostNames(snapshot, { servers: [server.address] });
});
afterEach(() => {
  names.stop();
  server.close();
});

function service(name: string, externalName: string): Service {
  const metadata = { namespace: 'ns', name, uid: name, resourceVersion: '1' };
  return { apiVersion: 'v1', kind: 'Service', metadata, spec: { type: 'ExternalName', externalName } } as Service;
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
