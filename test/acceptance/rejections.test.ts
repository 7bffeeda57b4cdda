/** Issue 2: invalid objects are refused, and the message of kubectl names the field. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALB_NAMESPACE, Installation } from './installation.ts';
import { frontend, group, rule } from './objects.ts';

let home: Installation;

beforeAll(async () => {
  home = await Installation.start();
  await home.addAlb('alb-demo');
  await home.apply(
    frontend('alb-demo', 'web', 18_080),
    frontend('alb-demo', 'layer4', 18_081, { protocol: 'tcp', serviceGroup: group({ app: 100 }) }),
  );
});

afterAll(() => home.stop());

function ruleWith(spec: unknown, frontendName = 'web'): unknown {
  const valid = rule(
    { alb: 'alb-demo', frontend: frontendName, name: 'refused' },
    { serviceGroup: group({ app: 100 }) },
  );
  return { ...valid, spec: { ...valid.spec, ...(spec as object) } };
}

function withTerm(term: unknown): unknown {
  return ruleWith({ dslx: [term] });
}

const url = { type: 'URL', values: [['STARTS_WITH', '/']] };

const cases: readonly { readonly name: string; readonly object: unknown; readonly says: readonly string[] }[] = [
  {
    name: 'unknown operator (3.4)',
    object: withTerm({ type: 'URL', values: [['LIKE', '/']] }),
    says: ['spec.dslx[0].values[0]', 'LIKE'],
  },
  {
    name: 'unknown type (3.4)',
    object: withTerm({ type: 'BODY', values: [['EQ', 'x']] }),
    says: ['spec.dslx[0].type'],
  },
  { name: 'empty dslx (3.4)', object: ruleWith({ dslx: [] }), says: ['spec.dslx'] },
  { name: 'no dslx (3.4)', object: ruleWith({}), says: ['spec.dslx'] },
  { name: 'empty row (3.4)', object: withTerm({ type: 'URL', values: [[]] }), says: ['spec.dslx[0].values[0]'] },
  {
    name: 'operand count (3.4)',
    object: withTerm({ type: 'URL', values: [['EQ', '/a', '/b']] }),
    says: ['spec.dslx[0].values[0]'],
  },
  {
    name: 'RANGE with one operand (3.4)',
    object: withTerm({ type: 'SRC_IP', values: [['RANGE', '1.1.1.1']] }),
    says: ['spec.dslx[0].values[0]'],
  },
  {
    name: 'EXIST on HOST (3.2)',
    object: withTerm({ type: 'HOST', values: [['EXIST']] }),
    says: ['spec.dslx[0].values[0]'],
  },
  {
    name: 'key on URL (3.4)',
    object: withTerm({ type: 'URL', key: 'x', values: [['EQ', '/']] }),
    says: ['spec.dslx[0].key'],
  },
  {
    name: 'no key on HEADER (3.4)',
    object: withTerm({ type: 'HEADER', values: [['EQ', 'x']] }),
    says: ['spec.dslx[0].key'],
  },
  {
    name: 'regex that does not compile (3.4)',
    object: withTerm({ type: 'URL', values: [['REGEX', '^/(']] }),
    says: ['spec.dslx[0].values[0]'],
  },
  {
    name: 'range start above end (ALB-10)',
    object: withTerm({ type: 'SRC_IP', values: [['RANGE', '10.0.0.9', '10.0.0.1']] }),
    says: ['spec.dslx[0].values[0]', 'range start above end'],
  },
  { name: 'priority out of range (4)', object: ruleWith({ dslx: [url], priority: 1001 }), says: ['spec.priority'] },
  {
    name: 'rewrite_base that does not compile (ALB-72)',
    object: ruleWith({ dslx: [url], rewrite_base: '(', rewrite_target: '/' }),
    says: ['spec.rewrite_base'],
  },
  {
    name: 'redirect code (ALB-69)',
    object: ruleWith({ dslx: [url], config: { redirect: { code: 200, url: '/' } } }),
    says: ['spec.config.redirect.code'],
  },
  {
    name: 'unknown affinity policy (6.2)',
    object: ruleWith({ dslx: [url], serviceGroup: { ...group({ app: 100 }), session_affinity_policy: 'random' } }),
    says: ['spec.serviceGroup.session_affinity_policy'],
  },
  {
    name: 'header affinity without attribute (ALB-53)',
    object: ruleWith({ dslx: [url], serviceGroup: { ...group({ app: 100 }), session_affinity_policy: 'header' } }),
    says: ['spec.serviceGroup.session_affinity_attribute'],
  },
  {
    name: 'Rule on a tcp Frontend (ALB-05)',
    object: rule(
      { alb: 'alb-demo', frontend: 'layer4', name: 'refused' },
      { dslx: [{ type: 'URL', values: [['EQ', '/']] }], serviceGroup: group({ app: 100 }) },
    ),
    says: ['layer4', 'tcp'],
  },
  {
    name: 'certificate without domain (2.3)',
    object: ruleWith({ dslx: [url], certificate_name: 'default/c' }),
    says: ['spec.domain'],
  },
  { name: 'Frontend port 70000 (ALB-04)', object: frontend('alb-demo', 'refused', 70_000), says: ['spec.port'] },
  { name: 'Frontend port 0 (2.2)', object: frontend('alb-demo', 'refused', 0), says: ['spec.port'] },
  {
    name: 'tcp without serviceGroup (ALB-04)',
    object: frontend('alb-demo', 'refused', 18_082, { protocol: 'tcp' }),
    says: ['spec.serviceGroup', 'required for tcp'],
  },
  {
    name: 'Frontend protocol unknown (2.2)',
    object: { ...frontend('alb-demo', 'refused', 18_083), spec: { port: 18_083, protocol: 'ftp' } },
    says: ['spec.protocol'],
  },
  {
    name: 'grpcs without certificate (2.2)',
    object: frontend('alb-demo', 'refused', 18_084, { protocol: 'grpcs' }),
    says: ['spec.certificate_name'],
  },
  {
    name: 'the port of another Frontend (ALB-04)',
    object: frontend('alb-demo', 'refused', 18_080),
    says: ['spec.port', 'web'],
  },
  {
    name: 'tcp affinity by cookie (ALB-56)',
    object: frontend('alb-demo', 'refused', 18_085, {
      protocol: 'tcp',
      serviceGroup: { ...group({ app: 100 }), session_affinity_policy: 'cookie' },
    }),
    says: ['spec.serviceGroup.session_affinity_policy'],
  },
];

describe('kubectl apply is refused, with the field:', () => {
  test.each(cases)('$name', async ({ object, says }) => {
    const { code, stderr, stdout } = await home.tryApply(object);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    for (const text of says) expect(stderr).toContain(text);
  });
});

test('a Rule that was accepted cannot be patched into an invalid one, and nothing of what was refused is stored', async () => {
  await home.apply(
    rule(
      { alb: 'alb-demo', frontend: 'web', name: 'good' },
      { dslx: [{ type: 'URL', values: [['EQ', '/']] }], serviceGroup: group({ app: 100 }) },
    ),
  );
  const { code, stderr } = await home.tryKubectl([
    ...['patch', 'rule', 'good', '-n', ALB_NAMESPACE, '--type=json'],
    ...['-p', '[{"op":"replace","path":"/spec/dslx/0/values/0/0","value":"NOPE"}]'],
  ]);
  expect(code).toBe(1);
  expect(stderr).toContain('spec.dslx[0].values[0]');
  expect((await home.list('Rule')).map(({ metadata }) => metadata.name)).toEqual(['good']);
  expect((await home.list('Frontend')).map(({ metadata }) => metadata.name)).toEqual(['layer4', 'web']);
  expect((await home.list('ALB2')).map(({ metadata }) => metadata.name)).toEqual(['alb-demo']);
});
