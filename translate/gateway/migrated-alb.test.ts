import type { ALB2 } from '@causeway/apis/gateway/alb2';
import { deepFreeze } from '@causeway/test/golden/cases';
import { expect, test } from 'vitest';
import { migratedAlb } from './migrated-alb.ts';

function alb(backup: string, config?: ALB2['spec']['config']): ALB2 {
  return deepFreeze({
    apiVersion: 'crd.alauda.io/v2beta1',
    kind: 'ALB2',
    metadata: {
      name: 'a',
      namespace: 'kube-system',
      annotations: { 'alb.cpaas.io/migrate-backup': backup, other: 'stays' },
    },
    spec: { type: 'nginx', ...(config === undefined ? {} : { config }) },
  });
}

test('a config in the annotation moves into the spec, unknown fields too', () => {
  const { spec, metadata } = migratedAlb(alb('{"replicas":1,"later":{"x":1}}'));
  expect(spec.config).toEqual({ replicas: 1, later: { x: 1 } });
  expect(metadata.annotations).toEqual({ other: 'stays' });
});

test('a config that is there wins, and the annotation stays', () => {
  const both = alb('{"replicas":1}', { replicas: 2 });
  expect(migratedAlb(both)).toBe(both);
});

test('a text that is no config stays where it is', () => {
  const broken = alb('{"replicas":');
  expect(migratedAlb(broken)).toBe(broken);
});
