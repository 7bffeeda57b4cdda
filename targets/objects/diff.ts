import type { KubernetesObject, OwnerReference } from '@causeway/apis/meta/object';
import { keyOf, objectKeyText } from '@causeway/apis/meta/object';
import { sameJson } from './same-json.ts';

/**
 * Which labels and annotations belong to us. The others were put there by
 * somebody else: they are kept and never count as a difference.
 */
export interface ManagedMetadata {
  label(key: string): boolean;
  annotation(key: string): boolean;
}

export interface ObjectChanges {
  readonly create: readonly KubernetesObject[];
  /** What to send: the stored object with our part replaced, so its resourceVersion guards against lost updates. */
  readonly update: readonly KubernetesObject[];
  /** As stored. */
  readonly remove: readonly KubernetesObject[];
}

/**
 * What has to be done so that the objects of one owner become `want`.
 *
 * Objects are paired by namespace and name. A pair differs when the wanted
 * owners are missing, a managed label or annotation differs, or anything
 * outside `metadata` and `status` does.
 *
 * @param have every stored object that carries the owner's stamp; those that are being deleted are left alone
 */
export function diffObjects(
  want: readonly KubernetesObject[],
  have: readonly KubernetesObject[],
  managed: ManagedMetadata,
): ObjectChanges {
  const stored = new Map(have.map((object) => [objectKeyText(keyOf(object)), object]));
  const create: KubernetesObject[] = [];
  const update: KubernetesObject[] = [];
  for (const wanted of want) {
    const key = objectKeyText(keyOf(wanted));
    const current = stored.get(key);
    stored.delete(key);
    if (current === undefined) {
      create.push(wanted);
    } else if (current.metadata.deletionTimestamp === undefined) {
      const next = replaceOurPart(current, wanted, managed);
      if (next !== undefined) update.push(next);
    }
  }
  const remove = [...stored.values()].filter((object) => object.metadata.deletionTimestamp === undefined);
  return { create, update, remove };
}

/** `undefined` when `current` already means the same. */
function replaceOurPart(
  current: KubernetesObject,
  wanted: KubernetesObject,
  managed: ManagedMetadata,
): KubernetesObject | undefined {
  const labels = replaceManaged(current.metadata.labels, wanted.metadata.labels, managed.label);
  const annotations = replaceManaged(current.metadata.annotations, wanted.metadata.annotations, managed.annotation);
  const ownerReferences = withOwners(current.metadata.ownerReferences ?? [], wanted.metadata.ownerReferences ?? []);
  const same =
    sameJson(labels, current.metadata.labels ?? {}) &&
    sameJson(annotations, current.metadata.annotations ?? {}) &&
    sameJson(ownerReferences, current.metadata.ownerReferences ?? []) &&
    sameJson(bodyOf(wanted), bodyOf(current));
  if (same) return undefined;
  const status: { status?: unknown } = 'status' in current ? { status: current.status } : {};
  return { ...wanted, ...status, metadata: { ...current.metadata, labels, annotations, ownerReferences } };
}

/** What the object says, without its names and what others report about it. */
function bodyOf(object: KubernetesObject & { readonly status?: unknown }): Readonly<Record<string, unknown>> {
  const { apiVersion: _version, kind: _kind, metadata: _metadata, status: _status, ...body } = object;
  return body;
}

function replaceManaged(
  current: Readonly<Record<string, string>> | undefined,
  wanted: Readonly<Record<string, string>> | undefined,
  isManaged: (key: string) => boolean,
): Readonly<Record<string, string>> {
  const foreign = Object.entries(current ?? {}).filter(([key]) => !isManaged(key));
  return Object.fromEntries([...foreign, ...Object.entries(wanted ?? {})]);
}

/** Foreign owners stay; a wanted owner replaces one of the same kind and name (its object may have been made anew). */
function withOwners(current: readonly OwnerReference[], wanted: readonly OwnerReference[]): readonly OwnerReference[] {
  const isReplaced = (owner: OwnerReference) =>
    wanted.some((other) => other.kind === owner.kind && other.name === owner.name);
  return [...current.filter((owner) => !isReplaced(owner)), ...wanted];
}
