import { isJsonObject, type JsonObject, type JsonValue, jsonEqual } from './json.ts';
import type { StructuralSchema } from './structural.ts';

/**
 * A value and what it was before an update. Where a part has no counterpart in the old value, the whole that it belongs to
 * says whether anything changed.
 *
 * Source: Kubernetes, "Validation ratcheting"; apiserver pkg/cel/common/equality.go.
 */
export interface Correlation {
  readonly value: JsonValue;
  readonly old: JsonValue;
}

/** The correlation of a property or entry. `apiVersion` and `kind` of the whole object have none. */
export function correlationAt(
  correlation: Correlation | undefined,
  exact: boolean,
  key: string,
): { readonly correlation: Correlation | undefined; readonly exact: boolean } {
  if (correlation === undefined || !exact) return { correlation, exact: false };
  const { value, old } = correlation;
  const next = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  const before = isJsonObject(old) && Object.hasOwn(old, key) ? old[key] : undefined;
  if (next === undefined || before === undefined) return { correlation, exact: false };
  return { correlation: { value: next, old: before }, exact: true };
}

/** The correlation of an item: only those of lists of type map have one. */
export function correlationOfItem(
  correlation: Correlation | undefined,
  exact: boolean,
  item: JsonValue,
  oldItem: JsonValue | undefined,
): { readonly correlation: Correlation | undefined; readonly exact: boolean } {
  if (correlation === undefined || !exact || oldItem === undefined) return { correlation, exact: false };
  return { correlation: { value: item, old: oldItem }, exact: true };
}

/** Reports whether an update left this value, or the smallest part around it that can be compared, as it was. */
export function isUnchanged(correlation: Correlation | undefined): boolean {
  return correlation !== undefined && jsonEqual(correlation.value, correlation.old);
}

/** Finds the old item with the keys of an item, in a list of type map; undefined in other lists. */
export function oldItems(
  schema: StructuralSchema,
  old: JsonValue | undefined,
): (item: JsonValue) => JsonValue | undefined {
  const keys = schema['x-kubernetes-list-map-keys'];
  if (schema['x-kubernetes-list-type'] !== 'map' || keys === undefined || !Array.isArray(old)) return () => undefined;
  const identity = (item: JsonObject): string => JSON.stringify(keys.map((key) => item[key] ?? null));
  const items = new Map(old.filter(isJsonObject).map((item) => [identity(item), item]));
  return (item) => (isJsonObject(item) ? items.get(identity(item)) : undefined);
}
