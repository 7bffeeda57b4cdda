import { selfSigned } from '@causeway/dataplane/test/certificates';
import { beforeAll, describe, expect, test } from 'vitest';
import { converted, edge, H, R, route, service, WEB } from './testing/routes.ts';

let certificate = '';
let key = '';
let authority = '';
let otherAuthority = '';

beforeAll(async () => {
  const [own, first, second] = await Promise.all(['example.com', 'first', 'second'].map((name) => selfSigned(name)));
  [certificate, key] = [own?.chainPem ?? '', own?.keyPem ?? ''];
  [authority, otherAuthority] = [first?.chainPem ?? '', second?.chainPem ?? ''];
});

const to = (name: string) => ({ gateway: { namespace: 'gateway-ns', name } });

describe('MG-13 TLS ends at the gateway', () => {
  test('without a certificate: the default of the listener', () => {
    const found = converted([edge()], { emitGateway: true });
    expect(found.field('HTTPRoute', 'spec.parentRefs')).toEqual([{ name: 'demo-gateway', sectionName: 'https' }]);
    expect(found.field('Gateway', 'spec')).toEqual({
      gatewayClassName: 'envoy-gateway-operator-cpaas-default',
      listeners: [
        {
          name: 'https',
          protocol: 'HTTPS',
          port: 443,
          tls: { mode: 'Terminate', certificateRefs: [{ name: 'default-tls-cert' }] },
        },
      ],
    });
    expect(found.texts.some((text) => text.startsWith('I302'))).toBe(true);
  });

  test('its own certificate becomes a Secret, the chain behind it', () => {
    const tls = { certificate, key, caCertificate: authority };
    const found = converted([edge({}, tls)], { emitGateway: true });
    expect(found.names).toEqual(['Secret demo/web-tls', 'Gateway demo/demo-gateway', 'HTTPRoute demo/web']);
    expect(found.field('Secret', 'type')).toBe('kubernetes.io/tls');
    const chain = Buffer.from(
      String((found.field('Secret', 'data') as Record<string, string>)['tls.crt']),
      'base64',
    ).toString();
    expect(chain).toBe(`${certificate.trim()}\n${authority.trim()}\n`);
    expect(found.field('Gateway', 'spec.listeners.0.tls.certificateRefs')).toEqual([{ name: 'web-tls' }]);
    const [told] = converted([edge({}, tls)]).texts.filter((text) => text.startsWith('I301'));
    expect(told).toContain('demo/web-tls');
  });

  test('a Secret of the Route, for a Gateway elsewhere', () => {
    const found = converted([edge({}, { externalCertificate: { name: 'own' } })], { emitGateway: true, ...to('g') });
    expect(found.field('ReferenceGrant', 'spec')).toEqual({
      from: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: 'gateway-ns' }],
      to: [{ group: '', kind: 'Secret', name: 'own' }],
    });
    expect(found.field('Gateway', 'spec.listeners.0.tls.certificateRefs')).toEqual([
      { name: 'own', namespace: 'demo' },
    ]);
  });

  test('requests without TLS: refused, served or redirected', () => {
    const of = (insecureEdgeTerminationPolicy: string) => converted([edge({}, { insecureEdgeTerminationPolicy })]);
    expect(of('None').names).toEqual(['HTTPRoute demo/web']);
    expect(of('Allow').field('HTTPRoute', 'spec.parentRefs')).toEqual(
      ['https', 'http'].map((sectionName) => ({ name: 'demo-gateway', sectionName })),
    );
    expect(of('Redirect').field('HTTPRoute', 'spec', 'web-redirect')).toEqual({
      parentRefs: [{ name: 'demo-gateway', sectionName: 'http' }],
      hostnames: ['example.com'],
      rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 302 } }] }],
    });
  });

  test('a pair that does not fit is no Secret, and no message holds a key', async () => {
    const { keyPem } = await selfSigned('x.org');
    for (const tls of [
      { certificate, key: keyPem },
      { certificate, key: 'broken' },
      { certificate: 'broken', key },
      { certificate },
    ]) {
      const found = converted([edge({}, tls)]);
      expect([found.names, found.told]).toEqual([['HTTPRoute demo/web'], ['E301 spec.tls']]);
      expect(found.texts.join('\n')).not.toMatch(/BEGIN|broken/);
    }
  });
});

