import { apiVersionOf } from '@causeway/apis/meta/kind';
import { type Core, strategyContext } from '../core.ts';
import type { ApiObject } from '../object.ts';
import { metadataOfStatus } from '../registry/strategy.ts';
import { forbidden as forbiddenField, invalid } from '../schema/field-error.ts';
import { jsonEqual } from '../schema/json.ts';
import { badRequest, conflict, invalidObject, MODIFIED, unnamed } from '../status-error.ts';
import { type Entry, entryKey, objectOf, serialize, storedApiVersion } from '../storage/entry.ts';
import { checkMayCreate, createObject } from './create.ts';
import { otherVersions, recordUpdate, setOwners, storedOwners } from './field-record.ts';
import { checkHead, onHead } from './head.ts';
import { isPresented, presented } from './presented.ts';
import { headEntry, type Target } from './target.ts';
import { askValidators, mayAskWebhooks, mutatedObject } from './webhooks.ts';
import {
  checkAddress,
  pruneUnknown,
  storedObject,
  toRequestVersion,
  toStorageVersion,
  validateWrite,
  type WriteOptions,
  type WriteResult,
  writesStatus,
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
  const { resource, name } = target;
  if (object.metadata.name === '') throw unnamed(target);
  const present = resource.collection.head(entryKey(target.namespace, name));
  const isNew = present === undefined && !object.metadata.uid;
  if (isNew && resource.strategy.createsOnUpdate === true && options.subresource === '') {
    checkMayCreate(core, target, options);
    return createObject(core, target, object, options);
  }
  checkPresent(target, object);
  if (!resource.strategy.allowsUnconditionalUpdate && !object.metadata.resourceVersion) {
    const { message, ...error } = invalid('metadata.resourceVersion', 0, 'must be specified for an update');
    const kind = { group: resource.group, kind: resource.plural };
    throw invalidObject(kind, name, [{ ...error, message: message.replace('0', '0x0') }]);
  }
  return onHead(core, target, object, options, async (entry, body) => {
    const shown = isPresented(target, entry) ? entry : await presented(target, entry);
    return replaceObject(core, target, { entry, shown }, body, options);
  });
}

/** The object that a write replaces. */
export interface Replaced {
  /** The head that the write was computed from. */
  readonly entry: Entry;
  /** The same in the version of the request. */
  readonly shown: Entry;
}

/**
 * The second half of every change of an existing object: what `object` may change is taken from it, the rest stays.
 *
 * @throws StatusError, and HeadMoved: see onHead
 */
export async function replaceObject(
  core: Core,
  target: Target,
  { entry, shown }: Replaced,
  object: ApiObject,
  options: WriteOptions,
): Promise<WriteResult> {
  const { resource, version, name } = target;
  checkAddress(target, object);
  if (object.metadata.name === '') throw unnamed(target);
  if (object.metadata.name !== name) {
    throw badRequest(`the name of the object (${object.metadata.name}) does not match the name on the URL (${name})`);
  }
  checkIdentity(target, entry, object, options);
  pruneUnknown(target, object, options);
  const given = object.metadata.managedFields;
  const old = objectOf(shown);
  toRequestVersion(target, old);
  let next = writesStatus(options) ? withStatus(target, old, object) : withoutStatus(target, old, object);
  keepMetadata(old, next);
  if (options.subresource === '') version.schema.prepare(next, old);
  version.schema.applyDefaults(next);
  if (options.owners === undefined) {
    const differ = version.form?.namesDiffer === true;
    const others = differ ? await otherVersions(target, old, next, storedOwners(old)) : undefined;
    recordUpdate(target, { old, next, given }, options.writer, core.now(), others);
  } else {
    setOwners(next, options.owners);
  }
  const asks = mayAskWebhooks(core, target, options);
  if (asks) {
    const changed = await mutatedObject(core, target, next, old, options);
    next = writesStatus(options) && changed !== next ? withStatus(target, old, changed) : changed;
  }
  if (resource.strategy.hasGeneration && countsAsChange(resource.strategy.generationCounts, old, next)) {
    next.metadata.generation = (old.metadata.generation ?? 1) + 1;
  }
  if (options.subresource === '' || options.subresource === 'scale') {
    resource.strategy.prepare?.(next, old, strategyContext(core));
  } else if (writesStatus(options)) {
    resource.strategy.prepareStatus?.(next, old, strategyContext(core, options));
  }
  checkFinalizers(target, old, next);
  validateWrite(core, target, next, old, options);
  if (asks) await askValidators(core, target, next, old, options);
  const isSame = jsonEqual(next, old) && isInStorageVersion(target, entry);
  const stored = toStorageVersion(target, next) ? next : await storedObject(target, next);
  checkHead(target, entry);
  if (isSame) return { json: entry.json, created: false };
  if (options.dryRun) return { json: serialize(stored), created: false };
  const done = stored.metadata.deletionTimestamp !== undefined && !isHeld(target, stored);
  if (!done) return { json: (await core.store.put(resource.collection, stored)).json, created: false };
  // Watchers are told what it was until now; who has let go of it, what he has written.
  await core.store.remove(resource.collection, objectOf(entry));
  return { json: serialize(stored), created: false };
}

