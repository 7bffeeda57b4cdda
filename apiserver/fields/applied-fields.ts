import { isJsonObject, type JsonObject, type JsonValue } from '../schema/json.ts';
import type { StructuralSchema } from '../schema/structural.ts';
import { FieldSet } from './field-set.ts';
import { fieldElement, type PathElement, pathText, valueElement } from './path-element.ts';
import { fieldSchema, isBlank, isNamed, itemElement, shapeOf } from './shape.ts';

/** What an applied configuration says, and what is wrong with it. */
export interface AppliedFields {
  readonly fields: FieldSet;
  /** `.spec.ports: duplicate entries for key [port=80,protocol="TCP"]` */
  readonly problems: readonly string[];
}

/** Source: structured-merge-diff typed/tofieldset.go, typed/validate.go. */
export function appliedFields(schema: StructuralSchema, config: JsonObject): AppliedFields {
  const walk: Walk = { fields: new FieldSet(), problems: [], path: [] };
  collect(schema, config, walk);
  return walk;
}

interface Walk {
  readonly fields: FieldSet;
  readonly problems: string[];
  readonly path: PathElement[];
}

function collect(schema: StructuralSchema | undefined, value: JsonValue, walk: Walk): void {
  const shape = shapeOf(schema, value);
  if (shape === 'leaf') walk.fields.insert(walk.path);
  else if (Array.isArray(value)) collectItems(schema, value, walk);
  else if (isJsonObject(value)) collectFields(schema, value, walk);
}

function collectFields(schema: StructuralSchema | undefined, object: JsonObject, walk: Walk): void {
  for (const [key, value] of Object.entries(object)) {
    walk.path.push(fieldElement(key));
    collect(fieldSchema(schema, key), value, walk);
    // A key that somebody put into a map can be removed again, so it is owned itself.
    if (isBlankObject(value) || !isNamed(schema, key)) walk.fields.insert(walk.path);
    walk.path.pop();
  }
}

function isBlankObject(value: JsonValue): boolean {
  return !Array.isArray(value) && isBlank(value);
}

function collectItems(schema: StructuralSchema | undefined, list: readonly JsonValue[], walk: Walk): void {
  const seen = new Set<PathElement>();
  const problem = (text: string): void => {
    walk.problems.push(`${pathText(walk.path)}: ${text}`);
  };
  list.forEach((item, index) => {
    const element = itemElement(schema, item);
    if (element === undefined) {
      const keys = (schema?.['x-kubernetes-list-map-keys'] ?? []).map((key) => JSON.stringify(key)).join(', ');
      problem(`element ${index}: associative list with keys has an element that omits all key fields [${keys}]`);
      return;
    }
    if (seen.has(element)) problem(`duplicate entries for key ${pathText([element])}`);
    seen.add(element);
    walk.path.push(element);
    if (element !== valueElement(item)) collect(schema?.items, item, walk);
    walk.fields.insert(walk.path);
    walk.path.pop();
  });
}
