import { isJsonObject, type JsonObject, type JsonValue } from '../schema/json.ts';
import type { StructuralSchema } from '../schema/structural.ts';
import { keyElement, type PathElement, valueElement } from './path-element.ts';

/**
 * What a value is to who owns parts of it. A *leaf* has one owner as a whole: scalars, and lists and maps that the schema calls
 * atomic. Of a *map* each field is owned alone, of a *list* each element: an object found by some of its fields, or a
 * scalar by its value.
 *
 * Without a schema, objects are maps and lists are leaves.
 *
 * Source: Kubernetes, "Server-Side Apply: merge strategy".
 */
export type Shape = 'leaf' | 'map' | 'list';

export function shapeOf(schema: StructuralSchema | undefined, value: JsonValue): Shape {
  if (Array.isArray(value)) {
    const type = schema?.['x-kubernetes-list-type'];
    return type === 'map' || type === 'set' ? 'list' : 'leaf';
  }
  if (!isJsonObject(value)) return 'leaf';
  return schema?.['x-kubernetes-map-type'] === 'atomic' ? 'leaf' : 'map';
}

/**
 * How two states of one value are looked at together. An absent or null one takes the shape of the other; two empty ones are a leaf,
 * so that empty and absent stay different.
 */
export function commonShape(
  schema: StructuralSchema | undefined,
  a: JsonValue | undefined,
  b: JsonValue | undefined,
): Shape {
  const left = a ?? null;
  const right = b ?? null;
  if (isBlank(left) && isBlank(right)) return 'leaf';
  if (left === null) return shapeOf(schema, right);
  if (right === null) return shapeOf(schema, left);
  const shape = shapeOf(schema, left);
  return shape === shapeOf(schema, right) ? shape : 'leaf';
}

/** Nothing is in it: null, `{}` or `[]`. */
export function isBlank(value: JsonValue): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === null || (isJsonObject(value) && Object.keys(value).length === 0);
}

/** The schema of a field, or of a value of a map. */
export function fieldSchema(schema: StructuralSchema | undefined, key: string): StructuralSchema | undefined {
  if (isNamed(schema, key)) return schema?.properties?.[key];
  return typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : undefined;
}

/** Whether `key` is a field that the schema names; otherwise it is one that somebody put into a map. */
export function isNamed(schema: StructuralSchema | undefined, key: string): boolean {
  return schema?.properties !== undefined && Object.hasOwn(schema.properties, key);
}

/** The element that finds `item` in a list with this schema; undefined when it lacks all keys. */
export function itemElement(schema: StructuralSchema | undefined, item: JsonValue): PathElement | undefined {
  if (schema?.['x-kubernetes-list-type'] !== 'map') return valueElement(item);
  if (!isJsonObject(item)) return undefined;
  const found: JsonObject = {};
  let any = false;
  for (const key of schema['x-kubernetes-list-map-keys'] ?? []) {
    const value =
      item[key] ?? schema.items?.properties?.[key]?.default ?? schema['x-causeway-list-map-key-zeros']?.[key];
    if (value === undefined) continue;
    found[key] = value;
    any = true;
  }
  return any ? keyElement(found) : undefined;
}

/** The items of a list by their element; several where a list says the same key more than once. Null is an empty list. */
export function indexItems(
  schema: StructuralSchema | undefined,
  list: JsonValue | undefined,
): Map<PathElement, JsonValue[]> {
  const index = new Map<PathElement, JsonValue[]>();
  if (!Array.isArray(list)) return index;
  for (const item of list) {
    const element = itemElement(schema, item) ?? valueElement(item);
    const same = index.get(element);
    if (same === undefined) index.set(element, [item]);
    else same.push(item);
  }
  return index;
}
