import { ALB2Kind } from '@causeway/apis/gateway/alb2';
import { FrontendKind } from '@causeway/apis/gateway/frontend';
import { RuleKind } from '@causeway/apis/gateway/rule';
import type { KindDefinition } from '@causeway/apis/meta/crd';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { Frontend } from '@causeway/resources/kinds';
import { Snapshot } from '@causeway/resources/snapshot';
import { describe, expect, test } from 'vitest';
import { review } from './review.ts';

const labels = { 'alb2.cpaas.io/name': 'alb-demo' };
const ruleLabels = { ...labels, 'alb2.cpaas.io/frontend': 'alb-demo-00080' };

function objectOf(kind: KindDefinition, spec: object, meta: object = {}): KubernetesObject {
  return {
    apiVersion: `${kind.names.group}/${kind.names.version}`,
    kind: kind.names.kind,
    metadata: { name: 'x', namespace: 'kube-system', labels, ...meta },
    ...{ spec },
  };
}

function frontend(name: string, spec: object): Frontend {
  return objectOf(FrontendKind, spec, { name }) as Frontend;
}

const snapshot = new Snapshot();
snapshot.put('Frontend', frontend('alb-demo-00080', { port: 80, protocol: 'http' }));
snapshot.put('Frontend', frontend('alb-demo-00053', { port: 53, protocol: 'udp', serviceGroup: {} }));
const read = snapshot.view('test');

function causesOf(kind: KindDefinition, object: KubernetesObject): string[] {
  const verdict = review({ operation: 'CREATE', kind: kind.names, object }, read);
  expect(verdict.allowed).toBe(verdict.causes.length === 0);
  return verdict.causes.map((cause) => `${cause.field}: ${cause.message}`);
}

describe('Frontend (ALB-04)', () => {
  const cases = [
    { name: 'http', spec: { port: 8080, protocol: 'http' }, want: [] },
    {
      name: 'tcp without serviceGroup',
      spec: { port: 81, protocol: 'tcp' },
      want: ['spec.serviceGroup: Required value: serviceGroup is required for tcp'],
    },
    {
      name: 'port of another Frontend of the ALB',
      spec: { port: 80, protocol: 'tcp', serviceGroup: {} },
      want: ['spec.port: Invalid value: 80: TCP port already used by Frontend "alb-demo-00080" of ALB "alb-demo"'],
    },
    { name: 'same number on the other transport', spec: { port: 53, protocol: 'http' }, want: [] },
    {
      name: 'grpcs without certificate',
      spec: { port: 8443, protocol: 'grpcs' },
      want: ['spec.certificate_name: Required value: grpcs needs a certificate'],
    },
    {
      name: 'certificate without namespace',
      spec: { port: 8443, protocol: 'https', certificate_name: 'cert' },
      want: ['spec.certificate_name: Invalid value: "cert": must be "namespace/name" of a Secret'],
    },
    { name: 'old certificate form', spec: { port: 8443, protocol: 'https', certificate_name: 'ns_cert' }, want: [] },
    {
      name: 'cookie on layer 4',
      spec: { port: 81, protocol: 'tcp', serviceGroup: { session_affinity_policy: 'cookie' } },
      want: ['spec.serviceGroup.session_affinity_policy: Forbidden: cookie needs http'],
    },
  ];
  for (const c of cases) {
    test(c.name, () => expect(causesOf(FrontendKind, objectOf(FrontendKind, c.spec))).toEqual(c.want));
  }
});

