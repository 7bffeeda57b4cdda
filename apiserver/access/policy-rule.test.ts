import { describe, expect, test } from 'vitest';
import { attributesOf } from './attributes.ts';
import { notCovered, type PolicyRule, ruleAllows } from './policy-rule.ts';

function rule(given: Partial<PolicyRule>): PolicyRule {
  return { verbs: [], apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: [], ...given };
}

function allows(given: Partial<PolicyRule>, line: string): boolean {
  const [method = '', url = ''] = line.split(' ');
  const [path = '', query = ''] = url.split('?');
  const elements = path.split('/').filter((element) => element !== '');
  return ruleAllows(rule(given), attributesOf({ method, path: elements, query: new URLSearchParams(query) }));
}

const PODS = { apiGroups: [''], resources: ['pods'] };

describe('a rule allows', () => {
  test.each<[Partial<PolicyRule>, string, boolean]>([
    [{ ...PODS, verbs: ['get'] }, 'GET /api/v1/namespaces/a/pods/x', true],
    [{ ...PODS, verbs: ['get'] }, 'HEAD /api/v1/namespaces/a/pods/x', true],
    [{ ...PODS, verbs: ['get'] }, 'GET /api/v1/namespaces/a/pods', false],
    [{ ...PODS, verbs: ['list'] }, 'GET /api/v1/pods', true],
    [{ ...PODS, verbs: ['list'] }, 'GET /api/v1/pods?watch=true', false],
    [{ ...PODS, verbs: ['watch'] }, 'GET /api/v1/pods?watch=1', true],
    [{ ...PODS, verbs: ['watch'] }, 'GET /api/v1/namespaces/a/pods/x?watch=true', true],
    [{ ...PODS, verbs: ['create'] }, 'POST /api/v1/namespaces/a/pods', true],
    [{ ...PODS, verbs: ['update'] }, 'PATCH /api/v1/namespaces/a/pods/x', false],
    [{ ...PODS, verbs: ['delete'] }, 'DELETE /api/v1/namespaces/a/pods/x', true],
    [{ ...PODS, verbs: ['delete'] }, 'DELETE /api/v1/namespaces/a/pods', false],
    [{ ...PODS, verbs: ['deletecollection'] }, 'DELETE /api/v1/namespaces/a/pods', true],
    [{ ...PODS, verbs: ['*'] }, 'PUT /api/v1/namespaces/a/pods/x/status', false],
    [{ ...PODS, resources: ['pods/status'], verbs: ['update'] }, 'PUT /api/v1/namespaces/a/pods/x/status', true],
    [{ ...PODS, resources: ['*/status'], verbs: ['update'] }, 'PUT /api/v1/namespaces/a/pods/x/status', true],
    [{ ...PODS, resources: ['*'], verbs: ['update'] }, 'PUT /api/v1/namespaces/a/pods/x/status', true],
    [{ ...PODS, verbs: ['get'], resourceNames: ['x'] }, 'GET /api/v1/namespaces/a/pods/x', true],
    [{ ...PODS, verbs: ['get'], resourceNames: ['x'] }, 'GET /api/v1/namespaces/a/pods/y', false],
    [{ ...PODS, verbs: ['list'], resourceNames: ['x'] }, 'GET /api/v1/namespaces/a/pods', false],
    [{ ...PODS, verbs: ['list'], resourceNames: ['x'] }, 'GET /api/v1/pods?fieldSelector=metadata.name%3Dx', true],
    [{ ...PODS, verbs: ['create'], resourceNames: ['x'] }, 'POST /api/v1/namespaces/a/pods', false],
    [{ verbs: ['get'], apiGroups: ['apps'], resources: ['pods'] }, 'GET /api/v1/namespaces/a/pods/x', false],
    [
      { verbs: ['get'], apiGroups: ['*'], resources: ['deployments'] },
      'GET /apis/apps/v1/namespaces/a/deployments/x',
      true,
    ],
    [{ verbs: ['get'], apiGroups: [''], resources: ['namespaces'] }, 'GET /api/v1/namespaces/a', true],
    [
      { verbs: ['update'], apiGroups: [''], resources: ['namespaces/finalize'] },
      'PUT /api/v1/namespaces/a/finalize',
      true,
    ],
    [{ verbs: ['get'], nonResourceURLs: ['/healthz'] }, 'GET /healthz', true],
    [{ verbs: ['get'], nonResourceURLs: ['/apis/*'] }, 'GET /apis/apps', true],
    [{ verbs: ['get'], nonResourceURLs: ['/apis/*'] }, 'GET /api', false],
    [{ verbs: ['get'], nonResourceURLs: ['*'] }, 'GET /', true],
    [{ verbs: ['get'], nonResourceURLs: ['*'] }, 'POST /', false],
    [{ verbs: ['*'], nonResourceURLs: ['*'] }, 'GET /api/v1/pods', false],
  ])('%j: %s: %s', (given, line, want) => {
    expect(allows(given, line)).toBe(want);
  });
});

describe('what somebody does not have', () => {
  const all = rule({ verbs: ['*'], apiGroups: ['*'], resources: ['*'] });
  test.each<[string, PolicyRule[], PolicyRule, number]>([
    ['all', [all], rule({ ...PODS, verbs: ['get', 'list'] }), 0],
    ['nothing', [], rule({ ...PODS, verbs: ['get', 'list'] }), 2],
    ['one verb', [rule({ ...PODS, verbs: ['get'] })], rule({ ...PODS, verbs: ['get', 'list'] }), 1],
    [
      'in two rules',
      [rule({ ...PODS, verbs: ['get'] }), rule({ ...PODS, verbs: ['list'] })],
      rule({ ...PODS, verbs: ['get', 'list'] }),
      0,
    ],
    ['one name', [rule({ ...PODS, verbs: ['get'], resourceNames: ['x'] })], rule({ ...PODS, verbs: ['get'] }), 1],
    [
      'that name',
      [rule({ ...PODS, verbs: ['get'], resourceNames: ['x'] })],
      rule({ ...PODS, verbs: ['get'], resourceNames: ['x'] }),
      0,
    ],
    [
      'a star is more than all known verbs',
      [rule({ ...PODS, verbs: ['get', 'list'] })],
      rule({ ...PODS, verbs: ['*'] }),
      1,
    ],
    [
      'paths',
      [rule({ verbs: ['get'], nonResourceURLs: ['/a/*'] })],
      rule({ verbs: ['get'], nonResourceURLs: ['/a/b', '/b'] }),
      1,
    ],
  ])('%s', (_title, owned, wanted, count) => {
    expect(notCovered(owned, [wanted])).toHaveLength(count);
  });
});
