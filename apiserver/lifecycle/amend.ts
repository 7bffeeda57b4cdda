import type { Core } from '../core.ts';
import type { ApiObject } from '../object.ts';
import type { Resource } from '../registry/resource.ts';
import { type Entry, objectOf } from '../storage/entry.ts';
import type { Target } from '../verbs/target.ts';
import { isHeld } from '../verbs/update.ts';

/**
 * The server's own change of an object: finalizers, owner references, status. It is not validated, because an object that became
 * invalid by a newer schema must still be able to go away. A terminating object that nothing holds any more is removed.
 */
export async function amend(
  core: Core,
  resource: Resource,
  entry: Entry,
  change: (object: ApiObject) => void,
): Promise<void> {
  const object = objectOf(entry);
  change(object);
  const { metadata } = object;
  if (metadata.finalizers?.length === 0) delete metadata.finalizers;
  if (metadata.ownerReferences?.length === 0) delete metadata.ownerReferences;
  const gone = metadata.deletionTimestamp !== undefined && !isHeld({ resource }, object);
  await (gone ? core.store.remove(resource.collection, object) : core.store.put(resource.collection, object));
}

/** A target for the server's own use: an object in the version it is stored in. */
export function storedTarget(resource: Resource, entry: Pick<Entry, 'namespace' | 'name'>): Target {
  const version = resource.versions.get(resource.storageVersion) ?? [...resource.versions.values()][0];
  if (version === undefined) throw new Error(`${resource.plural}.${resource.group} is served in no version`);
  return { resource, version, namespace: entry.namespace, name: entry.name };
}

/** Resource of a collection; undefined when its kind is not served any more. */
export function resourceOfCollection(
  core: Core,
  { group, plural }: { readonly group: string; readonly plural: string },
): Resource | undefined {
  return core.registry.find(group === 'core' ? '' : group, plural);
}