describe('Rule (ALB spec 3.4)', () => {
  const good = { dslx: [{ type: 'URL', values: [['STARTS_WITH', '/']] }] };
  const cases = [
    { name: 'good', spec: good, want: [] },
    {
      name: 'unknown operator',
      spec: { dslx: [{ type: 'URL', values: [['LIKE', '/']] }] },
      want: [
        'spec.dslx[0].values[0][0]: Unsupported value: "LIKE": supported values: "EQ", "IN", "STARTS_WITH", "ENDS_WITH", "REGEX", "RANGE", "EXIST"',
      ],
    },
    {
      name: 'no dslx, made from an Ingress',
      spec: { source: { type: 'ingress', namespace: 'a', name: 'b' } },
      want: [],
    },
    { name: 'no dslx', spec: {}, want: ['spec.dslx: Required value: an empty list never matches'] },
    {
      name: 'ALB-53 header affinity without name',
      spec: { ...good, serviceGroup: { session_affinity_policy: 'header' } },
      want: ['spec.serviceGroup.session_affinity_attribute: Required value: name of the header'],
    },
    {
      name: 'ALB-69 redirect code',
      spec: { ...good, redirectCode: 200 },
      want: ['spec.redirectCode: Invalid value: 200: must be one of 301, 302, 303, 307, 308'],
    },
    {
      name: 'LIM-03 certificates of clients',
      spec: {
        ...good,
        config: { clientCertificate: { secret: 'ns/ca', matchCN: 'CN=a|b', errorPage: 'https://a/$host' } },
      },
      want: [],
    },
    {
      name: 'LIM-03 switched off',
      spec: { ...good, config: { clientCertificate: {} } },
      want: [],
    },
    {
      name: 'LIM-03 mistakes',
      spec: {
        ...good,
        config: {
          clientCertificate: { verify: 'optional', matchCN: 'CN=(', errorPage: '/x' },
          clientTLS: { ciphers: 'FOO' },
        },
      },
      want: [
        'spec.config.clientCertificate.secret: Required value: the authorities that certificates of clients are verified with',
        'spec.config.clientCertificate.errorPage: Invalid value: "/x": must be a URL that begins with http:// or https://',
        'spec.config.clientCertificate.matchCN: Invalid value: "CN=(": error parsing regexp: missing closing ): `(`',
        'spec.config.clientTLS.ciphers: Invalid value: "FOO": must be an OpenSSL cipher list: "FOO" is not known',
      ],
    },
    {
      name: 'certificate without domain',
      spec: { ...good, certificate_name: 'ns/c' },
      want: ['spec.domain: Required value: certificate_name is shown for this host'],
    },
  ];
  for (const c of cases) {
    test(c.name, () => {
      expect(causesOf(RuleKind, objectOf(RuleKind, c.spec, { labels: ruleLabels }))).toEqual(c.want);
    });
  }

  test('ALB-05 a Rule of a layer 4 Frontend', () => {
    const object = objectOf(RuleKind, good, { labels: { ...labels, 'alb2.cpaas.io/frontend': 'alb-demo-00053' } });
    expect(causesOf(RuleKind, object)).toEqual([
      'metadata.labels[alb2.cpaas.io/frontend]: Forbidden: Frontend "alb-demo-00053" is udp and takes no Rules',
    ]);
  });

  test('without labels it is allowed with a warning', () => {
    const object = objectOf(RuleKind, good, { labels: {} });
    const verdict = review({ operation: 'CREATE', kind: RuleKind.names, object }, read);
    expect(verdict.allowed).toBe(true);
    expect(verdict.warnings).toHaveLength(2);
  });
});

describe('ALB2 (ALB-02)', () => {
  const cases = [
    { name: 'good', spec: { type: 'nginx', config: { replicas: 1 } }, want: [] },
    {
      name: 'settings beside config',
      spec: { type: 'nginx', replicas: 2, config: {} },
      want: ['spec.replicas: Forbidden: belongs in spec.config.replicas'],
    },
    {
      name: 'quantity',
      spec: { type: 'nginx', config: { resources: { limits: { cpu: 'abc' } } } },
      want: ['spec.config.resources.limits.cpu: Invalid value: "abc": must be a quantity, e.g. 500m or 2Gi'],
    },
    {
      name: 'ALB-126 range upside down',
      spec: { type: 'nginx', config: { portProjects: '[{"port":"90-80","projects":["p1"]}]' } },
      want: ['spec.config.portProjects[0].port: Invalid value: "90-80": must be a port or from-to'],
    },
  ];
  for (const c of cases) {
    test(c.name, () => expect(causesOf(ALB2Kind, objectOf(ALB2Kind, c.spec))).toEqual(c.want));
  }

  test('a name that leaves no room for a port, unless there are none (ALB-18)', () => {
    const named = (length: number, config: object) =>
      causesOf(ALB2Kind, objectOf(ALB2Kind, { type: 'nginx', config }, { name: 'a'.repeat(length) }));
    expect(named(57, {})).toEqual([]);
    expect(named(58, {})).toEqual([
      expect.stringMatching(/^metadata\.name: Invalid value: .* no more than 57 characters/),
    ]);
    expect(named(58, { enableALb: false })).toEqual([]);
  });
});

describe('what is not judged', () => {
  const bad = objectOf(RuleKind, { dslx: [] }, { labels: ruleLabels });

  test('an update that leaves a wrong spec as it is', () => {
    const labelled = { ...bad, metadata: { ...bad.metadata, annotations: { a: '1' } } };
    const request = { operation: 'UPDATE', kind: RuleKind.names, object: labelled, oldObject: bad } as const;
    expect(review(request, read).allowed).toBe(true);
    const changed = objectOf(RuleKind, { dslx: [], priority: 3 }, { labels: ruleLabels });
    expect(review({ ...request, object: changed }, read).allowed).toBe(false);
  });

  test('status and deletion', () => {
    const kind = RuleKind.names;
    expect(review({ operation: 'UPDATE', kind, subresource: 'status', object: bad }, read).allowed).toBe(true);
    expect(review({ operation: 'DELETE', kind, oldObject: bad }, read).allowed).toBe(true);
  });
});
