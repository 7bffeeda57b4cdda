import { randomInt, randomUUID } from 'node:crypto';
import { type Core, strategyContext } from '../core.ts';
import { type ApiObject, timestamp } from '../object.ts';
import type { Resource } from '../registry/resource.ts';
import { required } from '../schema/field-error.ts';
import { alreadyExists, badRequest, invalidObject } from '../status-error.ts';
import type { Collection } from '../storage/collection.ts';
import { entryKey, serialize } from '../storage/entry.ts';
import { recordCreate } from './field-record.ts';
import type { Target } from './target.ts';
import { askValidators, mayAskWebhooks, mutatedObject } from './webhooks.ts';
import {
  checkAddress,
  checkNamespace,
  pruneUnknown,
  storedObject,
  toStorageVersion,
  validateWrite,
  type WriteOptions,
  type WriteResult,
} from './write.ts';

/**
 * Creates the object. Decided synchronously; the promise resolves when it is on disk.
 *
 * @throws StatusError
 */
export async function createObject(
  core: Core,
  target: Target,
  given: ApiObject,
  options: WriteOptions,
): Promise<WriteResult> {
  const { resource, version } = target;
  let object = given;
  checkAddress(target, object);
  const hasVersion = Boolean(object.metadata.resourceVersion);
  pruneUnknown(target, object, options);
  const context = strategyContext(core, options);
  beginMetadata(target, object, context.now);
  checkNamespace(core, { ...target, name: object.metadata.name });
  if (version.names.statusSubresource && resource.strategy.keepsStatusOnCreate !== true) delete object.status;
  version.schema.prepare(object);
  version.schema.applyDefaults(object);
  recordCreate(target, object, options.writer, context.now, options.owners);
  resource.strategy.admit?.(object, context);
  const asks = mayAskWebhooks(core, target, options);
  if (asks) object = await mutatedObject(core, target, object, undefined, options);
  resource.strategy.prepare?.(object, undefined, context);
  validateWrite(core, target, object, undefined, options);
  if (asks) await askValidators(core, target, object, undefined, options);
  // As Kubernetes does: its storage asks for that, which a dry run does not reach.
  if (hasVersion && !options.dryRun) {
    throw badRequest('resourceVersion should not be set on objects to be created');
  }
  const { namespace = '', name } = object.metadata;
  checkAbsent(resource, namespace, name);
  const converts = !toStorageVersion(target, object);
  const stored = converts ? await storedObject(target, object) : object;
  if (asks || converts) {
    // That took its time.
    checkNamespace(core, { ...target, name });
    checkAbsent(resource, namespace, name);
  }
  if (options.dryRun) return { json: serialize(stored), created: true };
  const entry = await core.store.put(resource.collection, stored);
  return { json: entry.json, created: true };
}

/** The request was allowed as an update or a patch; that it creates is known only now. @throws StatusError 403 */
export function checkMayCreate(
  { authorizer }: Core,
  { version, namespace, name }: Target,
  { identity }: WriteOptions,
): void {
  if (identity === undefined) return;
  const { group, version: each, plural } = version.names;
  const attributes = { verb: 'create', group, version: each, resource: plural, subresource: '', namespace, name };
  authorizer.check(identity, { type: 'resource', ...attributes });
}

/** What the server decides about a new object, whatever the client sent. */
function beginMetadata({ resource, version, name }: Target, object: ApiObject, now: Date): void {
  const { metadata } = object;
  if (name !== '' && metadata.name === '') metadata.name = name;
  if (metadata.name === '' && metadata.generateName)
    metadata.name = freeName(resource.collection, metadata.namespace ?? '', metadata.generateName);
  if (metadata.name === '')
    throw invalidObject(version.names, '', [required('metadata.name', 'name or generateName is required')]);
  if (name !== '' && metadata.name !== name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  }
  for (const field of ['resourceVersion', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink']) {
    delete metadata[field];
  }
  if (metadata.namespace === '') delete metadata.namespace;
  metadata.uid = randomUUID();
  metadata.creationTimestamp = timestamp(now);
  if (resource.strategy.hasGeneration) metadata.generation = 1;
}

/** No vowels and no look-alikes, as Kubernetes chooses them. */
const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
const NAME_LENGTH_MAX = 63;

/** Of ten thousand names with one base, some would come up twice. Source: apiserver pkg/registry/generic/registry/store.go. */
const NAME_ATTEMPTS = 8;

/** A name that is not taken; after some attempts perhaps one that is. */
function freeName(collection: Collection, namespace: string, base: string): string {
  let name = generatedName(base);
  for (
    let attempt = 1;
    attempt < NAME_ATTEMPTS && collection.head(entryKey(namespace, name)) !== undefined;
    attempt++
  ) {
    name = generatedName(base);
  }
  return name;
}

function generatedName(base: string): string {
  let suffix = '';
  for (let index = 0; index < SUFFIX_LENGTH; index++)
    suffix += SUFFIX_ALPHABET.charAt(randomInt(SUFFIX_ALPHABET.length));
  return base.slice(0, NAME_LENGTH_MAX - SUFFIX_LENGTH) + suffix;
}

/** @throws StatusError 409 */
function checkAbsent(resource: Resource, namespace: string, name: string): void {
  const present = resource.collection.head(entryKey(namespace, name));
  if (present !== undefined) throw alreadyExists(resource, name, present.terminating);
}
