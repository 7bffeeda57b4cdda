import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { FactMap, KindName } from '@causeway/resources/kinds';
import { Snapshot } from '@causeway/resources/snapshot';
import { expect, test } from 'vitest';
import { nameRefreshes } from './name-refresh.ts';

const GROUP = 'gateway.networking.k8s.io';
const BACKEND = { group: 'gateway.envoyproxy.io', kind: 'Backend', name: 'far' };
const USUAL = { seconds: 30, respectsTtl: true };

function put<K extends KindName>(snapshot: Snapshot, kind: K, name: string, spec: object): void {
  const metadata = { name, namespace: 'ns', resourceVersion: '1', generation: 1 };
  const object: KubernetesObject & { readonly spec: object } = { apiVersion: 'v1', kind, metadata, spec };
  snapshot.put(kind, object as unknown as FactMap[K]);
}

/** A Gateway with a route of two rules, of which the second, `far`, leads to the Backend. */
function world(): Snapshot {
  const snapshot = new Snapshot();
  snapshot.put('GatewayClass', {
    apiVersion: `${GROUP}/v1`,
    kind: 'GatewayClass',
    metadata: { name: 'causeway' },
    spec: { controllerName: 'causeway.io/gateway' },
  } as FactMap['GatewayClass']);
  put(snapshot, 'Gateway', 'web', {
    gatewayClassName: 'causeway',
    listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }],
  });
  const rules = [
    { name: 'near', backendRefs: [{ name: 's', port: 80 }] },
    { name: 'far', backendRefs: [BACKEND] },
  ];
  put(snapshot, 'HTTPRoute', 'web', { parentRefs: [{ name: 'web' }], rules });
  return snapshot;
}

function policy(snapshot: Snapshot, name: string, target: string, dns: object, sectionName?: string): void {
  const [kind, named] = target.split('/');
  const ref = { group: GROUP, kind, name: named, ...(sectionName === undefined ? {} : { sectionName }) };
  put(snapshot, 'BackendTrafficPolicy', name, { targetRefs: [ref], dns });
}

function wishes(snapshot: Snapshot): unknown {
  return nameRefreshes(snapshot.view('test'), { namespace: 'ns', name: 'far' });
}

test('what the policy in force for the rule says', () => {
  const snapshot = world();
  expect(wishes(snapshot)).toEqual([]);
  policy(snapshot, 'p1', 'Gateway/web', { dnsRefreshRate: '10m' });
  expect(wishes(snapshot)).toEqual([{ seconds: 600, respectsTtl: true }]);
  policy(snapshot, 'p2', 'HTTPRoute/web', { respectDnsTtl: false });
  expect(wishes(snapshot)).toEqual([{ seconds: 30, respectsTtl: false }]);
  policy(snapshot, 'p3', 'HTTPRoute/web', { dnsRefreshRate: '5s', respectDnsTtl: false }, 'far');
  expect(wishes(snapshot)).toEqual([{ seconds: 5, respectsTtl: false }]);
  policy(snapshot, 'p4', 'HTTPRoute/web', { dnsRefreshRate: '2s' }, 'near');
  expect(wishes(snapshot)).toEqual([{ seconds: 5, respectsTtl: false }]);
});

test('each route says it for itself; one without a policy wants what is usual', () => {
  const snapshot = world();
  policy(snapshot, 'p', 'HTTPRoute/web', { dnsRefreshRate: '1h', respectDnsTtl: false });
  put(snapshot, 'UDPRoute', 'dns', { parentRefs: [{ name: 'udp' }], rules: [{ backendRefs: [BACKEND] }] });
  put(snapshot, 'Gateway', 'udp', {
    gatewayClassName: 'causeway',
    listeners: [{ name: 'udp', port: 53, protocol: 'UDP' }],
  });
  expect(wishes(snapshot)).toEqual([{ seconds: 3600, respectsTtl: false }, USUAL]);
});

test('from a second to a day', () => {
  const snapshot = world();
  policy(snapshot, 'p', 'HTTPRoute/web', { dnsRefreshRate: '0s' });
  expect(wishes(snapshot)).toEqual([{ seconds: 1, respectsTtl: true }]);
  policy(snapshot, 'p', 'HTTPRoute/web', { dnsRefreshRate: '99999h' });
  expect(wishes(snapshot)).toEqual([{ seconds: 86_400, respectsTtl: true }]);
});
