import { isJsonObject, type JsonObject, type JsonValue, jsonEqual } from '../schema/json.ts';
import type { StructuralSchema } from '../schema/structural.ts';
import { FieldSet } from './field-set.ts';
import { fieldElement, type PathElement } from './path-element.ts';
import { commonShape, fieldSchema, indexItems } from './shape.ts';

/** What a write did to an object. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/** Source: structured-merge-diff typed/compare.go. */
export function compareObjects(schema: StructuralSchema, before: JsonObject, after: JsonObject): Comparison {
  const found = { added: new FieldSet(), modified: new FieldSet(), removed: new FieldSet() };
  compare(schema, before, after, { found, path: [] });
  return found;
}

interface Walk {
  readonly found: Comparison;
  /** Where the walk is. */
  readonly path: PathElement[];
}

function compare(
  schema: StructuralSchema | undefined,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  walk: Walk,
): void {
  switch (commonShape(schema, before, after)) {
    case 'leaf':
      compareWhole(before, after, walk);
      return;
    case 'map':
      compareFields(schema, isJsonObject(before) ? before : {}, isJsonObject(after) ? after : {}, walk);
      break;
    case 'list':
      compareItems(schema, before, after, walk);
      break;
  }
  if (before === undefined) walk.found.added.insert(walk.path);
  else if (after === undefined) walk.found.removed.insert(walk.path);
}

function compareWhole(before: JsonValue | undefined, after: JsonValue | undefined, { found, path }: Walk): void {
  if (before === undefined) found.added.insert(path);
  else if (after === undefined) found.removed.insert(path);
  else if (!jsonEqual(before, after)) found.modified.insert(path);
}

function compareFields(schema: StructuralSchema | undefined, before: JsonObject, after: JsonObject, walk: Walk): void {
  const visit = (key: string): void => {
    walk.path.push(fieldElement(key));
    compare(fieldSchema(schema, key), before[key], after[key], walk);
    walk.path.pop();
  };
  for (const key of Object.keys(before)) visit(key);
  for (const key of Object.keys(after)) if (!Object.hasOwn(before, key)) visit(key);
}

function compareItems(
  schema: StructuralSchema | undefined,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  walk: Walk,
): void {
  const left = indexItems(schema, before);
  const right = indexItems(schema, after);
  for (const element of new Set([...left.keys(), ...right.keys()])) {
    const [old, ...oldTwins] = left.get(element) ?? [];
    const [young, ...youngTwins] = right.get(element) ?? [];
    walk.path.push(element);
    if (oldTwins.length === 0 && youngTwins.length === 0) compare(schema?.items, old, young, walk);
    else compareWhole(left.get(element), right.get(element), walk);
    walk.path.pop();
  }
}
