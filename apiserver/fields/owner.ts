import { isJsonObject, type JsonObject, type JsonValue, textAt } from '../schema/json.ts';
import { FieldSet } from './field-set.ts';

/** Who owns which fields of an object: one entry of `metadata.managedFields`. */
export interface FieldOwner {
  /** The name a client gives itself. */
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  /** The version the fields are named in. */
  readonly apiVersion: string;
  /** RFC 3339; undefined when the entry came without. */
  readonly time: string | undefined;
  /** `''`: the object itself. */
  readonly subresource: string;
  readonly fields: FieldSet;
}

/** Owners besides appliers are at most so many; the oldest are joined under a name that stands for all. */
const UPDATERS_MAX = 10;
const ANCIENT = 'ancient-changes';

/** Undefined when `managedFields` are not what a server writes. */
export function parseOwners(managedFields: JsonValue | undefined): readonly FieldOwner[] | undefined {
  if (managedFields === undefined || managedFields === null) return [];
  if (!Array.isArray(managedFields)) return undefined;
  const owners = managedFields.map((entry) => (isJsonObject(entry) ? parseOwner(entry) : undefined));
  return owners.every((owner) => owner !== undefined) ? owners : undefined;
}

function parseOwner(entry: JsonObject): FieldOwner | undefined {
  const { operation } = entry;
  const fields = entry.fieldsV1 === undefined ? new FieldSet() : FieldSet.parse(entry.fieldsV1);
  if (fields === undefined || (operation !== 'Apply' && operation !== 'Update')) return undefined;
  if (textAt(entry, 'fieldsType') !== 'FieldsV1') return undefined;
  return {
    manager: textAt(entry, 'manager'),
    operation,
    apiVersion: textAt(entry, 'apiVersion'),
    time: textAt(entry, 'time') || undefined,
    subresource: textAt(entry, 'subresource'),
    fields,
  };
}

/** `metadata.managedFields`, in the order of a real server; undefined when nobody owns anything. */
export function managedFieldsOf(owners: readonly FieldOwner[]): JsonValue[] | undefined {
  const owning = joinOldest(owners.filter(({ fields }) => !fields.isEmpty));
  if (owning.length === 0) return undefined;
  return owning.toSorted(compareOwners).map((owner) => ({
    manager: owner.manager,
    operation: owner.operation,
    apiVersion: owner.apiVersion,
    ...(owner.time === undefined ? {} : { time: owner.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: owner.fields.toJson(),
    ...(owner.subresource === '' ? {} : { subresource: owner.subresource }),
  }));
}

/** An applier is the same in every version; whoever writes otherwise is somebody else in each. */
export function isSameOwner(a: OwnerIdentity, b: OwnerIdentity): boolean {
  return (
    a.manager === b.manager &&
    a.operation === b.operation &&
    a.subresource === b.subresource &&
    (a.operation === 'Apply' || a.apiVersion === b.apiVersion)
  );
}

export type OwnerIdentity = Pick<FieldOwner, 'manager' | 'operation' | 'apiVersion' | 'subresource'>;

function compareOwners(a: FieldOwner, b: FieldOwner): number {
  const keys = (owner: FieldOwner): readonly string[] => [
    owner.operation,
    owner.time ?? '',
    owner.manager,
    owner.apiVersion,
    owner.subresource,
  ];
  const left = keys(a);
  const right = keys(b);
  const at = left.findIndex((key, index) => key !== right[index]);
  return at < 0 ? 0 : (left[at] ?? '') < (right[at] ?? '') ? -1 : 1;
}

/** Source: apimachinery pkg/util/managedfields, capmanagers.go. */
function joinOldest(owners: readonly FieldOwner[]): readonly FieldOwner[] {
  const updaters = owners.filter(({ operation }) => operation === 'Update');
  if (updaters.length <= UPDATERS_MAX) return owners;
  const kept = updaters.toSorted(compareOwners);
  const ancient: FieldOwner[] = [];
  while (kept.length + ancient.length > UPDATERS_MAX) {
    const oldest = kept.shift();
    if (oldest === undefined) break;
    const at = ancient.findIndex(({ apiVersion }) => apiVersion === oldest.apiVersion);
    const same = ancient[at];
    if (same === undefined) ancient.push({ ...oldest, manager: ANCIENT, subresource: '' });
    else ancient[at] = { ...same, time: oldest.time, fields: same.fields.union(oldest.fields) };
  }
  return [...owners.filter(({ operation }) => operation === 'Apply'), ...ancient, ...kept];
}
