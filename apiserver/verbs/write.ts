import { refusalText } from '@causeway/admission/refusal';
import { apiVersionOf } from '@causeway/apis/meta/kind';
import { checkEscalation } from '../access/escalation.ts';
import type { Identity } from '../access/identity.ts';
import { checkSigner } from '../access/signers.ts';
import type { AdmissionAttributes, WrittenSubresource } from '../admission.ts';
import { type Core, objectReader, strategyContext } from '../core.ts';
import type { FieldOwner } from '../fields/owner.ts';
import type { ApiObject } from '../object.ts';
import { invalid } from '../schema/field-error.ts';
import type { JsonObject } from '../schema/json.ts';
import { badRequest, forbidden, invalidObject, notFound, StatusError } from '../status-error.ts';
import type { RequestWriter } from './field-record.ts';
import type { Target } from './target.ts';

/** How a write was asked for, and what it has to tell besides its result. */
export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldValidation: 'Ignore' | 'Warn' | 'Strict';
  readonly subresource: WrittenSubresource;
  /** Complaints about the body that nobody sees in the object any more: fields that it had more than once. */
  readonly lost?: readonly string[];
  /** The object is the result of a patch. */
  readonly patched?: boolean;
  readonly writer: RequestWriter;
  /** Who owns which fields after the write, when that is not simply the writer what he changes. */
  readonly owners?: readonly FieldOwner[];
  /** Become Warning headers. */
  readonly warnings: string[];
  /** Annotations of the line in the audit log. */
  readonly audited?: Record<string, string>;
  /** The write came as one of the number of replicas: what of an object webhooks are shown. */
  readonly scale?: (object: ApiObject) => JsonObject;
  /** Who writes; absent: the server itself, which may grant anything. */
  readonly identity?: Identity;
}

export interface WriteResult {
  /** In the storage version. */
  readonly json: string;
  readonly created: boolean;
}

/**
 * Removes what the schema does not know, and complains about that and about what the body lost as `fieldValidation` says.
 *
 * Source: apiserver pkg/endpoints/handlers (create.go, update.go, patch.go).
 *
 * @throws StatusError 400; 422 for a patch
 */
export function pruneUnknown(target: Target, object: ApiObject, options: WriteOptions): void {
  const { fieldValidation, lost = [], patched = false } = options;
  const before = patched && fieldValidation === 'Strict' ? JSON.stringify(object) : '';
  const unknown = target.version.schema.prune(object);
  if (fieldValidation === 'Ignore') return;
  const messages = complaints(target, unknown, lost);
  if (messages.length === 0) return;
  if (fieldValidation === 'Warn') {
    options.warnings.push(...messages);
    return;
  }
  const detail = `strict decoding error: ${messages.join(', ')}`;
  if (patched) throw invalidObject({ group: '', kind: '' }, '', [invalid('patch', before, detail)]);
  const { kind, version } = target.version.names;
  throw badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${detail}`);
}

/** A built-in kind is decoded field by field, so what it does not know is not looked at twice. */
function complaints({ resource }: Target, unknown: readonly string[], lost: readonly string[]): readonly string[] {
  const about = (word: string, field: string): string => `${word} field ${JSON.stringify(field)}`;
  if (resource.origin === 'custom') return [...lost, ...unknown.toSorted().map((field) => about('unknown', field))];
  const ignored = new Set(unknown.map((field) => about('duplicate', field)));
  return [...unknown.map((field) => about('unknown', field)), ...lost.filter((message) => !ignored.has(message))];
}

/** The body must be of the kind, version and namespace that the URL names. @throws StatusError 400 */
export function checkAddress(target: Target, object: ApiObject): void {
  const { names } = target.version;
  const apiVersion = apiVersionOf(names);
  if (object.apiVersion !== apiVersion) {
    throw badRequest(
      `the API version in the data (${object.apiVersion}) does not match the expected API version (${apiVersion})`,
    );
  }
  if (target.resource.origin === 'custom') checkCustomKind(target, object);
  if (object.kind !== names.kind) {
    throw badRequest(`the kind in the data (${object.kind}) does not match the expected kind (${names.kind})`);
  }
  const { metadata } = object;
  if (!names.namespaced) {
    delete metadata.namespace;
    return;
  }
  if (metadata.namespace !== undefined && metadata.namespace !== '' && metadata.namespace !== target.namespace) {
    throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
  }
  metadata.namespace = target.namespace;
}

/** @throws StatusError 422 */
function checkCustomKind({ resource }: Target, { kind, metadata }: ApiObject): void {
  if (kind === resource.kind) return;
  const error = invalid('kind', kind, `must be ${resource.kind}`);
  throw invalidObject({ group: resource.group, kind }, metadata.name, [error]);
}

/** Objects can be created in namespaces that exist and are not being deleted. @throws StatusError 404, 403 */
export function checkNamespace(core: Core, target: Target): void {
  if (!target.version.names.namespaced) return;
  const namespaces = core.registry.find('', 'namespaces');
  const namespace = namespaces?.collection.head(`/${target.namespace}`);
  if (namespace === undefined) throw notFound({ group: '', plural: 'namespaces' }, target.namespace);
  if (!namespace.terminating) return;
  const why = `unable to create new content in namespace ${target.namespace} because it is being terminated`;
  throw new StatusError(403, 'Forbidden', forbidden(target.resource, target.name, why).message, {
    details: {
      name: target.name,
      kind: target.resource.plural,
      causes: [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${target.namespace} is being terminated`,
          field: 'metadata.namespace',
        },
      ],
    },
  });
}

