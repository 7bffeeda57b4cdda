import { describe, expect, test } from 'vitest';
import { listPolicies } from '../alb/policies.ts';
import { explainRequest } from '../request.ts';
import { viewOf } from '../testing/view-of.ts';

const view = viewOf(`
apiVersion: ingress-nginx.alauda.io/v1
kind: IngressNginx
metadata: { name: demo, namespace: ns1 }
spec: { controller: { config: { use-forwarded-headers: 'true' } } }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web, namespace: n }
spec:
  ingressClassName: ns1-demo
  rules:
    - host: a.com
      http: { paths: [{ path: /app, pathType: Prefix, backend: { service: { name: svc, port: { number: 80 } } } }] }
---
apiVersion: v1
kind: Service
metadata: { name: svc, namespace: n }
spec: { ports: [{ port: 80, protocol: TCP, targetPort: 8080 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: svc-1, namespace: n, labels: { kubernetes.io/service-name: svc } }
addressType: IPv4
ports: [{ port: 8080, protocol: TCP }]
endpoints: [{ addresses: [127.0.0.2], conditions: { ready: true } }]
`);
const KEY = { namespace: 'ns1', name: 'demo.ingress-nginx' };
const now = Date.parse('2026-06-01');

function explain(url: string) {
  const headers = [['x-forwarded-for', '192.0.2.1']] as const;
  return explainRequest(view, KEY, { url: new URL(url), method: 'GET', headers, sourceAddress: '127.0.0.1', now });
}

describe('data planes of an IngressNginx', () => {
  test('which Ingress takes the request, and who the client is', () => {
    const found = explain('http://a.com/app/x');
    expect(found).toMatchObject({
      alb: 'ns1/demo.ingress-nginx',
      client: { address: '192.0.2.1' },
      rule: { name: 'n-web-0-0', source: 'Ingress n/web' },
      outcome: { type: 'forward', backends: [{ endpoints: ['127.0.0.2:8080'] }] },
    });
  });

  test('no path takes it: 404, and the near miss', () => {
    const { outcome, nearMisses } = explain('http://a.com/application');
    expect(outcome).toMatchObject({ type: 'respond', status: 404 });
    expect(nearMisses.map(({ rule }) => rule)).toEqual(['n-web-0-0']);
  });

  test('a port that it does not have', () => {
    expect(explain('http://a.com:81/').outcome.type).toBe('refused');
  });

  test('what its data planes hold', () => {
    const { ports, routes } = listPolicies(view, KEY, { now });
    expect(ports.map(({ port }) => port)).toEqual([80, 443]);
    expect(routes.map(({ port, name }) => [port, name])).toEqual([
      [80, 'n-web-0-0'],
      [443, 'n-web-0-0'],
    ]);
  });
});