/** Finalizers, of whichever form the kind has, keep a terminating object. */
export function isHeld({ resource }: Pick<Target, 'resource'>, object: ApiObject): boolean {
  return (object.metadata.finalizers ?? []).length > 0 || resource.strategy.isHeld?.(object) === true;
}

function isInStorageVersion({ resource, version }: Target, entry: Entry): boolean {
  const { group, storageVersion } = resource;
  const wanted = version.form?.storedApiVersion ?? apiVersionOf({ group, version: storageVersion });
  return storedApiVersion(entry) === wanted;
}

function countsAsChange(counts: 'labels' | 'never' | undefined, old: ApiObject, next: ApiObject): boolean {
  if (counts === 'never') return false;
  return specChanged(old, next) || (counts === 'labels' && !jsonEqual(old.metadata.labels, next.metadata.labels));
}

/** Whether anything but metadata and status differs. */
function specChanged(old: ApiObject, next: ApiObject): boolean {
  const { metadata: _oldMetadata, status: _oldStatus, ...before } = old;
  const { metadata: _nextMetadata, status: _nextStatus, ...after } = next;
  return !jsonEqual(before, after);
}

/** @throws StatusError 404; 409 when the client means one that it has seen */
function checkPresent(target: Target, object: ApiObject): void {
  const { uid } = object.metadata;
  const key = entryKey(target.namespace, target.name);
  if (uid && target.resource.collection.head(key) === undefined) throw anotherUid(target, key, uid, '');
  headEntry(target);
}

function anotherUid({ resource, name }: Target, key: string, wanted: string, present: string): Error {
  const kind = resource.origin === 'custom' ? `${resource.group}/${resource.plural}` : resource.plural;
  return conflict(
    resource,
    name,
    `StorageError: invalid object, Code: 4, Key: /registry/${kind}/${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: ` +
      `UID in precondition: ${wanted}, UID in object meta: ${present}`,
  );
}

/** Optimistic concurrency: the client says which state it has seen, if it cares. */
function checkIdentity(target: Target, entry: Entry, object: ApiObject, { patched = false }: WriteOptions): void {
  const { resource, version, name } = target;
  const { uid, resourceVersion } = object.metadata;
  if (uid !== undefined && uid !== '' && uid !== entry.uid) {
    if (patched) throw invalidObject(version.names, name, [invalid('metadata.uid', uid, 'field is immutable')]);
    throw anotherUid(target, entry.key, uid, entry.uid);
  }
  if (resourceVersion && resourceVersion !== '0' && resourceVersion !== String(entry.revision)) {
    throw conflict(resource, name, MODIFIED);
  }
}

function withStatus({ resource }: Target, old: ApiObject, object: ApiObject): ApiObject {
  const { status: _status, ...rest } = structuredClone(old);
  const metadata = structuredClone(old.metadata);
  for (const field of metadataOfStatus(resource.strategy)) {
    if (object.metadata[field] === undefined) delete metadata[field];
    else Object.assign(metadata, { [field]: object.metadata[field] });
  }
  const next: ApiObject = { ...rest, apiVersion: old.apiVersion, kind: old.kind, metadata };
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
