import { apiVersionOf } from '@causeway/apis/meta/kind';
import type { Core } from '../core.ts';
import { applyConflict } from '../fields/apply-conflict.ts';
import { FieldSet } from '../fields/field-set.ts';
import type { FieldOwner } from '../fields/owner.ts';
import {
  type Application,
  type Applied,
  appliedObject,
  appliedOwners,
  fieldsOfConfig,
  type OtherVersions,
} from '../fields/ownership.ts';
import { type ApiObject, asApiObject } from '../object.ts';
import { metadataOfStatus } from '../registry/strategy.ts';
import { isJsonObject, type JsonObject, type JsonValue, textAt } from '../schema/json.ts';
import { badRequest, conflict, notFound, unnamed } from '../status-error.ts';
import { entryKey, objectOf } from '../storage/entry.ts';
import { checkMayCreate, createObject } from './create.ts';
import { otherVersions, ownable, ownersOfNew, storedOwners, writerOf } from './field-record.ts';
import { onHead } from './head.ts';
import { isPresented, presented } from './presented.ts';
import type { Target } from './target.ts';
import { replaceObject } from './update.ts';
import { checkAddress, toRequestVersion, type WriteOptions, type WriteResult, writesStatus } from './write.ts';

/** Owns what was there before anybody recorded owners. */
const BEFORE_FIRST_APPLY = 'before-first-apply';

/** kubectl keeps here what it has applied without server-side apply, and takes it over when it begins with that. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const KUBECTL = 'kubectl';

export interface ApplyOptions extends WriteOptions {
  /** Takes fields from those who own them. */
  readonly force: boolean;
}

/**
 * Server-side apply: makes an object say what `body` says, and creates it when it is absent.
 *
 * @throws StatusError 409 with the fields that others own, and as every write
 */
export async function applyObject(
  core: Core,
  target: Target,
  body: JsonValue,
  options: ApplyOptions,
): Promise<WriteResult> {
  const given = namespaceOf(body);
  const config = configOf(target, body, given, options);
  checkRepeated(options);
  const { schema } = target.version;
  const { fields, problems } = fieldsOfConfig(schema.structural, ownable(target, options.subresource)(config));
  if (problems.length > 0) throw badRequest(typedPatchError(target, given, problems));
  const present = target.resource.collection.head(entryKey(target.namespace, target.name));
  const writer = writerOf(target, options.writer, 'Apply', core.now());
  if (present === undefined) {
    if (options.subresource !== '') throw notFound(target.resource, target.name);
    checkMayCreate(core, target, options);
    const { uid } = config.metadata;
    if (uid) {
      const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
      throw conflict(target.resource, target.name, why);
    }
    delete config.metadata.resourceVersion;
    const { now, ...identity } = writer;
    return createObject(core, target, config, { ...options, lost: [], owners: [{ ...identity, time: now, fields }] });
  }
  return onHead(core, target, undefined, options, async (entry) => {
    const shown = isPresented(target, entry) ? entry : await presented(target, entry);
    const live = objectOf(shown);
    toRequestVersion(target, live);
    const owners = ownersOf(core, target, live);
    delete live.metadata.managedFields;
    const application = { schema: schema.structural, live, config, fields, owners, writer };
    const object = asApiObject(appliedObject(application));
    if (typeof object === 'string') throw badRequest(object);
    const differ = target.version.form?.namesDiffer === true;
    const others = differ ? await otherVersions(target, live, object, owners) : undefined;
    const applied = resolved(application, object, others, options.force);
    if (writer.manager === KUBECTL) keepLastApplied(live, object, config);
    return replaceObject(core, target, { entry, shown }, object, { ...options, lost: [], owners: applied.owners });
  });
}

/** @throws StatusError 400 */
function checkRepeated({ lost = [], fieldValidation, warnings }: ApplyOptions): void {
  if (lost.length === 0 || fieldValidation === 'Ignore') return;
  if (fieldValidation === 'Warn') warnings.push(...lost);
  else throw badRequest(`error strict decoding YAML: error converting YAML to JSON: ${lost.join(', ')}`);
}

function namespaceOf(body: JsonValue): string {
  return isJsonObject(body) && isJsonObject(body.metadata) ? textAt(body.metadata, 'namespace') : '';
}

