import { createHash } from 'node:crypto';
import type { KubernetesObject, OwnerReference } from '@causeway/apis/meta/object';
import { keyOf, objectKeyText } from '@causeway/apis/meta/object';
import { mergePatch } from './merge-patch.ts';

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
  readonly update: readonly ObjectUpdate[];
  /** As stored. */
  readonly remove: readonly KubernetesObject[];
}

export interface ObjectUpdate {
  /** As stored. */
  readonly object: KubernetesObject;
  /** JSON merge patch. It touches our part only, because the snapshot does not hold objects as a whole. */
  readonly patch: Readonly<Record<string, unknown>>;
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
  const update: ObjectUpdate[] = [];
  for (const wanted of want) {
    const key = objectKeyText(keyOf(wanted));
    const current = stored.get(key);
    stored.delete(key);
    if (current === undefined) {
      create.push(wanted);
    } else if (current.metadata.deletionTimestamp === undefined) {
      const patch = patchOurPart(current, wanted, managed);
      if (patch !== undefined) update.push({ object: current, patch });
    }
  }
  const remove = [...stored.values()].filter((object) => object.metadata.deletionTimestamp === undefined);
  return { create, update, remove };
}

/** Holds what was last wanted of an object that the API server fills with defaults. */
const WANTED_HASH = 'alb.cpaas.io/wanted-hash';

/**
 * The same for objects whose defaults the API server fills in (a Deployment): they are told apart by a hash of what was
 * wanted, which they carry, so that defaults and other spellings of a quantity are no difference. What others change in
 * them stays until something else is wanted.
 *
 * @param isEdited of those that others have changed what is taken back
 */
export function diffDefaultedObjects(
  want: readonly KubernetesObject[],
  have: readonly KubernetesObject[],
  managed: ManagedMetadata,
  isEdited: (stored: KubernetesObject) => boolean = () => false,
): ObjectChanges {
  const stamped = want.map(withHash);
  const { create, update, remove } = diffObjects(stamped, have, managed);
  const hashes = new Map(stamped.map((object) => [objectKeyText(keyOf(object)), hashOf(object)]));
  return {
    create,
    update: update.filter(
      ({ object }) => hashes.get(objectKeyText(keyOf(object))) !== hashOf(object) || isEdited(object),
    ),
    remove,
  };
}

function withHash(object: KubernetesObject): KubernetesObject {
  const { labels, annotations, name } = object.metadata;
  const text = JSON.stringify([name, labels, annotations, bodyOf(object)]);
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return { ...object, metadata: { ...object.metadata, annotations: { ...annotations, [WANTED_HASH]: hash } } };
}

function hashOf({ metadata: { annotations } }: KubernetesObject): string | undefined {
  return annotations?.[WANTED_HASH];
}

/** `undefined` when `current` already means the same. */
function patchOurPart(
  current: KubernetesObject,
  wanted: KubernetesObject,
  managed: ManagedMetadata,
): ObjectUpdate['patch'] | undefined {
  const { labels = {}, annotations = {}, ownerReferences = [] } = current.metadata;
  const metadata = mergePatch(
    { labels, annotations, ownerReferences },
    {
      labels: replaceManaged(labels, wanted.metadata.labels, managed.label),
      annotations: replaceManaged(annotations, wanted.metadata.annotations, managed.annotation),
      ownerReferences: withOwners(ownerReferences, wanted.metadata.ownerReferences ?? []),
    },
  );
  const body = mergePatch(bodyOf(current), bodyOf(wanted));
  if (metadata === undefined && body === undefined) return undefined;
  const { uid, resourceVersion } = current.metadata;
  return { ...body, metadata: { uid, resourceVersion, ...metadata } };
}

/** What the object says, without its names and what others report about it. */
function bodyOf(object: KubernetesObject & { readonly status?: unknown }): Readonly<Record<string, unknown>> {
  const { apiVersion: _version, kind: _kind, metadata: _metadata, status: _status, ...body } = object;
  return body;
}

function replaceManaged(
  current: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>> | undefined,
  isManaged: (key: string) => boolean,
): Readonly<Record<string, string>> {
  const foreign = Object.entries(current).filter(([key]) => !isManaged(key));
  return Object.fromEntries([...foreign, ...Object.entries(wanted ?? {})]);
}

/** Foreign owners stay; a wanted owner replaces one of the same kind and name (its object may have been made anew). */
function withOwners(current: readonly OwnerReference[], wanted: readonly OwnerReference[]): readonly OwnerReference[] {
  const isReplaced = (owner: OwnerReference) =>
    wanted.some((other) => other.kind === owner.kind && other.name === owner.name);
  return [...current.filter((owner) => !isReplaced(owner)), ...wanted];
}
