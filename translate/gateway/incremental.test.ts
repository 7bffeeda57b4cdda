import { type KubernetesObject, keyOf, objectKeyText } from '@causeway/apis/meta/object';
import { deepFreeze } from '@causeway/test/golden/cases';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { kindName, World } from './testing/world.ts';

const fromProject = { namespaces: { from: 'Selector', selector: { matchLabels: { 'cpaas.io/project': 'p' } } } };

/** A small universe in which changes meet each other often; by object, its variants. */
const UNIVERSE: Readonly<Record<string, readonly KubernetesObject[]>> = byKey([
  ...variants('ALB2', 's/a', [
    { spec: { type: 'nginx', address: '192.0.2.1', config: { projects: ['ALL_ALL'] } } },
    {
      spec: {
        type: 'nginx',
        address: '192.0.2.2',
        config: { projects: ['p'], defaultSSLStrategy: 'Both', defaultSSLCert: 'n/c' },
      },
    },
    { spec: { type: 'nginx', config: { projects: ['ALL_ALL'], timeout: { proxy_read_timeout_ms: 9 } } } },
    { spec: { type: 'nginx' } },
  ]),
  ...variants('ALB2', 's/b', [{ spec: { type: 'nginx', address: '192.0.2.1', config: { projects: ['ALL_ALL'] } } }]),
  ...variants('ReferenceGrant', 'x/g', [
    {
      spec: {
        from: [{ group: 'networking.k8s.io', kind: 'Ingress', namespace: 'n' }],
        to: [{ group: '', kind: 'Secret' }],
      },
    },
  ]),
  ...variants('Namespace', '/n', [{}, { labels: { 'cpaas.io/project': 'p' } }]),
  ...variants('Frontend', 's/a-00080', [
    { labels: { 'alb2.cpaas.io/name': 'a' }, spec: { port: 80, protocol: 'http' } },
    { labels: { 'alb2.cpaas.io/name': 'a' }, spec: { port: 80, protocol: 'http', config: { auth: { basic: {} } } } },
    { labels: { 'alb2.cpaas.io/name': 'b' }, spec: { port: 81, protocol: 'http' } },
  ]),
  ...variants('Frontend', 's/x', [
    { labels: { 'alb2.cpaas.io/name': 'a' }, spec: { port: 443, protocol: 'https' } },
    { labels: { 'alb2.cpaas.io/name': 'a' }, spec: { port: 80, protocol: 'https', certificate_name: 'n/c' } },
  ]),
  ...variants('Rule', 's/r', [
    ruleVariant({ dslx: [{ type: 'URL', values: [['EQ', '/']] }], serviceGroup: group('svc', 80) }),
    ruleVariant({ dslx: [], serviceGroup: group('svc', 81) }),
    ruleVariant({ dslx: [{ type: 'URL', values: [['EQ', '/']] }], domain: 'a', certificate_name: 'n/c' }),
  ]),
  ...variants('Ingress', 'n/i', [
    { spec: { ingressClassName: 'a', rules: [ingressRule('a.com', 80)] } },
    {
      spec: {
        rules: [ingressRule('a.com', 'web'), ingressRule('b.com', 80)],
        tls: [{ hosts: ['b.com'], secretName: 'c' }],
      },
    },
    { spec: { ingressClassName: 'a', defaultBackend: { service: { name: 'svc', port: { number: 80 } } } } },
    { spec: { ingressClassName: 'other' } },
  ]),
  ...variants('Ingress', 'n/j', [
    { spec: { ingressClassName: 'a', defaultBackend: { service: { name: 'svc', port: { name: 'web' } } } } },
    { spec: { ingressClassName: 'b', rules: [ingressRule('', 80)] } },
  ]),
  ...variants('Service', 'n/svc', [
    { spec: { ports: [{ port: 80 }] } },
    { spec: { ports: [{ name: 'web', port: 80 }] } },
    { spec: { type: 'ExternalName', externalName: '192.0.2.9' } },
  ]),
  ...variants('EndpointSlice', 'n/one', [slice([{ addresses: ['10.0.0.1'] }]), slice([{ addresses: ['10.0.0.2'] }])]),
  ...variants('EndpointSlice', 'n/two', [slice([{ addresses: ['10.0.0.3'] }])]),
  ...variants('IngressClass', '/a', [{ spec: { controller: 'example.com/x' } }]),
  ...variants('Instance', 's/a-node', [instance('listening'), instance('conflict')]),
  ...variants('Secret', 'n/c', [{ data: {} }]),
  ...variants('GatewayClass', '/gc', [
    { spec: { controllerName: 'causeway.io/gateway' } },
    { spec: { controllerName: 'example.com/x' } },
  ]),
  ...variants('Gateway', 'n/gw', [
    gatewayVariant([{ name: 'http', port: 80, protocol: 'HTTP' }]),
    gatewayVariant([
      { name: 'https', port: 443, protocol: 'HTTPS', tls: { certificateRefs: [{ name: 'c', namespace: 'x' }] } },
      { name: 'a', port: 80, protocol: 'HTTP', hostname: 'a.com', allowedRoutes: { namespaces: { from: 'All' } } },
      { name: 'any', port: 80, protocol: 'HTTP', allowedRoutes: fromProject },
    ]),
  ]),
  ...variants('HTTPRoute', 'n/h', [
    { spec: { parentRefs: [{ name: 'gw' }], rules: [{ backendRefs: [{ name: 'svc', port: 80 }] }] } },
    { spec: { parentRefs: [{ name: 'gw', sectionName: 'any' }], hostnames: ['*.com'], rules: [{}] } },
  ]),
  ...variants('GRPCRoute', 'n/g', [
    { spec: { parentRefs: [{ name: 'gw' }], rules: [{ backendRefs: [{ name: 'svc', port: 80 }] }] } },
    { spec: { parentRefs: [{ name: 'gw', sectionName: 'any' }], hostnames: ['a.com'], rules: [{}] } },
  ]),
]);