describe('MG-14 TLS towards backends', () => {
  const reencrypt = (tls: object = {}, name = 'web', fields: object = {}) =>
    route({}, { tls: { termination: 'reencrypt', ...tls }, ...fields }, name);

  test('verified by the authority of the Route, under the name of the Service', () => {
    const ports = service([{ name: 'https', port: 443, targetPort: 8080 }]);
    const found = converted([ports, reencrypt({ destinationCACertificate: authority })]);
    expect(found.names).toEqual([
      'ConfigMap demo/web-backend-ca',
      'HTTPRoute demo/web',
      'BackendTLSPolicy demo/web-backend-tls',
    ]);
    expect(found.field('ConfigMap', 'data')).toEqual({ 'ca.crt': `${authority.trim()}\n` });
    expect(found.field('BackendTLSPolicy', 'spec')).toEqual({
      targetRefs: [{ group: '', kind: 'Service', name: 'web', sectionName: 'https' }],
      validation: {
        caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'web-backend-ca' }],
        hostname: 'web.demo.svc',
      },
    });
    expect(found.told).toEqual(['W303 spec.tls.destinationCACertificate']);
    const named = converted([reencrypt({ destinationCACertificate: authority })], {
      backendHostname: 'backend.example.com',
    });
    expect([named.field('BackendTLSPolicy', 'spec.validation.hostname'), named.told]).toEqual([
      'backend.example.com',
      [],
    ]);
  });

  test('without one: the authority of the cluster, or those of the system', () => {
    const serviceCa = { namespace: 'demo', name: 'ca' };
    const given = converted([reencrypt()], { serviceCa });
    expect(given.field('BackendTLSPolicy', 'spec.validation.caCertificateRefs.0.name')).toBe('ca');
    const absent = converted([reencrypt()]);
    expect(absent.field('BackendTLSPolicy', 'spec.validation.wellKnownCACertificates')).toBe('System');
    expect(absent.told).toEqual(['W303 spec.tls.destinationCACertificate']);
  });

  test('no PEM: not converted', () => {
    const found = converted([reencrypt({ destinationCACertificate: 'none' })]);
    expect([found.names, found.told]).toEqual([[], ['E303 spec.tls.destinationCACertificate']]);
  });

  test('a Service has one policy: shared by those who want the same, refused to others', () => {
    const ca = (destinationCACertificate: string, name: string) => reencrypt({ destinationCACertificate }, name);
    const found = converted([ca(authority, 'a'), ca(authority, 'b'), ca(otherAuthority, 'c')]);
    expect(found.names.filter((name) => /Policy|Route/.test(name))).toEqual([
      'HTTPRoute demo/a',
      'HTTPRoute demo/b',
      'BackendTLSPolicy demo/a-backend-tls',
    ]);
    expect(found.told).toContain('E306 spec.tls.destinationCACertificate');
  });

  test('several Services: each under its own name', () => {
    const other = service([{ port: 8080 }], 'other');
    const { names } = converted([WEB, other, reencrypt({}, 'web', { alternateBackends: [{ name: 'other' }] })]);
    expect(names).toEqual([
      'HTTPRoute demo/web',
      'BackendTLSPolicy demo/web-backend-tls-other',
      'BackendTLSPolicy demo/web-backend-tls-web',
    ]);
  });
});

