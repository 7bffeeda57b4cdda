import { isJsonObject, type JsonObject, type JsonValue, jsonEqual } from '@causeway/apis/meta/json';

export { isJsonObject, type JsonObject, type JsonValue, jsonEqual };

/** The object at `key`, or undefined when there is none or it is something else. */
export function objectAt(object: JsonObject | undefined, key: string): JsonObject | undefined {
  const value = object?.[key];
  return isJsonObject(value) ? value : undefined;
}

/** The elements of the list at `key`; none when there is no list. */
export function listAt(object: JsonObject | undefined, key: string): readonly JsonValue[] {
  const value = object?.[key];
  return Array.isArray(value) ? value : [];
}

/** The objects in the list at `key`. */
export function objectsAt(object: JsonObject | undefined, key: string): readonly JsonObject[] {
  return listAt(object, key).filter(isJsonObject);
}

/** The strings in the list at `key`. */
export function textsAt(object: JsonObject | undefined, key: string): readonly string[] {
  return listAt(object, key).filter((each) => typeof each === 'string');
}

/** The string at `key`; `''` when there is none. */
export function textAt(object: JsonObject | undefined, key: string): string {
  const value = object?.[key];
  return typeof value === 'string' ? value : '';
}

export function numberAt(object: JsonObject | undefined, key: string): number | undefined {
  const value = object?.[key];
  return typeof value === 'number' ? value : undefined;
}

/** Of objects and lists in each other: what is deeper would exhaust the stack of what walks through objects. */
export const DEPTH_MAX = 1_000;
export const TOO_DEEP = `exceeded max depth of ${DEPTH_MAX}`;

/** How many objects and lists of `value` are in each other, counted to one more than {@link DEPTH_MAX}. */
export function depthOf(value: JsonValue): number {
  let depth = 0;
  let level: JsonValue[] = [value];
  while (depth <= DEPTH_MAX) {
    level = level.filter((each) => typeof each === 'object' && each !== null);
    if (level.length === 0) return depth;
    depth++;
    const below: JsonValue[] = [];
    for (const each of new Set(level))
      for (const child of Object.values(each as object)) below.push(child as JsonValue);
    level = below;
  }
  return depth;
}
