import type { KubernetesObject } from '@causeway/apis/meta/object';
import { describe, expect, test } from 'vitest';
import { checkManifests, type Finding, type ManifestCheck } from './check.ts';
import { renderManifestCheck } from './check-text.ts';

const PREFIX = 'nginx.ingress.kubernetes.io/';

function ingress(
  name: string,
  annotations: Readonly<Record<string, string>> = {},
  spec: object = {},
): KubernetesObject {
  const backend = { service: { name: 'web', port: { number: 80 } } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name,
      namespace: 'shop',
      annotations: Object.fromEntries(Object.entries(annotations).map(([key, value]) => [PREFIX + key, value])),
    },
    spec: {
      ingressClassName: 'nginx',
      rules: [{ host: `${name}.com`, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
      ...spec,
    },
  } as KubernetesObject;
}

const SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { ports: [{ port: 80 }] },
} as KubernetesObject;

function configMap(name: string, data: Readonly<Record<string, string>>): KubernetesObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'system' }, data } as KubernetesObject;
}

function controller(...args: readonly string[]): KubernetesObject {
  const spec = { template: { spec: { containers: [{ args: ['/nginx-ingress-controller', ...args] }] } } };
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'nginx', namespace: 'system' },
    spec,
  } as KubernetesObject;
}

function check(...objects: readonly KubernetesObject[]): ManifestCheck {
  return checkManifests(
    objects.map((object) => ({ object, mistakes: [] })),
    { refusals: () => [] },
  );
}

function findingsOf(found: ManifestCheck, name: string): readonly Finding[] {
  return found.objects.find((object) => object.name === name)?.findings ?? [];
}

describe('annotations', () => {
  test.each<[string, Readonly<Record<string, string>>, string, RegExp | undefined]>([
    ['served', { 'rewrite-target': '/x' }, 'same', undefined],
    ['raw configuration', { 'configuration-snippet': 'deny all;' }, 'refused', /raw configuration is never taken/],
    ['a value that cannot be read', { 'proxy-read-timeout': 'soon' }, 'refused', /Invalid value: "soon"/],
    ['known there only', { 'fastcgi-index': 'index.php' }, 'refused', /not served by this version, ignored/],
    ['known nowhere', { 'rewrite-targets': '/x' }, 'same', /unknown, here as in ingress-nginx/],
    ['a protocol that is not spoken', { 'backend-protocol': 'FCGI' }, 'refused', /Unsupported value: "FCGI"/],
  ])('%s', (_, annotations, verdict, reason) => {
    const [finding, ...others] = findingsOf(check(ingress('a', annotations), SERVICE), 'shop/a');
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ verdict, subject: Object.keys(annotations)[0] });
    if (reason === undefined) expect(finding?.reason).toBeUndefined();
    else expect(finding?.reason).toMatch(reason);
  });

  test('what is refused names what to use', () => {
    const found = check(ingress('a', { 'stream-snippet': 'server {}' }), SERVICE);
    expect(findingsOf(found, 'shop/a')[0]).toMatchObject({
      reason: 'raw configuration is never taken, ignored',
      instead: 'for tcp and udp use a Frontend of that protocol',
    });
  });

  test('the worst finding is the verdict of the object, the worst object that of all', () => {
    const found = check(ingress('a'), ingress('b', { 'server-snippet': 'x' }), SERVICE);
    expect(found.objects.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['shop/a', 'same'],
      ['shop/b', 'refused'],
      ['shop/web', 'same'],
    ]);
    expect(found.verdict).toBe('refused');
    expect(check(ingress('a'), SERVICE).verdict).toBe('same');
  });
});