/** What of the body counts. @throws StatusError 400 */
function configOf(target: Target, body: JsonValue, given: string, { subresource }: ApplyOptions): ApiObject {
  checkType(target, body);
  const config = asApiObject(structuredClone(body));
  if (typeof config === 'string') throw badRequest(config);
  checkAddress(target, config);
  const { metadata } = config;
  if (metadata.managedFields !== undefined && metadata.managedFields !== null) {
    throw badRequest('metadata.managedFields must be nil');
  }
  delete metadata.managedFields;
  if (metadata.name === '') throw unnamed(target);
  const unknown = target.version.schema.prune(config, { keepsEmpty: true });
  if (unknown.length > 0) {
    const problems = unknown.map((field) => `.${field}: field not declared in schema`);
    throw badRequest(typedPatchError(target, given, problems));
  }
  if (writesStatus({ subresource })) return onlyStatus(target, config);
  if (target.version.names.statusSubresource) delete config.status;
  return config;
}

/** Applied is only what says what it is. @throws StatusError 400 */
function checkType({ version }: Target, body: JsonValue): void {
  if (body !== null && !isJsonObject(body)) return;
  const apiVersion = textAt(body ?? {}, 'apiVersion');
  const kind = textAt(body ?? {}, 'kind');
  if (apiVersion === apiVersionOf(version.names) && kind === version.names.kind) return;
  throw badRequest(`invalid object type: ${apiVersion.includes('/') ? '' : '/'}${apiVersion}, Kind=${kind}`);
}

/** The status, and what of the metadata a write of the status changes as well. */
function onlyStatus({ resource }: Target, { apiVersion, kind, metadata, status }: ApiObject): ApiObject {
  const counting = ['namespace', 'uid', 'resourceVersion', ...metadataOfStatus(resource.strategy)];
  const kept = counting.flatMap((field) => (metadata[field] === undefined ? [] : [[field, metadata[field]]]));
  return {
    apiVersion,
    kind,
    metadata: { name: metadata.name, ...Object.fromEntries(kept) },
    ...(status === undefined ? {} : { status }),
  };
}

/** In the words of a real server, which answers 500 in this case. @param given the namespace that the body names */
function typedPatchError({ version, name }: Target, given: string, problems: readonly string[]): string {
  const { group, version: each, kind } = version.names;
  const detail =
    problems.length === 1 ? (problems[0] ?? '') : `errors:\n${problems.map((one) => `  ${one}`).join('\n')}`;
  return `failed to create typed patch object (${given}/${name}; ${group}/${each}, Kind=${kind}): ${detail}`;
}

function ownersOf(core: Core, target: Target, live: ApiObject): readonly FieldOwner[] {
  const owners = storedOwners(live);
  if (owners.length > 0) return owners;
  const writer = { manager: BEFORE_FIRST_APPLY, subresource: '', begins: true } as const;
  const { now: _now, ...before } = writerOf(target, writer, 'Update', core.now());
  const [owner] = ownersOfNew(target, live, { ...before, now: '' });
  return owner === undefined ? [] : [{ ...owner, time: undefined }];
}

/** @throws StatusError 409 */
function resolved(
  application: Application,
  object: ApiObject,
  others: OtherVersions | undefined,
  force: boolean,
): Applied {
  const applied = appliedOwners(application, object, others);
  if (force || applied.conflicts.length === 0) return applied;
  const expected = lastAppliedFields(application);
  const conflicts = applied.conflicts.filter(({ path }) => !expected.has(path));
  if (conflicts.length > 0) throw applyConflict(conflicts);
  return applied;
}

/**
 * What kubectl has applied itself, before it used server-side apply: it may change that without a conflict.
 *
 * Source: apimachinery pkg/util/managedfields, lastappliedmanager.go.
 */
function lastAppliedFields({ writer, live, schema }: Application): FieldSet {
  const text = writer.manager === KUBECTL ? annotationsOf(live)?.[LAST_APPLIED] : undefined;
  const config = typeof text === 'string' ? parsed(text) : undefined;
  if (config === undefined || config.apiVersion !== live.apiVersion) return new FieldSet();
  return fieldsOfConfig(schema, config).fields;
}

function keepLastApplied(live: JsonObject, object: ApiObject, config: ApiObject): void {
  if (annotationsOf(live)?.[LAST_APPLIED] === undefined) return;
  const { annotations = {}, ...metadata } = config.metadata;
  const { [LAST_APPLIED]: _former, ...others } = annotations;
  const saved = {
    ...config,
    metadata: { ...metadata, ...(Object.keys(others).length === 0 ? {} : { annotations: others }) },
  };
  object.metadata.annotations = { ...object.metadata.annotations, [LAST_APPLIED]: `${JSON.stringify(saved)}\n` };
}

function annotationsOf({ metadata }: JsonObject): JsonObject | undefined {
  return isJsonObject(metadata) && isJsonObject(metadata.annotations) ? metadata.annotations : undefined;
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
