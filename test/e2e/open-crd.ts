/** Kinds that the embedded API server does not have, as plain CRDs without a schema. */
import type { KindRef } from '@causeway/apis/meta/kind';
import type { KubernetesObject } from '@causeway/apis/meta/object';

export const CRD: KindRef = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};

export function openCrd({ group, kind, plural, version }: KindRef): KubernetesObject {
  const openAPIV3Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const spec = {
    group,
    names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
    scope: 'Cluster',
    versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema } }],
  };
  const annotations = { 'api-approved.kubernetes.io': 'https://github.com/kubernetes/kubernetes/pull/1' };
  const metadata = { name: `${plural}.${group}`, annotations };
  return { apiVersion: 'apiextensions.k8s.io/v1', kind: CRD.kind, metadata, spec } as KubernetesObject;
}
