import { BUILT_IN_KINDS } from '@causeway/apis/kubernetes/kinds';
import { apiVersionOf } from '@causeway/apis/meta/kind';
import type { KubernetesObject } from '@causeway/apis/meta/object';

/** The object, in `namespace` if it says none and kinds like it are in one. */
export function inNamespace(object: KubernetesObject, namespace: string): KubernetesObject {
  const { apiVersion, kind, metadata } = object;
  const builtIn = BUILT_IN_KINDS.find((each) => each.kind === kind && apiVersionOf(each) === apiVersion);
  const cluster = builtIn?.namespaced === false || apiVersion.startsWith('config.openshift.io/');
  return cluster || metadata.namespace !== undefined ? object : { ...object, metadata: { ...metadata, namespace } };
}
