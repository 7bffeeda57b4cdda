import { describe, expect, test } from 'vitest';
import { explainRequest } from './request.ts';
import { renderRequestExplanation } from './request-text.ts';
import { viewOf } from './testing/view-of.ts';

const OBJECTS = `
apiVersion: crd.alauda.io/v2beta1
kind: ALB2
metadata: { name: demo, namespace: kube-system }
spec: { type: nginx, config: { projects: [ALL_ALL] } }
---
apiVersion: crd.alauda.io/v1
kind: Frontend
metadata: { name: demo-00080, namespace: kube-system, labels: { alb2.cpaas.io/name: demo } }
spec: { port: 80, protocol: http }
---
apiVersion: crd.alauda.io/v1
kind: Rule
metadata: { name: api, namespace: kube-system, labels: { alb2.cpaas.io/name: demo, alb2.cpaas.io/frontend: demo-00080 } }
spec:
  priority: 5
  dslx:
    - { type: HOST, values: [[EQ, a.com]] }
    - { type: URL, values: [[STARTS_WITH, /api], [EQ, /x y]] }
    - { type: HEADER, key: X-Env, values: [[IN, dev, test]] }
  serviceGroup: { services: [{ namespace: default, name: api, port: 80, weight: 100 }] }
---
apiVersion: crd.alauda.io/v1
kind: Rule
metadata: { name: all, namespace: kube-system, labels: { alb2.cpaas.io/name: demo, alb2.cpaas.io/frontend: demo-00080 } }
spec:
  priority: 5
  dslx: [{ type: URL, values: [[STARTS_WITH, /]] }]
  serviceGroup: { services: [{ namespace: default, name: nothing, port: 80, weight: 100 }] }
---
apiVersion: v1
kind: Service
metadata: { name: api, namespace: default }
spec: { ports: [{ port: 80, protocol: TCP, targetPort: 8080 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: api-1, namespace: default, labels: { kubernetes.io/service-name: api } }
addressType: IPv4
ports: [{ port: 8080, protocol: TCP }]
endpoints: [{ addresses: [127.0.0.2], conditions: { ready: true } }]
---
apiVersion: v1
kind: Service
metadata: { name: nothing, namespace: default }
spec: { ports: [{ port: 80, protocol: TCP, targetPort: 8080 }] }
`;

const view = viewOf(OBJECTS);

function explain(url: string, headers: readonly (readonly [string, string])[] = [], method = 'GET') {
  return explainRequest(
    view,
    { namespace: 'kube-system', name: 'demo' },
    { url: new URL(url), method, headers, sourceAddress: '127.0.0.1', now: Date.parse('2026-06-01') },
  );
}

describe('which rule takes a request', () => {
  const dev = [['x-env', 'dev']] as const;
  const cases = [
    { name: 'all terms hold', url: 'http://a.com/api/v1', headers: dev, want: 'api' },
    {
      name: 'a Host header wins over the URL',
      url: 'http://127.0.0.1/api',
      headers: [...dev, ['Host', 'A.com:80']] as const,
      want: 'api',
    },
    { name: 'paths are compared decoded', url: 'http://a.com/x%20y', headers: dev, want: 'api' },
    { name: 'dot segments and double slashes go first', url: 'http://a.com//b/..//api', headers: dev, want: 'api' },
    { name: 'another host', url: 'http://b.com/api', headers: dev, want: 'all' },
  ];
  for (const c of cases) {
    test(c.name, () => expect(explain(c.url, c.headers).rule?.name).toBe(c.want));
  }
});

test('names the first term that failed and what the request has instead', () => {
  expect(explain('http://a.com/api').nearMisses).toEqual([
    { rule: 'api', source: '', failedTerm: 'header x-env is one of "dev", "test"', requestHas: 'nothing' },
  ]);
  expect(explain('http://a.com/other').nearMisses[0]).toMatchObject({
    failedTerm: 'path starts with "/api" or equals "/x y"',
    requestHas: '"/other"',
  });
});

test('says which rule would have taken it later', () => {
  expect(explain('http://a.com/api', [['X-Env', 'test']]).nearMisses).toEqual([
    { rule: 'all', source: '', later: true },
  ]);
});

test('names the endpoints', () => {
  expect(explain('http://a.com/api', [['X-Env', 'test']]).outcome).toEqual({
    type: 'forward',
    protocol: 'http',
    balancing: { policy: 'roundRobin' },
    backends: [{ service: 'default/api:80', share: 1, endpoints: ['127.0.0.2:8080'] }],
  });
});

test('a Service without endpoints is answered with 500 (ALB-110)', () => {
  expect(explain('http://b.com/').outcome).toMatchObject({ type: 'respond', status: 500 });
});

test('a port without Frontend, and the wrong scheme', () => {
  expect(explain('http://a.com:81/').outcome).toEqual({
    type: 'refused',
    reason: 'no Frontend of this ALB has port 81',
  });
  expect(explain('https://a.com:80/').outcome).toEqual({ type: 'refused', reason: 'the port speaks http, not https' });
});

test('reads well', () => {
  expect(renderRequestExplanation(explain('http://a.com/api', [['X-Env', 'dev']]))).toBe(
    [
      'ALB kube-system/demo, Frontend demo-00080 (port 80, http)',
      '  Rule api takes it (priority 5)',
      '    because host equals "a.com"',
      '    because path starts with "/api" or equals "/x y"',
      '    because header x-env is one of "dev", "test"',
      '  forwarded by http to default/api:80 (100 %): 127.0.0.2:8080',
      '  balanced: endpoints in turn, by weight',
      '  near misses:',
      '    all: would take it too, but comes later in the order',
    ].join('\n'),
  );
});
