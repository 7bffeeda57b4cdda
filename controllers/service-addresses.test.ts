import { Snapshot } from '@causeway/resources/snapshot';
import { expect, test } from 'vitest';
import { serviceAddresses } from './service-addresses.ts';

const NAMES: Readonly<Record<string, readonly string[]>> = {
  'auth.example': ['192.0.2.1', '2001:db8::1'],
  'rebound.example': ['169.254.169.254', '192.0.2.2'],
  'home.example': ['127.0.0.1'],
  'auth.default': ['192.0.2.4'],
  'auth.elsewhere': ['192.0.2.3'],
};

function resolver(loopback = true) {
  const snapshot = new Snapshot();
  snapshot.put('Service', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'auth', namespace: 'default' },
    spec: { ports: [{ port: 80 }] },
  });
  return serviceAddresses({
    snapshot,
    lookUp: (name) =>
      NAMES[name] === undefined
        ? Promise.reject(new Error('NXDOMAIN'))
        : Promise.resolve({ addresses: NAMES[name], seconds: 7 }),
    control: [
      { address: '127.0.0.1', port: 6443 },
      { address: '0.0.0.0', port: 9000 },
      { address: 'localhost', port: 9001 },
    ],
    loopback,
  });
}

const cases: readonly [host: string, port: number, want: readonly string[]][] = [
  ['auth.example', 80, ['192.0.2.1:80', '[2001:db8::1]:80']],
  ['AUTH.example', 80, ['192.0.2.1:80', '[2001:db8::1]:80']],
  ['auth.example+ipv4', 80, ['192.0.2.1:80']],
  ['AUTH.example+ipv6', 80, ['[2001:db8::1]:80']],
  ['home.example+ipv6', 80, []],
  ['home.example+ipv6Preferred', 80, ['127.0.0.1:80']],
  ['rebound.example+ipv4Preferred', 80, ['192.0.2.2:80']],
  ['127.0.0.1+ipv6', 6443, []],
  ['rebound.example', 80, ['192.0.2.2:80']],
  ['unknown.example', 80, []],
  ['169.254.169.254', 80, []],
  ['[fe80::1]', 80, []],
  ['[::ffff:169.254.169.254]', 80, []],
  ['[::ffff:a9fe:a9fe]', 80, []],
  ['0.0.0.0', 80, []],
  ['[::]', 80, []],
  ['224.0.0.1', 80, []],
  ['255.255.255.255', 80, []],
  ['127.0.0.1', 80, ['127.0.0.1:80']],
  ['127.0.0.1', 6443, []],
  ['[::ffff:127.0.0.1]', 6443, []],
  ['home.example', 6443, []],
  ['192.0.2.9', 9000, []],
  ['127.0.0.2', 9001, []],
  ['192.0.2.9', 9001, ['192.0.2.9:9001']],
  ['none.default.svc', 80, []],
  // There is such a Service, without endpoints, and a host of that name.
  ['auth.default', 80, []],
  ['auth.elsewhere', 80, ['192.0.2.3:80']],
];
test.each(cases)('%s, port %d', async (host, port, want) => {
  const { endpoints } = await resolver()(host, port);
  expect(endpoints.map(({ address, port: its }) => `${address}:${its}`)).toEqual(want);
});

test('in a pod the loopback addresses are our own', async () => {
  expect((await resolver(false)('home.example', 80)).endpoints).toEqual([]);
  expect((await resolver(false)('[::1]', 80)).endpoints).toEqual([]);
});
