import { describe, expect, test } from 'vitest';
import { checkIngress } from '../alb/ingress-check.ts';
import { listPolicies } from '../alb/policies.ts';
import { reportAlb } from '../alb/report.ts';
import { renderAlbReport } from '../alb/report-text.ts';
import { listRules } from '../alb/rules.ts';
import { renderAlbRules } from '../alb/rules-text.ts';
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
apiVersion: ingress-nginx.alauda.io/v1
kind: IngressNginx
metadata: { name: other, namespace: ns1 }
spec: { controller: { watchIngressWithoutClass: false, config: { no-such-option: '1' } } }
---
apiVersion: ingress-nginx.alauda.io/v1
kind: IngressNginx
metadata: { name: sharded, namespace: ns1 }
spec: { controller: { scope: { namespaceSelector: 'team=red' } } }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: risky, namespace: n, annotations: { nginx.ingress.kubernetes.io/backend-protocol: FTP } }
spec:
  ingressClassName: ns1-demo
  rules:
    - host: risky.com
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: svc, port: { number: 80 } } } }] }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: free, namespace: n }
spec:
  rules:
    - host: free.com
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: none, port: { number: 80 } } } }] }
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
    expect(nearMisses[0]?.rule).toBe('n-web-0-0');
  });

  test('a port that it does not have', () => {
    expect(explain('http://a.com:81/').outcome.type).toBe('refused');
  });

  test('what is wrong with the Ingress that takes the request, and with those that are not served', () => {
    expect(explain('http://free.com/').problems).toEqual([
      expect.stringMatching(/^Ingress n\/free: .*Service n\/none not found/),
      expect.stringMatching(/^Ingress n\/risky: .*backend-protocol/),
    ]);
  });

  test('its paths in matching order, with what is wrong', () => {
    const rules = listRules(view, KEY);
    expect(rules.ports.map(({ port, rules: listed }) => [port, listed.map(({ source }) => source)])).toEqual([
      [80, ['Ingress n/web', 'Ingress n/free']],
      [443, ['Ingress n/web', 'Ingress n/free']],
    ]);
    expect(renderAlbRules(rules)).toMatch(/^Ingress n\/risky: .*backend-protocol/m);
  });

  test('its state, which Ingresses it takes, and its ports', () => {
    const report = reportAlb(view, { namespace: 'ns1', name: 'other.ingress-nginx' }, now);
    if (report === undefined) throw new Error('no report');
    expect(report).toMatchObject({ kind: 'IngressNginx', name: 'other', rules: 0, dataPlanes: [] });
    expect(report.problems.map(({ object }) => object)).toEqual(['IngressNginx ns1/other']);
    expect(renderAlbReport(report)).toMatch(
      /^IngressNginx ns1\/other: Pending.*\n.*\nIngresses: of class ns1-other; namespaces: all\n/,
    );
    expect(reportAlb(view, KEY, now)?.ports).toMatchObject([
      { port: 80, protocol: 'http', rules: 2 },
      { port: 443, protocol: 'https', rules: 2 },
    ]);
  });

  describe('which of them serve an Ingress, and why the others do not', () => {
    const cases = [
      { of: 'web', plane: 'demo', serves: true, reason: 'class ns1-demo' },
      {
        of: 'web',
        plane: 'other',
        serves: false,
        reason: 'class: the Ingress asks for class ns1-demo, its class is ns1-other',
      },
      { of: 'free', plane: 'demo', serves: true, reason: 'the Ingress asks for no class' },
      {
        of: 'free',
        plane: 'other',
        serves: false,
        reason: 'class: the Ingress asks for none, and watchIngressWithoutClass is false; its class is ns1-other',
      },
      { of: 'free', plane: 'sharded', serves: false, reason: 'namespace: n has no label team=red' },
      { of: 'risky', plane: 'demo', serves: false, reason: 'it gives no route; see the problems' },
    ];
    for (const { of, plane, serves, reason } of cases) {
      test(`${plane} and ${of}`, () => {
        const planes = [{ namespace: 'ns1', name: `${plane}.ingress-nginx` }];
        const found = checkIngress(view, { namespace: 'n', name: of }, planes);
        expect(found?.albs).toMatchObject([{ alb: `ns1/${plane}.ingress-nginx`, serves, reason }]);
        if (of === 'risky') expect(found?.problems.join()).toContain('backend-protocol');
      });
    }
  });

  test('what its data planes hold', () => {
    const { ports, routes } = listPolicies(view, KEY, { now });
    expect(ports.map(({ port }) => port)).toEqual([80, 443]);
    expect(routes.map(({ port, name }) => [port, name])).toEqual([
      [80, 'n-web-0-0'],
      [80, 'n-free-0-0'],
      [443, 'n-web-0-0'],
      [443, 'n-free-0-0'],
    ]);
  });
});
