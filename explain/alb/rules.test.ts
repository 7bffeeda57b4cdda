import { describe, expect, test } from 'vitest';
import { viewOf } from '../testing/view-of.ts';
import { reportAlb } from './report.ts';
import { renderAlbReport } from './report-text.ts';
import { listRules } from './rules.ts';
import { renderAlbRules } from './rules-text.ts';
import { renderAlbSummaries, summarizeAlb } from './summary.ts';

const OBJECTS = `
apiVersion: crd.alauda.io/v2beta1
kind: ALB2
metadata: { name: demo, namespace: sys }
spec: { type: nginx, address: 192.0.2.1, config: { projects: [ALL_ALL] } }
---
apiVersion: causeway.dev/v1alpha1
kind: Instance
metadata: { name: demo-n1, namespace: sys, labels: { alb2.cpaas.io/name: demo } }
spec: {}
status:
  node: n1
  ready: true
  version: 7
  reloads: 2
  workers: [{ pid: 11, version: 7 }, { pid: 12, version: 7 }]
  heartbeatTime: "2026-01-01T00:00:00Z"
  ports: [{ port: 80, protocol: http, state: conflict, message: taken by apache2 }]
---
apiVersion: crd.alauda.io/v1
kind: Frontend
metadata: { name: web, namespace: sys, labels: { alb2.cpaas.io/name: demo } }
spec:
  port: 80
  protocol: http
  serviceGroup: { services: [{ namespace: default, name: nothing, port: 80, weight: 100 }] }
---
apiVersion: crd.alauda.io/v1
kind: Frontend
metadata: { name: again, namespace: sys, creationTimestamp: "2026-01-01T00:00:00Z", labels: { alb2.cpaas.io/name: demo } }
spec: { port: 81, protocol: http }
---
apiVersion: crd.alauda.io/v1
kind: Frontend
metadata: { name: too-late, namespace: sys, creationTimestamp: "2026-01-02T00:00:00Z", labels: { alb2.cpaas.io/name: demo } }
spec: { port: 81, protocol: http }
---
${rule('long-path', 5, '[{ type: URL, values: [[STARTS_WITH, /api/v1]] }]')}
---
${rule('any-path', 5, '[{ type: URL, values: [[STARTS_WITH, /]] }]')}
---
${rule('host', 5, '[{ type: HOST, values: [[EQ, a.com]] }]')}
---
${rule('first', 1, '[{ type: METHOD, values: [[EQ, POST]] }]')}
---
${rule('wrong', 5, '[{ type: URL, values: [[NEAR, /]] }]')}
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
endpoints: [{ addresses: [127.0.0.2], conditions: { ready: true } }, { addresses: [127.0.0.3] }]
`;

const ALB = { namespace: 'sys', name: 'demo' };
const view = viewOf(OBJECTS);

function rule(name: string, priority: number, dslx: string): string {
  return `
apiVersion: crd.alauda.io/v1
kind: Rule
metadata: { name: ${name}, namespace: sys, labels: { alb2.cpaas.io/name: demo, alb2.cpaas.io/frontend: web } }
spec:
  priority: ${priority}
  dslx: ${dslx}
  serviceGroup: { services: [{ namespace: default, name: api, port: 80, weight: 100 }] }`;
}

describe('rules of an ALB', () => {
  const { ports } = listRules(view, ALB);

  test('stand in matching order: priority, then weight of the match', () => {
    expect(ports[0]?.rules.map(({ name }) => name)).toEqual(['first', 'host', 'long-path', 'any-path']);
  });

  test('say where they forward to, with endpoints', () => {
    expect(ports[0]?.rules[0]?.action).toMatchObject({
      type: 'forward',
      protocol: 'http',
      affinity: { type: 'roundRobin' },
      backends: [{ service: 'default/api:80', share: 1, endpoints: ['127.0.0.2:8080', '127.0.0.3:8080'] }],
    });
  });

  test('that are not served are named with the reason', () => {
    expect(ports[0]?.unserved).toEqual([{ rule: 'wrong', reason: expect.stringContaining('spec.dslx[0]') }]);
  });

  test('of two Frontends with one port, the later one is not served', () => {
    expect(ports.map(({ frontend, served }) => [frontend, served])).toEqual([
      ['web', true],
      ['again', true],
      ['too-late', false],
    ]);
  });

  test('as text', () => {
    const text = renderAlbRules({ alb: 'sys/demo', ports });
    const [heading, first] = text.split('\n').map((line) => line.split(/ {3,}/));
    expect(heading).toEqual(['PORT', 'ORDER', 'PRIORITY', 'RULE', 'SOURCE', 'MATCH', 'ACTION']);
    const action = 'http to default/api:80 (100 %, 2 endpoints)';
    expect(first).toEqual(['80', '1', '1', 'first', '-', 'method equals "POST"', action]);
    expect(text).toContain('port 80 (web): what no rule takes: http to default/nothing:80 (100 %, 0 endpoints)');
    expect(text).toMatch(/port 80 \(web\): Rule wrong is not served: spec\.dslx\[0\]/);
    expect(text).toMatch(/port 81 \(too-late\): not served\nport 81 \(too-late\): port 81 is already taken/);
  });
});

test('status of an ALB: data planes, ports, and problems of all its objects', () => {
  const report = reportAlb(view, ALB, Date.parse('2026-01-01T00:00:12Z'));
  if (report === undefined) throw new Error('no ALB2');
  expect(report).toMatchObject({
    state: 'Warning',
    dataPlanes: [{ name: 'demo-n1', ready: true, version: 7, workers: 2, reloads: 2, silentSeconds: 12 }],
    ports: [
      { port: 80, frontend: 'web', rules: 5, states: [{ state: 'conflict', message: 'taken by apache2' }] },
      { port: 81, frontend: 'again', states: [{ state: 'pending' }] },
      { port: 81, frontend: 'too-late' },
    ],
  });
  expect(report.problems.map(({ object, reason }) => [object, reason])).toEqual([
    ['Frontend sys/too-late', 'Conflicted'],
    ['Rule sys/wrong', 'InvalidField'],
    ['Service default/nothing', 'RefNotFound'],
  ]);
  const text = renderAlbReport(report);
  expect(text).toContain('demo-n1    n1     yes     7         2         2         12 s ago');
  expect(text).toContain('80     http       web        5       conflict: taken by apache2');
});

test('list: a line an ALB', () => {
  const summary = summarizeAlb(view, ALB);
  if (summary === undefined) throw new Error('no ALB2');
  expect(renderAlbSummaries([summary]).split('\n')[1]).toMatch(
    /^sys +demo +ALB2 +Warning +1\/1 +3 +5 +ALL_ALL +192\.0\.2\.1 +http-80 conflict on n1\/demo-n1$/,
  );
  expect(summarizeAlb(view, { ...ALB, name: 'other' })).toBeUndefined();
});
