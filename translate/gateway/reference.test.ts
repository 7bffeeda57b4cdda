import type { KubernetesObject } from '@causeway/apis/meta/object';
import { describe, expect, test } from 'vitest';
import type { Problem } from './problem.ts';
import { kindName, World } from './testing/world.ts';

/** Everything by which an object may name one of another namespace; each names `x/y`. LIM-16. */
const REFERENCES: readonly {
  readonly name: string;
  readonly kind: string;
  readonly from: From;
  readonly object: KubernetesObject;
}[] = [
  ingress('auth-secret', 'Secret', { 'auth-type': 'basic', 'auth-secret': 'x/y' }),
  ingress('auth-proxy-set-headers', 'ConfigMap', { 'auth-url': 'http://auth/', 'auth-proxy-set-headers': 'x/y' }),
  ingress('proxy-ssl-secret', 'Secret', { 'backend-protocol': 'HTTPS', 'proxy-ssl-secret': 'x/y' }),
  ingress('custom-headers', 'ConfigMap', { 'custom-headers': 'x/y' }),
  ingress('tls', 'Secret', { 'alb.networking.cpaas.io/tls': 'a.com=x/y' }),
  ingress('cmref', 'ConfigMap', {
    'enable-modsecurity': 'true',
    'alb.modsecurity.cpaas.io/cmref': 'x/y#rules',
  }),
  rule('auth.basic.secret', 'Secret', { auth: { basic: { secret: 'x/y' } } }),
  rule('auth.forward.auth_headers_cm_ref', 'ConfigMap', {
    auth: { forward: { url: 'http://auth/', auth_headers_cm_ref: 'x/y' } },
  }),
  rule('backendTLS.secret', 'Secret', { backendTLS: { secret: 'x/y' } }),
  rule('customHeaders', 'ConfigMap', { customHeaders: 'x/y' }),
  rule('modsecurity.cmRef', 'ConfigMap', { modsecurity: { enable: true, cmRef: 'x/y#rules' } }),
  {
    name: 'auth of a Frontend',
    kind: 'Secret',
    from: { group: 'crd.alauda.io', kind: 'Frontend', namespace: 's' },
    object: frontend({ auth: { basic: { secret: 'x/y' } } }),
  },
  {
    name: 'auth of an ALB2',
    kind: 'Secret',
    from: { group: 'crd.alauda.io', kind: 'ALB2', namespace: 's' },
    object: alb({ auth: { basic: { secret: 'x/y' } } }),
  },
  {
    name: 'overwrite.configmap of an ALB2',
    kind: 'ConfigMap',
    from: { group: 'crd.alauda.io', kind: 'ALB2', namespace: 's' },
    object: alb({ overwrite: { configmap: [{ name: 'x/y' }] } }),
  },
];

interface From {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
}

describe('LIM-16 objects of another namespace', () => {
  for (const { name, kind, from, object } of REFERENCES) {
    const to = { group: '', kind };
    const refusing: Readonly<Record<string, readonly KubernetesObject[]>> = {
      'no ReferenceGrant': [],
      'one of a third namespace': [grant('z', from, to)],
      'one for another kind that names': [grant('x', { ...from, kind: 'HTTPRoute' }, to)],
      'one for another group': [grant('x', { ...from, group: 'example.com' }, to)],
      'one for another namespace': [grant('x', { ...from, namespace: 'o' }, to)],
      'one to another kind': [grant('x', from, { group: '', kind: 'Service' })],
      'one to another name': [grant('x', from, { ...to, name: 'other' })],
      'one without shape': [{ ...grant('x', from, to), spec: {} } as unknown as KubernetesObject],
    };
    for (const [why, grants] of Object.entries(refusing)) {
      test(`${name}: ${why}`, () =>
        expect(refused(worldOf(object, ...grants))).toContain(`${kind} x/y is in another namespace`));
    }

    test(`${name}: a ReferenceGrant lets it, for as long as it is there`, () => {
      const world = worldOf(object, grant('x', from, { ...to, name: 'y' }));
      expect(refused(world)).toBe('');
      world.remove('ReferenceGrant', { namespace: 'x', name: 'g' });
      settle(world);
      expect(refused(world)).toContain(`${kind} x/y is in another namespace`);
      world.put(grant('x', from, to));
      settle(world);
      expect(refused(world)).toBe('');
    });

    test(`${name}: the ALB opts out`, () => {
      const opted = kindName(object) === 'ALB2' ? optedOut(object) : alb({ allowCrossNamespaceReferences: true });
      expect(refused(worldOf(object, opted))).toBe('');
    });
  }
});

