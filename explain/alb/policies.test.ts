import { selfSigned } from '@causeway/dataplane/test/certificates';
import { beforeAll, describe, expect, test } from 'vitest';
import { viewOf } from '../testing/view-of.ts';
import { type AlbPolicies, listPolicies, neededSecrets } from './policies.ts';
import { renderAlbPolicies } from './policies-text.ts';

const ALB = { namespace: 'sys', name: 'demo' };
const NOW = Date.now();

let objects: string;
let keyPem: string;

beforeAll(async () => {
  const pair = await selfSigned('a.com');
  keyPem = pair.keyPem;
  objects = `
apiVersion: crd.alauda.io/v2beta1
kind: ALB2
metadata: { name: demo, namespace: sys }
spec: { type: nginx, config: { projects: [ALL_ALL] } }
---
${frontend('web', '{ port: 80, protocol: http }')}
---
${frontend('secure', '{ port: 443, protocol: https, certificate_name: default/absent }')}
---
${frontend('db', '{ port: 5432, protocol: tcp, serviceGroup: { services: [{ namespace: default, name: two, port: 80, weight: 100 }] } }')}
---
${rule('plain', 'web', 'priority: 2, dslx: [{ type: URL, values: [[EQ, /]] }]')}
---
${rule('first', 'web', 'priority: 1, dslx: [{ type: URL, values: [[EQ, /first]] }]')}
---
${rule('tls', 'secure', 'dslx: [{ type: HOST, values: [[EQ, a.com]] }], domain: a.com, certificate_name: default/a')}
---
${service('one', '[{ addresses: [127.0.0.1] }]')}
---
${service('two', '[{ addresses: [127.0.0.2] }, { addresses: [127.0.0.3] }]')}
---
apiVersion: v1
kind: Secret
metadata: { name: a, namespace: default }
data: { tls.crt: ${base64(pair.chainPem)}, tls.key: ${base64(pair.keyPem)} }
`;
});

function frontend(name: string, spec: string): string {
  return `
apiVersion: crd.alauda.io/v1
kind: Frontend
metadata: { name: ${name}, namespace: sys, labels: { alb2.cpaas.io/name: demo } }
spec: ${spec}`;
}

function rule(name: string, of: string, spec: string): string {
  const services =
    '[{ namespace: default, name: one, port: 80, weight: 50 }, { namespace: default, name: two, port: 80, weight: 50 }]';
  return `
apiVersion: crd.alauda.io/v1
kind: Rule
metadata: { name: ${name}, namespace: sys, labels: { alb2.cpaas.io/name: demo, alb2.cpaas.io/frontend: ${of} } }
spec: { ${spec}, serviceGroup: { services: ${services} } }`;
}

function service(name: string, endpoints: string): string {
  return `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: default }
spec: { ports: [{ port: 80, protocol: TCP, targetPort: 8080 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: ${name}-1, namespace: default, labels: { kubernetes.io/service-name: ${name} } }
addressType: IPv4
ports: [{ port: 8080, protocol: TCP }]
endpoints: ${endpoints}`;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function policies(port?: number): AlbPolicies {
  return listPolicies(viewOf(objects), ALB, { now: NOW, ...(port !== undefined && { port }) });
}

describe('what data planes hold', () => {
  test('ports of every kind, and routes in matching order', () => {
    const { ports, routes } = policies();
    expect(ports.map(({ id }) => id)).toEqual(['80', '443', 'tcp:5432']);
    expect(routes.map(({ port, position, name }) => [port, position, name])).toEqual([
      [80, 1, 'first'],
      [80, 2, 'plain'],
      [443, 1, 'tls'],
    ]);
  });

  test('groups with endpoints and weights, shared by routes with equal backends', () => {
    const { groups, routes } = policies();
    expect(new Set(routes.map(({ action }) => action.group)).size).toBe(1);
    expect(groups.find(({ id }) => id === routes[0]?.action.group)).toMatchObject({
      affinity: 'roundRobin',
      peers: [
        { address: '127.0.0.1', port: 8080, weight: 2 },
        { address: '127.0.0.2', port: 8080, weight: 1 },
        { address: '127.0.0.3', port: 8080, weight: 1 },
      ],
      services: [
        { endpointSet: 'default/one:80', weight: 50 },
        { endpointSet: 'default/two:80', weight: 50 },
      ],
    });
  });

  test('certificates without their keys; a Secret that is absent is a problem', () => {
    const shown = policies();
    expect(neededSecrets(viewOf(objects), ALB)).toEqual(['default/a', 'default/absent']);
    expect(shown.certificates).toMatchObject([{ id: 'default/a', names: ['a.com'] }]);
    expect(shown.serverNames).toMatchObject([{ port: '443', host: 'a.com', certificate: 'default/a' }]);
    expect(shown.problems).toEqual(['Secret default/absent: Secret default/absent not found']);
    const secret = keyPem.split('\n')[1] ?? '';
    expect(secret.length).toBeGreaterThan(30);
    expect(JSON.stringify(shown) + renderAlbPolicies(shown)).not.toContain(secret);
  });

  test('of one port: its routes, and only the groups and certificates they name', () => {
    expect(policies(443)).toMatchObject({
      ports: [{ id: '443' }],
      routes: [{ name: 'tls' }],
      groups: [{}],
      certificates: [{ id: 'default/a' }],
    });
    expect(policies(5432)).toMatchObject({ ports: [{ id: 'tcp:5432' }], routes: [], groups: [{}], certificates: [] });
    expect(policies(81)).toMatchObject({ ports: [], routes: [], groups: [] });
  });

  test('as text', () => {
    const words = renderAlbPolicies(policies())
      .split('\n')
      .map((line) => line.split(/ {3,}/));
    const { id = '' } = policies(80).groups[0] ?? {};
    const services = 'default/one:80 x 50, default/two:80 x 50';
    expect(words).toContainEqual([id, 'rr', services, '127.0.0.1:8080', '2']);
    expect(words).toContainEqual(['443', 'a.com', 'default/a']);
    expect(words).toContainEqual(['80', 'http', 'web', 'answers 404', '-', '-']);
    expect(words).toContainEqual(['5432', 'tcp', 'db', expect.stringMatching(/^to group \S+, 5 attempts, /), '-', '-']);
  });
});
