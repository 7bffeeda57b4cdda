import { isJsonObject, type JsonObject, type JsonValue } from '../schema/json.ts';
import type { StructuralSchema } from '../schema/structural.ts';
import type { FieldSet } from './field-set.ts';
import { fieldElement } from './path-element.ts';
import { fieldSchema, isNamed, itemElement, shapeOf } from './shape.ts';

/**
 * Takes from an object what an applier has said before and says no more, where nobody else owns it. With a field or element goes
 * what is below it, unless somebody owns that.
 *
 * Source: structured-merge-diff merge/update.go (prune, addBackOwnedItems, addBackDanglingItems).
 *
 * @param last what the applier owned until now
 * @param owned what anybody owns from now on, the applier included
 */
export function pruneUnowned(
  schema: StructuralSchema,
  object: JsonObject,
  last: FieldSet,
  owned: FieldSet,
): JsonObject {
  return pruneFields(schema, object, last, owned);
}

function pruneFields(
  schema: StructuralSchema | undefined,
  object: JsonObject,
  last: FieldSet,
  owned: FieldSet | undefined,
): JsonObject {
  const kept: JsonObject = {};
  for (const [key, value] of Object.entries(object)) {
    const element = fieldElement(key);
    const was = last.child(element);
    const is = owned?.child(element);
    const named = isNamed(schema, key);
    if (was === undefined) {
      kept[key] = value;
    } else if (!counts(was, named) || (is !== undefined && counts(is, named))) {
      const rest = pruneValue(fieldSchema(schema, key), value, was, is);
      if (rest !== undefined) kept[key] = rest;
      else if (is?.isMember === true && isJsonObject(value)) kept[key] = {};
    }
  }
  return kept;
}

/** A field that the schema names is owned with anything below it; a key of a map, or an element, only itself. */
function counts(set: FieldSet, named: boolean): boolean {
  return set.isMember || (named && set.hasChildren);
}

/** Undefined when nothing is left of what was something. */
function pruneValue(
  schema: StructuralSchema | undefined,
  value: JsonValue,
  last: FieldSet,
  owned: FieldSet | undefined,
): JsonValue | undefined {
  if (!last.hasChildren || shapeOf(schema, value) === 'leaf') return value;
  if (isJsonObject(value)) {
    const kept = pruneFields(schema, value, last, owned);
    return Object.keys(kept).length === 0 && Object.keys(value).length > 0 ? undefined : kept;
  }
  if (!Array.isArray(value)) return value;
  const kept = value.flatMap((item) => {
    const element = itemElement(schema, item) ?? '';
    const was = last.child(element);
    const is = owned?.child(element);
    if (was === undefined) return [item];
    if (was.isMember && is?.isMember !== true) return [];
    const rest = pruneValue(schema?.items, item, was, is);
    return rest === undefined ? [] : [rest];
  });
  return kept.length === 0 && value.length > 0 ? undefined : kept;
}
