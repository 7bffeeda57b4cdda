import { child, element } from './field-error.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './json.ts';
import type { StructuralSchema } from './structural.ts';

export interface PruneOptions {
  /**
   * Treat `null`, empty maps and empty optional lists, and `''` where only some values are possible, as absent. Built-in kinds are decoded into Go structs by a real server,
   * where these are the zero values that clients written in Go send; custom resources keep them.
   */
  readonly zeroIsAbsent: boolean;
  /** But not empty maps and lists: whoever applies them owns them. */
  readonly keepsEmpty?: boolean;
  /** Nor lists in these fields of the object itself: Kubernetes tells an empty one from one that is absent. */
  readonly keptLists?: readonly string[];
}

/**
 * Removes the fields that `schema` does not know, in place, and returns their paths (`spec.foo`).
 *
 * Source: Kubernetes, "Field pruning".
 */
export function prune(schema: StructuralSchema, object: JsonObject, options: PruneOptions): readonly string[] {
  const removed: string[] = [];
  pruneObject(schema, object, '', options, removed);
  return removed;
}

const NOT_PRUNED = new Set(['apiVersion', 'kind', 'metadata']);

function pruneObject(
  schema: StructuralSchema,
  object: JsonObject,
  path: string,
  options: PruneOptions,
  removed: string[],
): void {
  const { properties, additionalProperties } = schema;
  if (additionalProperties === true) return;
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  const preserve = schema['x-kubernetes-preserve-unknown-fields'] === true;
  for (const key of Object.keys(object)) {
    const value = object[key];
    if (value === undefined) continue;
    const field: StructuralSchema | undefined =
      properties !== undefined && Object.hasOwn(properties, key)
        ? properties[key]
        : typeof additionalProperties === 'object'
          ? additionalProperties
          : undefined;
    if (field !== undefined) {
      // As Go reads it: a text that is null is an empty one.
      if (options.zeroIsAbsent && value === null && field === additionalProperties && field.type === 'string')
        object[key] = '';
      else if (
        options.zeroIsAbsent &&
        (isZero(field, value) ||
          (options.keepsEmpty !== true &&
            isEmpty(field, value, schema, key) &&
            !(path === '' && options.keptLists?.includes(key) === true)))
      )
        delete object[key];
      else pruneValue(field, value, child(path, key), options, removed);
    } else if (!preserve && !(embedded && NOT_PRUNED.has(key))) {
      delete object[key];
      removed.push(child(path, key));
    }
  }
}

function pruneValue(
  schema: StructuralSchema,
  value: JsonValue,
  path: string,
  options: PruneOptions,
  removed: string[],
): void {
  if (isJsonObject(value)) {
    pruneObject(schema, value, path, options, removed);
  } else if (Array.isArray(value) && schema.items !== undefined) {
    const { items } = schema;
    if (items.type !== 'object' && items.type !== 'array' && items.properties === undefined) return;
    for (const [index, each] of value.entries()) pruneValue(items, each, element(path, index), options, removed);
  }
}

function isZero(field: StructuralSchema, value: JsonValue): boolean {
  if (value === null) return !(field['x-kubernetes-preserve-unknown-fields'] === true && field.type === undefined);
  return value === '' && (field.enum !== undefined || field.default !== undefined || field.format === 'date-time');
}

function isEmpty(field: StructuralSchema, value: JsonValue, parent: StructuralSchema, key: string): boolean {
  if (Array.isArray(value))
    return value.length === 0 && field.items !== undefined && parent.required?.includes(key) !== true;
  return isJsonObject(value) && isMap(field) && Object.keys(value).length === 0;
}

/** A Go map, not a struct: a struct that is there may mean something though it is empty (`emptyDir: {}`). */
function isMap({ properties, additionalProperties }: StructuralSchema): boolean {
  return properties === undefined && additionalProperties !== undefined;
}
