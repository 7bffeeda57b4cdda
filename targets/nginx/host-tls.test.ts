import type { ClientPolicyIR } from '@causeway/ir/gateway';
import { beforeEach, expect, test } from 'vitest';
import { HostTls, renderClientPolicy } from './host-tls.ts';

const OFF: ClientPolicyIR = { verify: 'off' };
const CLOSED: ClientPolicyIR = { verify: 'closed', status: 403, reason: 'x' };
const ON: ClientPolicyIR = { verify: 'on', authorities: 'Secret n/ca', caPem: 'pem', depth: 1, passCertificate: false };

let hosts: HostTls;
beforeEach(() => {
  hosts = new HostTls();
});

function put(owner: string, client?: ClientPolicyIR, list?: string): void {
  const tls = { ...(client && { client }), ...(list !== undefined && { ciphers: { list } }) };
  hosts.put(owner, client === undefined && list === undefined ? [] : [{ port: '443', host: 'a.com', tls }], []);
}

function drained(): Readonly<Record<string, unknown>> {
  return Object.fromEntries([...hosts.drain()].map(([type, id, record]) => [`${type} ${id}`, record]));
}

test('of several policies for a host one that verifies wins, then one that closes', () => {
  put('route off', OFF);
  expect(drained()['hostTls 443/a.com']).toMatchObject({ policy: renderClientPolicy(OFF).id });
  put('route closed', CLOSED);
  expect(drained()['hostTls 443/a.com']).toMatchObject({ policy: renderClientPolicy(CLOSED).id });
  put('route on', ON);
  expect(drained()['hostTls 443/a.com']).toMatchObject({ policy: renderClientPolicy(ON).id });
  put('route on');
  expect(drained()).toEqual({
    [`clientPolicy ${renderClientPolicy(ON).id}`]: undefined,
    'hostTls 443/a.com': expect.objectContaining({ policy: renderClientPolicy(CLOSED).id }),
  });
});

test('ciphers and policies of different routes come together; what nobody wants goes', () => {
  put('route a', ON);
  put('route b', undefined, 'HIGH');
  expect(drained()['hostTls 443/a.com']).toEqual({
    ...{ type: 'hostTls', id: '443/a.com', port: '443', host: 'a.com' },
    ...{ policy: renderClientPolicy(ON).id, ciphers: 'HIGH' },
  });
  put('route a');
  put('route b');
  expect(drained()).toEqual({
    [`clientPolicy ${renderClientPolicy(ON).id}`]: undefined,
    'hostTls 443/a.com': undefined,
  });
  expect([...hosts.all()]).toEqual([]);
});

test('a route that wants the same again changes nothing, and a policy of two stays for one', () => {
  put('route a', ON);
  put('route b', ON);
  const first = drained();
  put('route a', { ...ON });
  expect(drained()['hostTls 443/a.com']).toEqual(first['hostTls 443/a.com']);
  put('route a');
  drained();
  expect([...hosts.all()].map(({ type }) => type)).toEqual(['clientPolicy', 'hostTls']);
});

test('routes without wishes leave no trace', () => {
  hosts.put('route a', [], []);
  expect(drained()).toEqual({});
});