function gatewayVariant(listeners: readonly object[]): Variant {
  return { spec: { gatewayClassName: 'gc', listeners } };
}

type Variant = { readonly labels?: Readonly<Record<string, string>>; readonly [field: string]: unknown };

function variants(kind: string, key: string, list: readonly Variant[]): readonly KubernetesObject[] {
  const [namespace = '', name = ''] = key.split('/');
  return list.map(({ labels, ...rest }) =>
    deepFreeze({
      apiVersion: 'v1',
      kind,
      metadata: { name, ...(namespace === '' ? {} : { namespace }), ...(labels === undefined ? {} : { labels }) },
      ...rest,
    }),
  );
}

function ruleVariant(spec: object): Variant {
  return { labels: { 'alb2.cpaas.io/name': 'a', 'alb2.cpaas.io/frontend': 'a-00080' }, spec };
}

function group(name: string, port: number): object {
  return { services: [{ namespace: 'n', name, port, weight: 100 }] };
}

function ingressRule(host: string, port: number | string): object {
  const backend = { service: { name: 'svc', port: typeof port === 'number' ? { number: port } : { name: port } } };
  return { ...(host === '' ? {} : { host }), http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } };
}

function slice(endpoints: readonly object[]): Variant {
  return { labels: { 'kubernetes.io/service-name': 'svc' }, addressType: 'IPv4', ports: [{ port: 8080 }], endpoints };
}

function instance(state: string): Variant {
  const ports = [{ port: 80, protocol: 'http', state }];
  return { labels: { 'alb2.cpaas.io/name': 'a' }, spec: {}, status: { node: 'node', ready: true, ports } };
}

function byKey(objects: readonly KubernetesObject[]): Readonly<Record<string, readonly KubernetesObject[]>> {
  const found: Record<string, KubernetesObject[]> = {};
  for (const object of objects) {
    const key = `${object.kind} ${objectKeyText(keyOf(object))}`;
    found[key] = [...(found[key] ?? []), object];
  }
  return found;
}

/** Puts one variant of an object, or (-1) removes it. */
const steps = fc
  .constantFrom(...Object.keys(UNIVERSE))
  .chain((key) =>
    fc.record({ key: fc.constant(key), variant: fc.integer({ min: -1, max: (UNIVERSE[key]?.length ?? 1) - 1 }) }),
  );

function apply(world: World, step: { readonly key: string; readonly variant: number }): void {
  const [first] = UNIVERSE[step.key] ?? [];
  const object = UNIVERSE[step.key]?.[step.variant];
  if (object !== undefined) world.put(object);
  else if (first !== undefined) world.remove(kindName(first), keyOf(first));
}

const TRANSLATED = [
  'instance',
  'albStatus',
  'ingressClass',
  'frontend',
  'frontendStatus',
  'rule',
  'endpointSet',
  'certificate',
  'ingressStatus',
  'ingress',
];

/** Results that say something: an Ingress that never was and one that is gone are the same. */
function results(world: World): unknown {
  return TRANSLATED.map((name) =>
    Object.entries(world.resultsOf(name)).filter(
      ([, result]) => JSON.stringify(result) !== '{"frontends":[],"rules":[],"problems":[]}',
    ),
  );
}

test('incremental translation equals full recomputation, after every change', () => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 25 }), (list) => {
      const world = new World();
      const present = new Map<string, { key: string; variant: number }>();
      for (const step of list) {
        apply(world, step);
        world.settle();
        present.set(step.key, step);
        const full = new World();
        for (const each of present.values()) apply(full, each);
        full.settle();
        expect(results(world)).toEqual(results(full));
      }
    }),
    { seed: 7, numRuns: 150 },
  );
});

test('derived objects settle, and settle again to nothing new', () => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 25 }), (list) => {
      const world = new World();
      for (const step of list) {
        apply(world, step);
        world.settle();
        world.applyDerived();
      }
      const before = JSON.stringify(results(world));
      world.applyDerived();
      expect(world.settle()).toEqual([]);
      expect(JSON.stringify(results(world))).toBe(before);
    }),
    { seed: 7, numRuns: 100 },
  );
});

test('ALB-20 an unrelated annotation of an Ingress changes no Rule', () => {
  const [ingress] = UNIVERSE['Ingress n/i'] ?? [];
  const [alb] = UNIVERSE['ALB2 s/a'] ?? [];
  if (ingress === undefined || alb === undefined) throw new Error('fixture');
  const world = new World([alb, ingress]);
  world.applyDerived();
  const before = JSON.stringify(world.resultsOf('ingress'));
  world.put({ ...ingress, metadata: { ...ingress.metadata, annotations: { a: '1' } } });
  expect(world.settle()).toEqual(['ingress/n/i', 'ingressStatus/n/i', 'nginxRoute/n/i']);
  expect(JSON.stringify(world.resultsOf('ingress'))).toBe(before);
});

test('a new endpoint translates its endpoint set and nothing else', () => {
  const pick = (key: string): KubernetesObject => {
    const [object] = UNIVERSE[key] ?? [];
    if (object === undefined) throw new Error(`fixture ${key}`);
    return object;
  };
  const world = new World(
    ['ALB2 s/a', 'Frontend s/a-00080', 'Rule s/r', 'Service n/svc', 'EndpointSlice n/one'].map(pick),
  );
  world.put(pick('EndpointSlice n/two'));
  expect(world.settle()).toEqual(['endpointSet/n/svc:80']);
});
