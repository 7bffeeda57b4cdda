import { keyOf } from '@causeway/apis/meta/object';
import type { ALB2, Ingress } from '@causeway/resources/kinds';
import { Snapshot } from '@causeway/resources/snapshot';
import { addressesOf } from '@causeway/translate/gateway/alb-address';
import { expect, test } from 'vitest';
import { type AddressOwner, WithdrawnAddresses } from './withdrawn-addresses.ts';

function alb(name: string, address: string): ALB2 {
  return {
    apiVersion: 'crd.alauda.io/v2beta1',
    kind: 'ALB2',
    metadata: { name, namespace: 's' },
    spec: { type: 'nginx', address, config: {} },
  };
}

function ownerOf(object: ALB2): AddressOwner {
  return { kind: 'ALB2', key: keyOf(object), current: addressesOf(object) };
}

function ingress(...addresses: readonly string[]): Ingress {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'web', namespace: 'n' },
    status: { loadBalancer: { ingress: addresses.map((ip) => ({ ip, ports: [{ port: 80, protocol: 'TCP' }] })) } },
  };
}

const at = (seconds: number) => new Date(seconds * 1000);

test('ALB-25 an address that the ALB lost is remembered as long as an Ingress shows it, then forgotten', () => {
  const snapshot = new Snapshot();
  const a = alb('a', '192.0.2.2');
  snapshot.put('ALB2', a);
  snapshot.put('Ingress', ingress('192.0.2.1'));
  const withdrawn = new WithdrawnAddresses(snapshot);
  const both = ['192.0.2.1', '192.0.2.2'];
  expect(withdrawn.stillPublished(ownerOf(a), both, at(0))).toEqual({ published: both, lookAgainMs: 30_000 });
  expect(withdrawn.stillPublished(ownerOf(a), both, at(300)).published).toEqual(both);
  snapshot.put('Ingress', ingress('192.0.2.2'));
  expect(withdrawn.stillPublished(ownerOf(a), both, at(330))).toEqual({ published: ['192.0.2.2'] });
});

test('ALB-25 not before what was computed earlier can have been written', () => {
  const snapshot = new Snapshot();
  const a = alb('a', '');
  const withdrawn = new WithdrawnAddresses(snapshot);
  expect(withdrawn.stillPublished(ownerOf(a), ['192.0.2.1'], at(0)).published).toEqual(['192.0.2.1']);
  expect(withdrawn.stillPublished(ownerOf(a), ['192.0.2.1'], at(29)).published).toEqual(['192.0.2.1']);
  expect(withdrawn.stillPublished(ownerOf(a), ['192.0.2.1'], at(30)).published).toEqual([]);
  // Had again, and lost again: counted anew.
  withdrawn.stillPublished(ownerOf(alb('a', '192.0.2.1')), ['192.0.2.1'], at(40));
  expect(withdrawn.stillPublished(ownerOf(a), ['192.0.2.1'], at(80)).published).toEqual(['192.0.2.1']);
});

test("ALB-25 an address that went to another ALB is that one's to withdraw", () => {
  const snapshot = new Snapshot();
  const a = alb('a', '');
  snapshot.put('ALB2', a);
  snapshot.put('ALB2', alb('b', '192.0.2.1'));
  snapshot.put('Ingress', ingress('192.0.2.1'));
  const withdrawn = new WithdrawnAddresses(snapshot);
  withdrawn.stillPublished(ownerOf(a), ['192.0.2.1'], at(0));
  expect(withdrawn.stillPublished(ownerOf(a), ['192.0.2.1'], at(30))).toEqual({ published: [] });
});
