import type { KindRef } from '@causeway/apis/meta/kind';
import type { KubernetesObject, ObjectMeta } from '@causeway/apis/meta/object';

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** Types of Secret that something of ours reads; others (Helm releases, service account tokens) are large and many. */
const secretTypes: ReadonlySet<string> = new Set(['kubernetes.io/tls', 'Opaque']);

/** Kinds of which nothing but the metadata is read: schemas are larger than all else together. */
export function isReadByMetadata({ group }: KindRef): boolean {
  return group === 'apiextensions.k8s.io';
}

/** Whether the snapshot keeps the object at all. */
export function isKept(object: KubernetesObject): boolean {
  if (object.kind !== 'Secret') return true;
  // An absent type means Opaque.
  return !('type' in object) || typeof object.type !== 'string' || secretTypes.has(object.type);
}

/**
 * The object without its bookkeeping for editors (`managedFields` and kubectl's
 * copy of the applied manifest), which is often more than half of its size.
 *
 * So never write an object of the snapshot back as a whole: patch it.
 */
export function storedForm(object: KubernetesObject): KubernetesObject {
  const { managedFields, annotations, ...metadata } = object.metadata as ObjectMeta & { managedFields?: unknown };
  if (managedFields === undefined && annotations?.[lastApplied] === undefined) return object;
  return { ...object, metadata: { ...metadata, ...keptAnnotations(annotations) } };
}

function keptAnnotations(annotations: ObjectMeta['annotations']): Pick<ObjectMeta, 'annotations'> {
  if (annotations === undefined) return {};
  const { [lastApplied]: _dropped, ...kept } = annotations;
  return Object.keys(kept).length === 0 ? {} : { annotations: kept };
}
