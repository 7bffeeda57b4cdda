import { type Core, strategyContext } from '../core.ts';
import type { ApiObject } from '../object.ts';
import { forbidden as forbiddenField, invalid } from '../schema/field-error.ts';
import { jsonEqual } from '../schema/json.ts';
import { badRequest, conflict, invalidObject, MODIFIED } from '../status-error.ts';
import { type Entry, objectOf, serialize } from '../storage/entry.ts';
import { recordUpdate, setOwners } from './field-record.ts';
import { headEntry, type Target } from './target.ts';
import {
  checkAddress,
  pruneUnknown,
  toRequestVersion,
  toStorageVersion,
  validateWrite,
  type WriteOptions,
  type WriteResult,
} from './write.ts';

/**
 * Replaces an object (PUT), or its status.
 *
 * @throws StatusError
 */
export function updateObject(
  core: Core,
  target: Target,
  object: ApiObject,
  options: WriteOptions,
): Promise<WriteResult> {
  const { resource, version, name } = target;
  if (object.metadata.name === '') object.metadata.name = name;
  const entry = headEntry(target);
  if (!resource.strategy.allowsUnconditionalUpdate && !object.metadata.resourceVersion) {
    const error = invalid('metadata.resourceVersion', '', 'must be specified for an update');
    throw invalidObject(version.names, name, [error]);
  }
  return replaceObject(core, target, entry, object, options);
}

/**
 * The second half of every change of an existing object: what `object` may change is taken from it, the rest stays.
 *
 * @param entry the head that `object` was computed from
 */
export async function replaceObject(
  core: Core,
  target: Target,
  entry: Entry,
  object: ApiObject,
  options: WriteOptions,
): Promise<WriteResult> {
  const { resource, version, name } = target;
  checkAddress(target, object);
  if (object.metadata.name !== name) {
    throw badRequest(`the name of the object (${object.metadata.name}) does not match the name on the URL (${name})`);
  }
  checkIdentity(target, entry, object);
  pruneUnknown(target, object, options);
  const given = object.metadata.managedFields;
  const old = objectOf(entry);
  const { apiVersion: oldVersion } = old;
  toRequestVersion(target, old);
  const next = options.subresource === 'status' ? withStatus(old, object) : withoutStatus(target, old, object);
  keepMetadata(old, next);
  if (options.subresource === '') version.schema.prepare(next, old);
  version.schema.applyDefaults(next);
  if (options.owners === undefined) recordUpdate(target, { old, next, given }, options.writer, core.now());
  else setOwners(next, options.owners);
  if (resource.strategy.hasGeneration && specChanged(old, next)) {
    next.metadata.generation = (old.metadata.generation ?? 1) + 1;
  }
  if (options.subresource !== 'status') resource.strategy.prepare?.(next, old, strategyContext(core));
  checkFinalizers(target, old, next);
  validateWrite(core, target, next, old, options);
  toStorageVersion(target, next);
  if (next.apiVersion === oldVersion && jsonEqual(next, { ...old, apiVersion: oldVersion })) {
    return { json: entry.json, created: false };
  }
  if (options.dryRun) return { json: serialize(next), created: false };
  const done = next.metadata.deletionTimestamp !== undefined && !isHeld(target, next);
  const stored = await (done
    ? core.store.remove(resource.collection, next)
    : core.store.put(resource.collection, next));
  return { json: stored.json, created: false };
}

/** Finalizers, of whichever form the kind has, keep a terminating object. */
export function isHeld({ resource }: Pick<Target, 'resource'>, object: ApiObject): boolean {
  return (object.metadata.finalizers ?? []).length > 0 || resource.strategy.isHeld?.(object) === true;
}

/** Whether anything but metadata and status differs. */
function specChanged(old: ApiObject, next: ApiObject): boolean {
  const { metadata: _oldMetadata, status: _oldStatus, ...before } = old;
  const { metadata: _nextMetadata, status: _nextStatus, ...after } = next;
  return !jsonEqual(before, after);
}

/** Optimistic concurrency: the client says which state it has seen, if it cares. */
function checkIdentity({ resource, name }: Target, entry: Entry, object: ApiObject): void {
  const { uid, resourceVersion } = object.metadata;
  if (uid !== undefined && uid !== '' && uid !== entry.uid) {
    throw conflict(
      resource,
      name,
      `StorageError: invalid object, Code: 4, Key: ${entry.key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: ` +
        `UID in precondition: ${uid}, UID in object meta: ${entry.uid}`,
    );
  }
  if (resourceVersion && resourceVersion !== '0' && resourceVersion !== String(entry.revision)) {
    throw conflict(resource, name, MODIFIED);
  }
}

function withStatus(old: ApiObject, object: ApiObject): ApiObject {
  const { status: _status, ...rest } = structuredClone(old);
  const next: ApiObject = {
    ...rest,
    apiVersion: old.apiVersion,
    kind: old.kind,
    metadata: structuredClone(old.metadata),
  };
  if (object.status !== undefined) next.status = object.status;
  return next;
}

function withoutStatus({ version }: Target, old: ApiObject, object: ApiObject): ApiObject {
  if (!version.names.statusSubresource) return object;
  if (old.status === undefined) delete object.status;
  else object.status = structuredClone(old.status);
  return object;
}

/** Metadata that only the server changes. */
function keepMetadata(old: ApiObject, next: ApiObject): void {
  const kept = ['namespace', 'uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp'];
  for (const field of [...kept, 'deletionGracePeriodSeconds', 'generateName']) {
    const value = old.metadata[field];
    if (value === undefined) delete next.metadata[field];
    else next.metadata[field] = value;
  }
  delete next.metadata.selfLink;
}

function checkFinalizers({ version, name }: Target, old: ApiObject, next: ApiObject): void {
  if (old.metadata.deletionTimestamp === undefined) return;
  const before = new Set(old.metadata.finalizers);
  const added = (next.metadata.finalizers ?? []).filter((finalizer) => !before.has(finalizer));
  if (added.length === 0) return;
  const detail = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added
    .map((finalizer) => JSON.stringify(finalizer))
    .join(', ')}}`;
  throw invalidObject(version.names, name, [forbiddenField('metadata.finalizers', detail)]);
}
