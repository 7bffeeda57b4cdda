import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { KindRef } from '@causeway/apis/meta/kind';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import { ALB_KINDS, DATA_PLANE_KINDS } from '@causeway/controllers/data-planes';
import { ROUTE_KINDS } from '@causeway/controllers/gateway';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { KIND_REFS, type KindName } from '@causeway/resources/kinds';
import { dataPlaneRules, renderClusterRole } from '@causeway/targets/infra/access';
import { apiTargets } from '@causeway/targets/objects/api-targets';
import { DerivedObjects } from '@causeway/targets/objects/derived-objects';
import { POLICY_KINDS } from '@causeway/translate/gateway-api/policy/policy-kind';
import type { PolicyRule } from 'kubernetes-types/rbac/v1';
import { expect, test } from 'vitest';
import { controllerRules } from './access.ts';

/*
 * Roles of a cluster, held against what the programs do: who adds a kind and forgets its rights finds out here, not from a
 * program that retries for ever.
 */

const repository = path.resolve(import.meta.dirname, '../..');

function missing(
  rules: readonly PolicyRule[],
  { group }: KindRef,
  resource: string,
  verbs: readonly string[],
): string[] {
  return verbs
    .filter(
      (verb) =>
        !rules.some(
          ({ apiGroups = [], resources = [], verbs: granted }) =>
            apiGroups.includes(group) && resources.includes(resource) && granted.includes(verb),
        ),
    )
    .map((verb) => `${verb} ${resource}.${group}`);
}

const READ = ['get', 'list', 'watch'];
const unread = (rules: readonly PolicyRule[], kinds: readonly KindName[]): readonly string[] =>
  kinds.flatMap((kind) => missing(rules, KIND_REFS[kind], KIND_REFS[kind].plural, READ));

test('controllers may read every kind that reflectors read', () => {
  expect(unread(controllerRules(), Object.keys(KIND_REFS) as KindName[])).toEqual([]);
});

test('data planes may read every kind that they are made of', () => {
  expect(unread(dataPlaneRules(), DATA_PLANE_KINDS)).toEqual([]);
  const { rules } = renderClusterRole({ namespace: 'n', name: 'a' } as Parameters<typeof renderClusterRole>[0]);
  expect(unread(rules ?? [], ALB_KINDS)).toEqual([]);
});

test('controllers hold what data planes hold: nobody may give rights that he has not', () => {
  const lacking = dataPlaneRules().flatMap(({ apiGroups = [], resources = [], verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => missing(controllerRules(), { group } as KindRef, resource, verbs)),
    ),
  );
  expect(lacking).toEqual([]);
});

test('controllers may write every kind that has a target', async () => {
  const asked: { readonly kind: KindRef; readonly verb: string }[] = [];
  const answer = (verb: string) => (kind: KindRef) => {
    asked.push({ kind, verb });
    return Promise.resolve({ apiVersion: 'v1', kind: 'K', metadata: { name: 'n' } });
  };
  const api = { create: answer('create'), patch: answer('patch'), delete: answer('delete'), get: answer('get') };
  const { gateways, workloads, ...targets } = apiTargets(api as unknown as KubernetesClient);
  const object: KubernetesObject = { apiVersion: 'v1', kind: 'K', metadata: { name: 'n', finalizers: ['f'] } };
  const update = [{ object, patch: {} }];
  await gateways.put({ create: [], update });
  for (const target of [...Object.values(targets), ...Object.values(workloads)]) {
    if (!(target instanceof DerivedObjects)) continue;
    await target.put({ create: [object], update });
    await target.remove([object]);
  }
  await targets.finalizers.remove(object, ['f']);
  await targets.nginxFinalizers.remove(object, ['f']);
  const note = { object, type: 'Normal', reason: 'R', message: 'm', component: 'c' } as const;
  await targets.events.write(note);
  expect(asked.length).toBeGreaterThan(30);
  expect(asked.flatMap(({ kind, verb }) => missing(controllerRules(), kind, kind.plural, [verb]))).toEqual([]);
});

test('controllers may write the status of every kind of which the code says so', () => {
  const folder = path.join(repository, 'controllers');
  const written = readdirSync(folder)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .flatMap((file) => [...readFileSync(path.join(folder, file), 'utf8').matchAll(/status\.put\(\s*KIND_REFS\.(\w+)/g)])
    .map(([, kind]) => kind as KindName);
  expect(written.length).toBeGreaterThanOrEqual(8);
  // gateway-route-status.ts and policy-status.ts take the kind from a list.
  const kinds = [...written, ...ROUTE_KINDS, ...POLICY_KINDS].map((kind) => KIND_REFS[kind]);
  expect(kinds.flatMap((kind) => missing(controllerRules(), kind, `${kind.plural}/status`, ['patch']))).toEqual([]);
});
