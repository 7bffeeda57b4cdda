import type { KubernetesObject } from '@causeway/apis/meta/object';
import { describe, expect, test } from 'vitest';
import { diffObjects, type ManagedMetadata } from './diff.ts';

type Rule = KubernetesObject & { readonly spec: { readonly priority: number; readonly kind?: string } };

const managed: ManagedMetadata = { label: (key) => key.startsWith('alb'), annotation: (key) => key.startsWith('alb') };

function rule(name: string, change: Partial<Rule['metadata']> = {}, spec: Rule['spec'] = { priority: 5 }): Rule {
  return { apiVersion: 'crd.alauda.io/v1', kind: 'Rule', metadata: { name, namespace: 'ns', ...change }, spec };
}

describe('an object that is stored', () => {
  const stored = {
    uid: 'u1',
    resourceVersion: '7',
    labels: { 'alb2.cpaas.io/name': 'a', team: 'x' },
    annotations: { note: 'mine' },
  };
  const cases = [
    { name: 'equal', want: rule('r', { labels: { 'alb2.cpaas.io/name': 'a' } }), patch: undefined },
    {
      name: 'other spec',
      want: rule('r', { labels: { 'alb2.cpaas.io/name': 'a' } }, { priority: 4 }),
      patch: { metadata: { uid: 'u1', resourceVersion: '7' }, spec: { priority: 4 } },
    },
    {
      name: 'a member called like a top-level one counts inside spec',
      want: rule('r', { labels: { 'alb2.cpaas.io/name': 'a' } }, { priority: 5, kind: 'x' }),
      patch: { metadata: { uid: 'u1', resourceVersion: '7' }, spec: { kind: 'x' } },
    },
    {
      name: 'managed label not wanted any more; the foreign label stays',
      want: rule('r', {}),
      patch: { metadata: { uid: 'u1', resourceVersion: '7', labels: { 'alb2.cpaas.io/name': null } } },
    },
  ];
  for (const c of cases) {
    test(c.name, () => {
      const have = rule('r', stored);
      const changes = diffObjects([c.want], [have], managed);
      const update = c.patch === undefined ? [] : [{ object: have, patch: c.patch }];
      expect(changes).toEqual({ create: [], update, remove: [] });
    });
  }

  test('gets the new uid of an owner that was made anew, and keeps foreign owners', () => {
    const owner = { apiVersion: 'v1', kind: 'Frontend', name: 'f', uid: 'new' };
    const foreign = { apiVersion: 'v1', kind: 'ConfigMap', name: 'c', uid: 'c1' };
    const have = rule('r', { ownerReferences: [{ ...owner, uid: 'old' }, foreign] });
    const { update } = diffObjects([rule('r', { ownerReferences: [owner] })], [have], managed);
    expect(update[0]?.patch).toEqual({ metadata: { ownerReferences: [foreign, owner] } });
  });
});

test('missing objects are created, surplus ones removed, dying ones left alone', () => {
  const dying = rule('dying', { deletionTimestamp: '2026-01-01T00:00:00Z' });
  const changes = diffObjects([rule('new')], [rule('old'), dying], managed);
  expect(changes).toEqual({ create: [rule('new')], update: [], remove: [rule('old')] });
});
