import { expect, test } from 'vitest';
import { viewOf } from '../testing/view-of.ts';
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