describe('MG-15 TLS that is passed through', () => {
  const passthrough = (fields: object = {}, name = 'web', annotations = {}) =>
    route(annotations, { ...fields, tls: { termination: 'passthrough', ...(fields as { tls?: object }).tls } }, name);

  test('becomes a TLSRoute, on a listener of its host', () => {
    const found = converted([passthrough()], { emitGateway: true });
    expect(found.field('TLSRoute', 'apiVersion')).toBe('gateway.networking.k8s.io/v1alpha2');
    expect(found.field('TLSRoute', 'spec')).toEqual({
      parentRefs: [{ name: 'demo-gateway', sectionName: 'tls-passthrough' }],
      hostnames: ['example.com'],
      rules: [{ backendRefs: [{ name: 'web', port: 8080 }] }],
    });
    expect(found.field('Gateway', 'spec.listeners')).toEqual([
      { name: 'tls-passthrough', protocol: 'TLS', port: 443, hostname: 'example.com', tls: { mode: 'Passthrough' } },
    ]);
  });

  test('several hosts: a listener each', () => {
    const found = converted([passthrough(), passthrough({ host: 'b.org' }, 'b')], { emitGateway: true });
    expect(found.field('TLSRoute', 'spec.parentRefs.0.sectionName', 'b')).toBe('tls-passthrough.b.org');
    expect(found.field('Gateway', 'spec.listeners.1.hostname')).toBe('example.com');
    expect(
      converted([passthrough(), passthrough({ host: 'b.org' }, 'b')]).field(
        'TLSRoute',
        'spec.parentRefs.0.sectionName',
        'b',
      ),
    ).toBe('tls-passthrough');
  });

  test('what needs to see requests is dropped, each with a message', () => {
    const annotations = {
      [`${H}timeout`]: '30s',
      [`${H}hsts_header`]: 'max-age=1',
      [`${R}cookie_name`]: 'a',
      [`${H}rewrite-target`]: '/',
    };
    const { told, names } = converted([passthrough({}, 'web', annotations)]);
    expect(told.filter((text) => text.startsWith('W304'))).toHaveLength(4);
    expect([told.length, names]).toEqual([4, ['TLSRoute demo/web']]);
  });

  test('redirected, allowed, with a path', () => {
    expect(converted([passthrough({ tls: { insecureEdgeTerminationPolicy: 'Redirect' } })]).names).toEqual([
      'TLSRoute demo/web',
      'HTTPRoute demo/web-redirect',
    ]);
    const allowed = converted([passthrough({ tls: { insecureEdgeTerminationPolicy: 'Allow' } })]);
    expect([allowed.names, allowed.told]).toEqual([
      ['TLSRoute demo/web'],
      ['E305 spec.tls.insecureEdgeTerminationPolicy'],
    ]);
    const path = converted([passthrough({ path: '/a' })]);
    expect([path.names, path.told]).toEqual([[], ['E304 spec.path']]);
  });

  test('more than 64 listeners', () => {
    const many = Array.from({ length: 65 }, (_, index) => passthrough({ host: `h${index}.org` }, `r${index}`));
    const found = converted(many, { emitGateway: true });
    expect(found.told).toEqual(['E307 spec.listeners']);
    expect(found.names).toHaveLength(65);
  });
});

describe('MG-16 namespaces', () => {
  const two = [
    service([{ port: 8080 }], 'web', 'a'),
    service([{ port: 8080 }], 'web', 'b'),
    route({}, {}, 'web', 'a'),
    route({}, { path: '/b' }, 'web', 'b'),
  ];

  test('the listener takes those that have Routes', () => {
    const { field, objects } = converted(two, { emitGateway: true, ...to('demo') });
    expect(field('Gateway', 'spec.listeners.0.allowedRoutes.namespaces')).toEqual({
      from: 'Selector',
      selector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: ['a', 'b'] }] },
    });
    for (const object of objects.filter(({ kind }) => kind === 'HTTPRoute')) {
      expect(object).toMatchObject({
        spec: { parentRefs: [{ name: 'demo', namespace: 'gateway-ns', sectionName: 'http' }] },
      });
    }
  });

  test('or all, as the router is set', () => {
    const router = {
      apiVersion: 'operator.openshift.io/v1',
      kind: 'IngressController',
      metadata: { name: 'default', namespace: 'o' },
      spec: { routeAdmission: { namespaceOwnership: 'InterNamespaceAllowed' } },
    };
    const { field } = converted([router, ...two], { emitGateway: true, ...to('demo') });
    expect(field('Gateway', 'spec.listeners.0.allowedRoutes.namespaces')).toEqual({ from: 'All' });
  });

  test('one host and path in two of them: both converted, both told', () => {
    const same = [...two.slice(0, 3), route({}, {}, 'web', 'b')];
    const found = converted(same);
    expect(found.names).toEqual(['HTTPRoute a/web', 'HTTPRoute b/web']);
    expect(found.told).toEqual(['W311 spec.host', 'W311 spec.host']);
  });
});