describe('objects', () => {
  test('what the input does not hold is told apart', () => {
    const found = check(ingress('a', { 'auth-type': 'basic', 'auth-secret': 'users' }));
    expect(found.verdict).toBe('same');
    expect(found.missing.map(({ by }) => by)).toEqual(['Ingress shop/a', 'Ingress shop/a']);
    expect(found.missing.map(({ what }) => what).join()).toMatch(
      /Secret shop\/users not found.*Service shop\/web not found/,
    );
  });

  test('an Ingress of another class is not looked at, one without class is told', () => {
    const other = ingress('a', {}, { ingressClassName: 'traefik' });
    const bare = ingress('b', {}, { ingressClassName: undefined });
    const found = check(other, bare, SERVICE);
    expect(found.ignored.map(({ object }) => object)).toEqual(['Ingress shop/a']);
    expect(findingsOf(found, 'shop/b')).toMatchObject([{ verdict: 'different', subject: 'spec.ingressClassName' }]);
    expect(check(bare, SERVICE, controller('--watch-ingress-without-class')).verdict).toBe('same');
  });

  test('classes are those of the controller', () => {
    const own = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name: 'public' },
      spec: { controller: 'k8s.io/ingress-nginx' },
    } as KubernetesObject;
    const found = check(own, ingress('a', {}, { ingressClassName: 'public' }), ingress('b'), SERVICE);
    expect(found.ignored.map(({ object }) => object)).toEqual(['Ingress shop/b']);
  });

  test('options of the ConfigMap that a flag names, and the flags', () => {
    const found = check(
      controller('--configmap=$(POD_NAMESPACE)/options', '--election-id=x', '--enable-magic'),
      configMap('options', { 'proxy-read-timeout': '5', 'http-snippet': 'x', 'use-gzip': 'perhaps' }),
      configMap('ingress-nginx-controller', { 'http-snippet': 'not looked at' }),
    );
    expect(findingsOf(found, 'system/options').map(({ subject, verdict }) => [subject, verdict])).toEqual([
      ['http-snippet', 'refused'],
      ['proxy-read-timeout', 'same'],
      ['use-gzip', 'refused'],
    ]);
    expect(findingsOf(found, 'system/nginx').map(({ subject, verdict }) => [subject, verdict])).toEqual([
      ['--configmap', 'same'],
      ['--election-id', 'same'],
      ['--enable-magic', 'refused'],
    ]);
    expect(findingsOf(found, 'system/ingress-nginx-controller')).toEqual([]);
  });

  test('options are defaults of annotations', () => {
    const options = configMap('ingress-nginx-controller', { 'rewrite-target': '/x y' });
    expect(check(options, ingress('a'), SERVICE).objects.map(({ name }) => name)).toContain('shop/a');
  });

  test('a Secret that is no certificate', () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'tls', namespace: 'shop' }, data: {} };
    const tls = [{ hosts: ['a.com'], secretName: 'tls' }];
    const found = check(ingress('a', {}, { tls }), secret as KubernetesObject, SERVICE);
    expect(findingsOf(found, 'shop/tls')).toMatchObject([{ verdict: 'refused', subject: 'data[tls.crt]' }]);
  });

  test('what the API would not store, and versions that are gone', () => {
    const gone = { ...ingress('a'), apiVersion: 'extensions/v1beta1' };
    const found = checkManifests(
      [
        { object: gone, mistakes: [] },
        { object: ingress('b'), mistakes: ['spec.rules: Invalid value: "x"'] },
      ],
      { refusals: () => [] },
    );
    expect(findingsOf(found, 'shop/a')).toMatchObject([{ subject: 'apiVersion', instead: 'networking.k8s.io/v1' }]);
    expect(findingsOf(found, 'shop/b')).toMatchObject([{ subject: 'spec.rules', reason: 'Invalid value: "x"' }]);
  });
});

test('the text holds every finding, in the same order for any order of the input', () => {
  const objects = [ingress('b', { 'server-snippet': 'x', 'app-root': '/x' }), ingress('a'), SERVICE];
  const text = renderManifestCheck(check(...objects));
  expect(text).toBe(renderManifestCheck(check(...objects.toReversed())));
  expect(text).toBe(
    [
      'Ingress shop/a: same',
      '',
      'Ingress shop/b: refused',
      '  refused    server-snippet: raw configuration is never taken, ignored',
      '             instead: for further hosts use server-alias, for redirects from-to-www-redirect, app-root and permanent-redirect',
      '  same       app-root',
      '',
      'Service shop/web: same',
      '',
      '3 objects: 2 same, 0 different, 1 refused',
    ].join('\n'),
  );
});