function worldOf(...objects: readonly KubernetesObject[]): World {
  const world = new World([alb({}), frontend({}), backend('n'), backend('s')]);
  for (const object of objects) world.put(object);
  settle(world);
  return world;
}

function settle(world: World): void {
  world.settle();
  world.applyDerived();
}

/** Every message of what is not permitted. */
function refused(world: World): string {
  const problems = [...world.results.values()].flatMap(
    (result) => (result as { readonly problems?: readonly Problem[] } | undefined)?.problems ?? [],
  );
  return problems
    .filter(({ reason }) => reason === 'RefNotPermitted')
    .map(({ message }) => message)
    .join('\n');
}

function alb(config: object): KubernetesObject {
  return object('crd.alauda.io/v2beta1', 'ALB2', 's', 'a', {
    type: 'nginx',
    config: { projects: ['ALL_ALL'], ...config },
  });
}

function optedOut(written: KubernetesObject): KubernetesObject {
  const { config } = (written as unknown as { readonly spec: { readonly config: object } }).spec;
  return alb({ ...config, allowCrossNamespaceReferences: true });
}

function frontend(config: object): KubernetesObject {
  const spec = {
    ...{ port: 80, protocol: 'http', config },
    serviceGroup: { services: [{ namespace: 's', name: 'svc', port: 80, weight: 100 }] },
  };
  return object('crd.alauda.io/v1', 'Frontend', 's', 'a-00080', spec, { labels: { 'alb2.cpaas.io/name': 'a' } });
}

function backend(namespace: string): KubernetesObject {
  return object('v1', 'Service', namespace, 'svc', { ports: [{ port: 80 }] });
}

function rule(name: string, kind: string, config: object): (typeof REFERENCES)[number] {
  const labels = { 'alb2.cpaas.io/name': 'a', 'alb2.cpaas.io/frontend': 'a-00080' };
  const spec = {
    ...{ priority: 5, dslx: [{ type: 'URL', values: [['EQ', '/']] }], backendProtocol: 'https', config },
    serviceGroup: { services: [{ namespace: 's', name: 'svc', port: 80, weight: 100 }] },
  };
  return {
    ...{ name: `${name} of a Rule`, kind, from: { group: 'crd.alauda.io', kind: 'Rule', namespace: 's' } },
    object: object('crd.alauda.io/v1', 'Rule', 's', 'r', spec, { labels }),
  };
}

function ingress(name: string, kind: string, given: Readonly<Record<string, string>>): (typeof REFERENCES)[number] {
  const annotations = Object.fromEntries(
    Object.entries(given).map(([key, value]) => [
      key.includes('/') ? key : `nginx.ingress.kubernetes.io/${key}`,
      value,
    ]),
  );
  const spec = {
    ingressClassName: 'a',
    rules: [
      {
        host: 'a.com',
        http: {
          paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'svc', port: { number: 80 } } } }],
        },
      },
    ],
  };
  return {
    ...{ name, kind, from: { group: 'networking.k8s.io', kind: 'Ingress', namespace: 'n' } },
    object: object('networking.k8s.io/v1', 'Ingress', 'n', 'i', spec, { annotations }),
  };
}

function grant(namespace: string, from: From, to: object): KubernetesObject {
  return object('gateway.networking.k8s.io/v1beta1', 'ReferenceGrant', namespace, 'g', { from: [from], to: [to] });
}

function object(
  apiVersion: string,
  kind: string,
  namespace: string,
  name: string,
  spec: object,
  metadata: object = {},
): KubernetesObject {
  return { apiVersion, kind, metadata: { namespace, name, ...metadata }, spec } as KubernetesObject;
}
