import { isJsonObject, type JsonObject, type JsonValue } from './json.ts';
import type { StructuralSchema } from './structural.ts';

/**
 * Fills in the defaults of `schema`, in place; a `null` where none is allowed counts as absent, except in lists without a default.
 *
 * Source: Kubernetes, "Defaulting".
 */
export function applyDefaults(schema: StructuralSchema, object: JsonObject): void {
  const { properties, additionalProperties } = schema;
  if (properties !== undefined) {
    for (const key in properties) {
      const field = properties[key];
      if (field === undefined) continue;
      let value = Object.hasOwn(object, key) ? object[key] : undefined;
      if (field.default !== undefined && (value === undefined || (value === null && field.nullable !== true))) {
        value = structuredClone(field.default);
        object[key] = value;
      }
      if (value === null && isUnwantedNull(field)) delete object[key];
      else if (value !== undefined) defaultsInside(field, value);
    }
  }
  if (typeof additionalProperties === 'object') {
    for (const [key, value] of Object.entries(object)) {
      if (properties !== undefined && Object.hasOwn(properties, key)) continue;
      if (value === null && additionalProperties.default !== undefined && additionalProperties.nullable !== true) {
        object[key] = structuredClone(additionalProperties.default);
      } else if (value === null && isUnwantedNull(additionalProperties)) {
        delete object[key];
      } else {
        defaultsInside(additionalProperties, value);
      }
    }
  }
}

/** What may have any value may be null too. */
function isUnwantedNull({ nullable, type }: StructuralSchema): boolean {
  return nullable !== true && type !== undefined;
}

function defaultsInside(schema: StructuralSchema, value: JsonValue): void {
  if (isJsonObject(value)) {
    applyDefaults(schema, value);
  } else if (Array.isArray(value) && schema.items !== undefined) {
    const { items } = schema;
    value.forEach((each, index) => {
      if (each === null && items.default !== undefined && items.nullable !== true) {
        value[index] = structuredClone(items.default);
      } else {
        defaultsInside(items, each);
      }
    });
  }
}
