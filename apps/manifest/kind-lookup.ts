import { BUILT_IN_KINDS } from '@causeway/apis/kubernetes/kinds';
import { apiVersionOf, type KindRef } from '@causeway/apis/meta/kind';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import type { CustomResourceDefinition } from 'kubernetes-types/apiextensions/v1';

/** Finds how the kind of a manifest is addressed; `undefined` when the server has no such kind. */
export type KindLookup = (object: KubernetesObject) => Promise<KindRef | undefined>;

/**
 * Knows the built-in kinds, and what the server's CustomResourceDefinitions
 * define; those are read again when a kind is unknown, since the manifest
 * before may have brought it.
 */
export function createKindLookup(client: KubernetesClient): KindLookup {
  const known = new Map<string, KindRef>();
  for (const kind of BUILT_IN_KINDS) known.set(`${apiVersionOf(kind)} ${kind.kind}`, kind);
  return async ({ apiVersion, kind }) => {
    const wanted = `${apiVersion} ${kind}`;
    if (!known.has(wanted)) {
      for (const found of await definedKinds(client)) known.set(`${apiVersionOf(found)} ${found.kind}`, found);
    }
    return known.get(wanted);
  };
}

const DEFINITION = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
} satisfies KindRef;

async function definedKinds(client: KubernetesClient): Promise<readonly KindRef[]> {
  const { items } = await client.list(DEFINITION);
  return items.flatMap((item) => {
    const { spec } = item as KubernetesObject & Pick<CustomResourceDefinition, 'spec'>;
    return spec.versions
      .filter(({ served }) => served)
      .map(({ name }) => ({
        group: spec.group,
        version: name,
        kind: spec.names.kind,
        plural: spec.names.plural,
        namespaced: spec.scope === 'Namespaced',
      }));
  });
}
