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

/** A change of an object by create, update or patch. */
export interface Update {
  readonly schema: StructuralSchema;
  readonly before: JsonObject;
  readonly after: JsonObject;
  readonly owners: readonly FieldOwner[];
  readonly writer: Writer;
}

export function ownersAfterUpdate({ schema, before, after, owners, writer }: Update): readonly FieldOwner[] {
  const { added, modified, removed } = compareObjects(schema, before, after);
  const taken = added.union(modified).minus(NOBODYS);
  const others = owners.map((owner) => withFields(owner, owner.fields.minus(taken).minus(removed)));
  if (taken.isEmpty) return others;
  const at = owners.findIndex((owner) => isSameOwner(owner, writer));
  const present = others[at];
  const own = ownerOf(writer, present === undefined ? taken : present.fields.union(taken));
  return present === undefined ? [...others, own] : others.with(at, own);
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
  readonly object: JsonObject;
  readonly owners: readonly FieldOwner[];
  /** What others own and have another value for, and lose if this is forced. By owner. */
  readonly conflicts: readonly Conflict[];
}

export interface Conflict {
  readonly owner: FieldOwner;
  readonly path: Path;
}

export function applyConfig({ schema, live, config, fields, owners, writer }: Application): Applied {
  const at = owners.findIndex((owner) => isSameOwner(owner, writer));
  const last = owners[at];
  const merged = mergeConfig(schema, live, config);
  const others = owners.filter((_owner, index) => index !== at);
  const object =
    last === undefined
      ? merged
      : pruneUnowned(
          schema,
          merged,
          last.fields,
          others.reduce((all, owner) => all.union(owner.fields), fields.union(NOBODYS)),
        );
  const { added, modified, removed } = compareObjects(schema, live, object);
  const taken = added.union(modified).minus(NOBODYS);
  const conflicts = others.flatMap((owner) =>
    [...owner.fields.intersection(taken).paths()].map((path) => ({ owner, path })),
  );
  const losers = others.map((owner) => withFields(owner, owner.fields.minus(taken).minus(removed)));
  const changed = last === undefined || !last.fields.equals(fields) || !jsonEqual(live, object);
  return { object, owners: [...losers, changed ? ownerOf(writer, fields) : last], conflicts };
}

/** What `config` makes its applier own. */
export function fieldsOfConfig(schema: StructuralSchema, config: JsonObject): AppliedFields {
  const { fields, problems } = appliedFields(schema, config);
  return { fields: fields.minus(NOBODYS), problems };
}

function withFields(owner: FieldOwner, fields: FieldSet): FieldOwner {
  return { ...owner, fields };
}

function ownerOf({ now, manager, operation, apiVersion, subresource }: Writer, fields: FieldSet): FieldOwner {
  return { manager, operation, apiVersion, subresource, time: now, fields };
}
