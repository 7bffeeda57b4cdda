import { type JsonObject, jsonEqual } from '../schema/json.ts';
import type { StructuralSchema } from '../schema/structural.ts';
import { type AppliedFields, appliedFields } from './applied-fields.ts';
import { compareObjects } from './compare.ts';
import { FieldSet } from './field-set.ts';
import { mergeConfig } from './merge.ts';
import { type FieldOwner, isSameOwner, type OwnerIdentity } from './owner.ts';
import { fieldElement, type Path } from './path-element.ts';
import { pruneUnowned } from './prune-unowned.ts';

/*
 * Who owns which field. Whoever changes a field by create, update or patch takes it from all others. Whoever applies owns what his
 * configuration says: where others own it and have another value there it is a conflict, which he can force; what he says no more goes,
 * unless others own it.
 *
 * Source: Kubernetes, "Server-Side Apply"; structured-merge-diff merge/update.go.
 */

/** What an object is called and what the server writes into it. Nobody owns that. */
const NOBODYS = FieldSet.of([
  [fieldElement('apiVersion')],
  [fieldElement('kind')],
  [fieldElement('metadata')],
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((field) => [fieldElement('metadata'), fieldElement(field)]),
]);

/** Who writes, and when. */
export interface Writer extends OwnerIdentity {
  /** RFC 3339, whole seconds. */
  readonly now: string;
}

/** What a write did, as another version of the kind shows it: by its apiVersion, in which the fields of some owners are named. */
export type OtherVersions = ReadonlyMap<
  string,
  { readonly schema: StructuralSchema; readonly before: JsonObject; readonly after: JsonObject }
>;

/** A change of an object by create, update or patch. */
export interface Update {
  /** Only where versions differ in more than their names. */
  readonly others?: OtherVersions;
  readonly schema: StructuralSchema;
  readonly before: JsonObject;
  readonly after: JsonObject;
  readonly owners: readonly FieldOwner[];
  readonly writer: Writer;
}

export function ownersAfterUpdate(update: Update): readonly FieldOwner[] {
  const { owners, writer } = update;
  const changes = changesOf(update);
  const { taken } = changes(writer.apiVersion);
  const others = owners.map((owner) => remaining(owner, changes(owner.apiVersion)));
  if (taken.isEmpty) return others;
  const at = owners.findIndex((owner) => isSameOwner(owner, writer));
  const present = others[at];
  const fields = present === undefined ? taken : present.fields.union(taken);
  // Kubernetes looks for the time of a writer of scales among those of the object, and only finds it when he has been there.
  const own =
    writer.subresource === 'scale' ? { ...ownerOf(writer, fields), time: present?.time } : ownerOf(writer, fields);
  return present === undefined ? [...others, own] : others.with(at, own);
}

/** What a write did to the fields of an object. */
interface FieldChanges {
  /** Now the writer's. */
  readonly taken: FieldSet;
  readonly removed: FieldSet;
}

/** By the apiVersion in which fields are named. */
function changesOf({
  schema,
  before,
  after,
  others,
}: Pick<Update, 'schema' | 'before' | 'after' | 'others'>): (apiVersion: string) => FieldChanges {
  const own = fieldChanges(schema, before, after);
  const known = new Map<string, FieldChanges>();
  return (apiVersion) => {
    const other = others?.get(apiVersion);
    if (other === undefined) return own;
    const changes = known.get(apiVersion) ?? fieldChanges(other.schema, other.before, other.after);
    known.set(apiVersion, changes);
    return changes;
  };
}

function fieldChanges(schema: StructuralSchema, before: JsonObject, after: JsonObject): FieldChanges {
  const { added, modified, removed } = compareObjects(schema, before, after);
  return { taken: added.union(modified).minus(NOBODYS), removed };
}

function remaining(owner: FieldOwner, { taken, removed }: FieldChanges): FieldOwner {
  return { ...owner, fields: owner.fields.minus(taken).minus(removed) };
}

/** What an applier says about an object. */
export interface Application {
  readonly schema: StructuralSchema;
  readonly live: JsonObject;
  readonly config: JsonObject;
  /** Of {@link config}. */
  readonly fields: FieldSet;
  readonly owners: readonly FieldOwner[];
  readonly writer: Writer;
}

export interface Applied {
  readonly owners: readonly FieldOwner[];
  /** What others own and have another value for, and lose if this is forced. By owner. */
  readonly conflicts: readonly Conflict[];
}

export interface Conflict {
  readonly owner: FieldOwner;
  readonly path: Path;
}

/** What the object becomes. */
export function appliedObject({ schema, live, config, fields, owners, writer }: Application): JsonObject {
  const at = owners.findIndex((owner) => isSameOwner(owner, writer));
  const last = owners[at];
  const merged = mergeConfig(schema, live, config);
  if (last === undefined) return merged;
  const kept = owners
    .filter((_owner, index) => index !== at)
    .reduce((all, owner) => all.union(owner.fields), fields.union(NOBODYS));
  return pruneUnowned(schema, merged, last.fields, kept);
}

/** @param object see {@link appliedObject} */
export function appliedOwners(application: Application, object: JsonObject, versions?: OtherVersions): Applied {
  const { schema, live, fields, owners, writer } = application;
  const at = owners.findIndex((owner) => isSameOwner(owner, writer));
  const last = owners[at];
  const others = owners.filter((_owner, index) => index !== at);
  const changes = changesOf({
    schema,
    before: live,
    after: object,
    ...(versions === undefined ? {} : { others: versions }),
  });
  const conflicts = others.flatMap((owner) =>
    [...owner.fields.intersection(changes(owner.apiVersion).taken).paths()].map((path) => ({ owner, path })),
  );
  const losers = others.map((owner) => remaining(owner, changes(owner.apiVersion)));
  // Who changes nothing has no time, or keeps the one he had.
  const own = ownerOf(writer, fields);
  return { owners: [...losers, jsonEqual(live, object) ? { ...own, time: last?.time } : own], conflicts };
}

/** What `config` makes its applier own. */
export function fieldsOfConfig(schema: StructuralSchema, config: JsonObject): AppliedFields {
  const { fields, problems } = appliedFields(schema, config);
  return { fields: fields.minus(NOBODYS), problems };
}

function ownerOf({ now, manager, operation, apiVersion, subresource }: Writer, fields: FieldSet): FieldOwner {
  return { manager, operation, apiVersion, subresource, time: now, fields };
}
