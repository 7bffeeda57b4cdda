import { expect, test } from 'vitest';
import { viewOf } from '../testing/view-of.ts';
import { gatewayIntent } from './intent.ts';
import { secretsOfTopology, topologyOf } from './topology.ts';
import { renderTopology } from './topology-text.ts';

const key = { namespace: 'ns', name: 'web' };
const view = viewOf(`
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web, namespace: ns }
spec:
  rules:
    - backendRefs: [{ name: shop, port: 80 }, { name: shop, namespace: other, port: 80 }]
      filters:
        - { type: RequestMirror, requestMirror: { backendRef: { name: seen, port: 80 } } }
---
apiVersion: v1
kind: Service
metadata: { name: shop, namespace: ns }
---
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: { name: verified, namespace: ns }
spec:
  targetRefs: [{ group: '', kind: Service, name: shop }]
  validation: { hostname: shop.test, caCertificateRefs: [{ group: '', kind: ConfigMap, name: authorities }] }
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: SecurityPolicy
metadata: { name: guard, namespace: ns }
spec:
  targetRefs: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, name: web }]
  oidc: { provider: { issuer: https://issuer.test }, clientID: shop, clientSecret: { name: password } }
`);

test('GW-47 a ListenerSet stands between a route and its Gateway; parents that are missing are told', () => {
  const behindSet = viewOf(`
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: causeway }
spec: { controllerName: causeway.io/gateway }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge, namespace: infra }
spec:
  gatewayClassName: causeway
  allowedListeners: { namespaces: { from: All } }
  listeners: [{ name: http, port: 80, protocol: HTTP }]
---
apiVersion: gateway.networking.k8s.io/v1
kind: ListenerSet
metadata: { name: team, namespace: ns }
spec:
  parentRef: { name: edge, namespace: infra }
  listeners: [{ name: more, port: 81, protocol: HTTP }, { name: odd, port: 80, protocol: HTTP }]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web, namespace: ns }
spec:
  parentRefs: [{ kind: ListenerSet, name: team }, { name: gone }]
  rules: [{}]
`);
  const { edges = [], nodes = [] } = topologyOf(behindSet, key, () => 'unknown') ?? {};
  expect(edges.map(({ from, to }) => `${from} -> ${to}`)).toEqual([
    'HTTPRoute ns/web -> ListenerSet ns/team',
    'ListenerSet ns/team -> Gateway infra/edge',
    'HTTPRoute ns/web -> Gateway ns/gone',
  ]);
  expect(nodes.filter(({ state }) => state === 'missing').map(({ id }) => id)).toEqual(['Gateway ns/gone']);
  const problems = gatewayIntent(behindSet, { namespace: 'infra', name: 'edge.gateway' })?.problems;
  expect(problems).toEqual([
    {
      source: 'ListenerSet ns/team',
      message: 'listener odd: HostnameConflict: listener http has the same port and hostname',
    },
  ]);
});

test('GW-47 what is needed is found wherever it is named; of a Secret that may not be read nothing is said', () => {
  expect(secretsOfTopology(view, key)).toEqual([{ namespace: 'ns', name: 'password' }]);
  const topology = topologyOf(view, key, () => 'unknown');
  expect(topology?.nodes.map(({ id, state }) => `${id} ${state}`)).toEqual([
    'HTTPRoute ns/web present',
    'Service ns/shop present',
    'BackendTLSPolicy ns/verified present',
    'ConfigMap ns/authorities missing',
    'Service other/shop missing',
    'Service ns/seen missing',
    'SecurityPolicy ns/guard present',
    'Secret ns/password unknown',
  ]);
  expect(topology && renderTopology(topology)).toContain('  names Secret ns/password (not shown to you)');
  expect(topologyOf(view, { namespace: 'ns', name: 'other' }, () => 'unknown')).toBeUndefined();
});