/** Schema, kind and admission have their say; everything here only reads. @throws StatusError 422 and what admission says */
export function validateWrite(
  core: Core,
  target: Target,
  object: ApiObject,
  old: ApiObject | undefined,
  options: WriteOptions,
): void {
  const { schema, names } = target.version;
  const errors = [
    ...schema.validate(object, old, (text) => options.warnings.push(text), writesStatus(options)),
    ...(target.resource.strategy.validate?.(object, old, strategyContext(core, options)) ?? []),
  ];
  if (errors.length > 0) throw invalidObject(names, object.metadata.name, errors);
  if (schema.warnings !== undefined) options.warnings.push(...schema.warnings(object, old));
  if (options.identity !== undefined) {
    checkEscalation(core.authorizer, options.identity, target, object);
    checkSigner(core.authorizer, options.identity, target, { object, old, subresource: options.subresource });
  }
  const request = { kind: names, subresource: options.subresource, object };
  admitWrite(
    core,
    old === undefined ? { ...request, operation: 'CREATE' } : { ...request, operation: 'UPDATE', oldObject: old },
    options.warnings,
  );
}

/** @throws StatusError 422 */
export function admitWrite(core: Core, request: AdmissionAttributes, warnings: string[]): void {
  if (core.admit === undefined) return;
  const answer = core.admit(request, objectReader(core.store));
  if (answer.allowed) {
    warnings.push(...answer.warnings);
    return;
  }
  const { kind, group } = request.kind;
  const { name } = request.object.metadata;
  const causes = answer.causes.map(({ field, message, reason }) => ({
    reason: reason ?? 'FieldValueInvalid',
    ...(field === undefined ? {} : { field }),
    message,
  }));
  const told = causes.length > 0 ? causes : [{ message: answer.message ?? 'refused' }];
  throw new StatusError(422, 'Invalid', refusalText(request.kind, name, told), {
    details: { name, group, kind, causes },
  });
}

/** Only the status is written, or a part of it. */
export function writesStatus({ subresource }: Pick<WriteOptions, 'subresource'>): boolean {
  return subresource === 'status' || subresource === 'approval';
}

/**
 * Objects are stored in one version, whatever the version of the request. Exchanges the apiVersion, in place, where that is all; otherwise
 * {@link storedObject} has to be waited for.
 */
export function toStorageVersion({ resource, version }: Target, object: ApiObject): boolean {
  if (version.form?.isLikeStored === false) return false;
  object.apiVersion = apiVersionOf({ group: resource.group, version: resource.storageVersion });
  return true;
}

/** The object in the version in which it is stored. @throws StatusError 500 when a conversion webhook fails */
export async function storedObject({ version }: Target, object: ApiObject): Promise<ApiObject> {
  return (await version.form?.toStored(object)) ?? object;
}

export function toRequestVersion({ version }: Target, object: ApiObject): void {
  object.apiVersion = apiVersionOf(version.names);
}
