import { apiVersionOf } from '@causeway/apis/meta/kind';
import type { WrittenSubresource } from '../admission.ts';
import { type FieldOwner, managedFieldsOf, parseOwners } from '../fields/owner.ts';
import { type OtherVersions, ownersAfterUpdate, type Writer } from '../fields/ownership.ts';
import { type ApiObject, timestamp } from '../object.ts';
import { emptyObject } from '../schema/empty-object.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../schema/json.ts';
import type { Target } from './target.ts';

/*
 * `metadata.managedFields`: who wrote which field. Programs of Causeway do not begin it, because they never apply, and thousands of
 * objects that only they write would become half as large again. An object without it is taken as written by `before-first-apply`
 * when somebody applies it.
 */

/** Who writes, as the request says. */
export interface RequestWriter {
  readonly manager: string;
  readonly subresource: WrittenSubresource;
  /** Objects that he creates have managed fields. */
  readonly begins: boolean;
}

/** Programs of Causeway, and the server itself. */
export const OWN_WRITER: RequestWriter = { manager: 'causeway', subresource: '', begins: false };

export function writerOf(
  { version }: Target,
  { manager, subresource }: RequestWriter,
  operation: Writer['operation'],
  now: Date,
): Writer {
  return { manager, subresource, operation, apiVersion: apiVersionOf(version.names), now: timestamp(now) };
}

/**
 * Records the fields of a new object, in place. Call it after defaults, which are the creator's, and before the server allots fields.
 *
 * @param owners who owns what, when that is known; otherwise the writer owns all
 */
export function recordCreate(
  target: Target,
  object: ApiObject,
  writer: RequestWriter,
  now: Date,
  owners?: readonly FieldOwner[],
): void {
  const sent = storedOwners(object);
  delete object.metadata.managedFields;
  if (owners === undefined && !writer.begins && sent.length === 0) return;
  setOwners(object, owners ?? ownersOfNew(target, object, writerOf(target, writer, 'Update', now), sent));
}

/** Everything in `object` is `writer`'s, but a status that has its own subresource. */
export function ownersOfNew(
  target: Target,
  object: ApiObject,
  writer: Writer,
  owners: readonly FieldOwner[] = [],
): readonly FieldOwner[] {
  const { names, schema } = target.version;
  const before = emptyObject(names);
  let after = object;
  if (names.statusSubresource) {
    const { status: _status, ...rest } = object;
    after = { ...rest, apiVersion: object.apiVersion, kind: object.kind, metadata: object.metadata };
    delete before.status;
  }
  const own = ownable(target, writer.subresource);
  return ownersAfterUpdate({ schema: schema.structural, before: own(before), after: own(after), owners, writer });
}

/** An object without what nobody owns who writes this part of it. */
export function ownable({ resource }: Target, subresource: string): <Value extends JsonObject>(object: Value) => Value {
  const paths = resource.strategy.unowned?.[subresource] ?? [];
  return (object) => paths.reduce((rest, path) => withoutPath(rest, path), object);
}

function withoutPath<Value extends JsonObject>(object: Value, [key = '', ...path]: readonly string[]): Value {
  const { [key]: value, ...rest } = object;
  if (path.length > 0 && isJsonObject(value)) return { ...object, [key]: withoutPath(value, path) };
  return path.length === 0 ? (rest as Value) : object;
}

/**
 * Records a change, in place.
 *
 * @param others see {@link otherVersions}
 * @param given `managedFields` of the request: whoever sends some replaces the record, and `[{}]` ends it
 */
export function recordUpdate(
  target: Target,
  { old, next, given }: { readonly old: ApiObject; readonly next: ApiObject; readonly given: JsonValue | undefined },
  writer: RequestWriter,
  now: Date,
  others?: OtherVersions,
): void {
  const owners = ownersBefore(old, writer.subresource === '' ? given : undefined);
  delete next.metadata.managedFields;
  if (owners.length === 0) return;
  const own = ownable(target, writer.subresource);
  setOwners(
    next,
    ownersAfterUpdate({
      schema: target.version.schema.structural,
      before: own(old),
      after: own(next),
      owners,
      writer: writerOf(target, writer, 'Update', now),
      ...(others === undefined ? {} : { others }),
    }),
  );
}

/**
 * A write in the other versions in which fields of `owners` are named, for kinds whose versions name fields otherwise.
 *
 * @throws StatusError 500 when a conversion webhook fails
 */
export async function otherVersions(
  { version }: Target,
  before: ApiObject,
  after: ApiObject,
  owners: readonly { readonly apiVersion: string }[],
): Promise<OtherVersions> {
  const versions = owners.map(({ apiVersion }) => apiVersion);
  const all = (await version.form?.inOthers([before, after], versions)) ?? [];
  return new Map(
    all.map(({ apiVersion, schema, objects: [old = before, next = after] }) => [
      apiVersion,
      { schema: schema.structural, before: old, after: next },
    ]),
  );
}

/** Source: apimachinery pkg/util/managedfields, decodeLiveOrNew. */
function ownersBefore(old: ApiObject, given: JsonValue | undefined): readonly FieldOwner[] {
  if (Array.isArray(given) && given.length === 1 && isJsonObject(given[0]) && Object.keys(given[0]).length === 0) {
    return [];
  }
  const sent = parseOwners(given);
  return sent !== undefined && sent.length > 0 ? sent : storedOwners(old);
}

export function storedOwners(object: ApiObject): readonly FieldOwner[] {
  return parseOwners(object.metadata.managedFields) ?? [];
}

export function setOwners(object: ApiObject, owners: readonly FieldOwner[]): void {
  const managedFields = managedFieldsOf(owners);
  if (managedFields === undefined) delete object.metadata.managedFields;
  else object.metadata.managedFields = managedFields;
}
