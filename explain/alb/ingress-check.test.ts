import { keyOf } from '@causeway/apis/meta/object';
import { describe, expect, test } from 'vitest';
import { viewOf } from '../testing/view-of.ts';
import { checkIngress } from './ingress-check.ts';
import { renderIngressCheck } from './ingress-check-text.ts';

const OBJECTS = `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { cpaas.io/project: retail } }
---
apiVersion: v1
kind: Namespace
metadata: { name: free }
---
${ingress('shop', 'any', '')}
---
${ingress('shop', 'classy', 'ingressClassName: all')}
---
${ingress('free', 'any', '')}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: secure, namespace: shop }
spec:
  ingressClassName: http-only
  tls: [{ hosts: [a.com], secretName: tls }]
  rules: [{ host: a.com, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: s, port: { number: 80 } } } }] } }]
---
${alb('all', 'projects: [ALL_ALL]')}
---
${alb('retail', 'projects: [retail, bank]')}
---
${alb('nobody', '')}
---
${alb('off', 'projects: [ALL_ALL], enableIngress: "false"')}
---
${alb('no-rules', 'projects: [ALL_ALL], enableALb: false')}
---
${alb('http-only', 'projects: [ALL_ALL], ingressHTTPSPort: 0')}
---
${alb('no-ports', 'projects: [ALL_ALL], ingressHTTPPort: 0, ingressHTTPSPort: 0')}
---
${alb('by-port', 'enablePortProject: true')}
---
${alb('taken', 'projects: [ALL_ALL]')}
---
apiVersion: crd.alauda.io/v1
kind: Frontend
metadata: { name: taken, namespace: sys, labels: { alb2.cpaas.io/name: taken } }
spec: { port: 80, protocol: grpc }
---
apiVersion: crd.alauda.io/v2beta1
kind: ALB2
metadata: { name: bare, namespace: sys }
spec: { type: nginx }
`;

const view = viewOf(OBJECTS);

function ingress(namespace: string, name: string, spec: string): string {
  return `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  ${spec}
  rules: [{ http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: s, port: { number: 80 } } } }] } }]`;
}

function alb(name: string, config: string): string {
  return `
apiVersion: crd.alauda.io/v2beta1
kind: ALB2
metadata: { name: ${name}, namespace: sys }
spec: { type: nginx, config: { ${config} } }`;
}

function check(namespace: string, name: string) {
  return checkIngress(view, { namespace, name }, view.all('ALB2').map(keyOf));
}

describe('why an ALB serves an Ingress or not', () => {
  const cases = [
    { alb: 'all', of: 'shop/any', serves: true, reason: 'the Ingress asks for no class; every project' },
    { alb: 'retail', of: 'shop/any', serves: true, reason: 'the Ingress asks for no class; project retail' },
    { alb: 'all', of: 'shop/classy', serves: true, reason: 'class all; every project' },
    { alb: 'retail', of: 'shop/classy', serves: false, reason: 'class: the Ingress asks for class all' },
    {
      alb: 'retail',
      of: 'free/any',
      serves: false,
      reason: 'project: namespace free has no label cpaas.io/project, this ALB serves bank, retail',
    },
    {
      alb: 'nobody',
      of: 'shop/any',
      serves: false,
      reason:
        'project: namespace shop belongs to retail, and spec.config.projects is empty: this ALB serves no project',
    },
    { alb: 'off', of: 'shop/any', serves: false, reason: 'spec.config.enableIngress is "false"' },
    { alb: 'bare', of: 'shop/any', serves: false, reason: 'spec.config is missing, such an ALB2 is ignored' },
    {
      alb: 'no-rules',
      of: 'shop/any',
      serves: false,
      reason: 'spec.config.enableALb is false: it serves no Frontends and Rules',
    },
    { alb: 'by-port', of: 'shop/any', serves: false, reason: 'port project: there is no Frontend for port 80' },
    {
      alb: 'http-only',
      of: 'shop/secure',
      serves: false,
      reason: 'it has no port for the hosts of this Ingress (ingressHTTPSPort is 0)',
    },
    {
      alb: 'no-ports',
      of: 'shop/any',
      serves: false,
      reason: 'it has no port for the hosts of this Ingress (ingressHTTPPort is 0, ingressHTTPSPort is 0)',
    },
    { alb: 'taken', of: 'shop/any', serves: false, reason: 'port 80: its Frontend speaks grpc, not http' },
  ];
  for (const c of cases) {
    test(`${c.alb} and ${c.of}`, () => {
      const [namespace = '', name = ''] = c.of.split('/');
      const found = check(namespace, name)?.albs.find((one) => one.alb === `sys/${c.alb}`);
      expect(found).toMatchObject({ serves: c.serves, reason: c.reason });
    });
  }
});

test('says where it is served, and that its Rules are not made yet', () => {
  const [all] = check('shop', 'classy')?.albs ?? [];
  expect(all).toMatchObject({
    alb: 'sys/all',
    ports: [{ port: 80, protocol: 'http', frontend: 'all-00080', rules: 1, rulesInPlace: 0 }],
  });
});

test('an Ingress that does not exist', () => {
  expect(check('shop', 'nothing')).toBeUndefined();
});

test('reads well', () => {
  const all = check('shop', 'classy');
  if (all === undefined) throw new Error('no Ingress');
  const shown = { ...all, albs: all.albs.slice(0, 1) };
  expect(renderIngressCheck(shown, 9)).toBe(
    [
      'Ingress shop/classy: class all, project retail',
      '',
      'ALB       SERVES   PORTS                       WHY',
      'sys/all   yes      80 http (0 of 1 rule yet)   class all; every project',
      '',
      'data planes of other classes: 9; --all lists them',
    ].join('\n'),
  );
});
