import assert from 'node:assert/strict';
import type { KindRef } from '@causeway/apis/meta/kind';
import type { ObjectKey } from '@causeway/apis/meta/object';

/**
 * `/api/v1/namespaces/ns/services`, `/apis/crd.alauda.io/v1/rules`.
 *
 * Source: Kubernetes API concepts, "Resource URIs".
 *
 * @param namespace absent: all namespaces, or the kind has none
 */
export function collectionPath(kind: KindRef, namespace?: string): string {
  const group = kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  if (namespace === undefined || namespace === '') return `${group}/${kind.plural}`;
  assert(kind.namespaced, `${kind.kind} has no namespace, yet ${namespace} is given`);
  return `${group}/namespaces/${encodeURIComponent(namespace)}/${kind.plural}`;
}

/** @param subresource `status` and the like */
export function objectPath(kind: KindRef, key: ObjectKey, subresource?: string): string {
  assert(key.name !== '', `${kind.kind} without a name`);
  assert(!kind.namespaced || key.namespace !== '', `${kind.kind} ${key.name} without a namespace`);
  const path = `${collectionPath(kind, key.namespace)}/${encodeURIComponent(key.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

/** `?a=b&c=d`, or `''`; undefined values are left out. */
export function queryText(parameters: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) query.append(name, value);
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}
