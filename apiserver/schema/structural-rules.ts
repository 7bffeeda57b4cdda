import { child, element, type FieldError, forbidden, invalid, keyed, notSupported, required } from './field-error.ts';
import { isJsonObject, type JsonObject, type JsonValue, jsonEqual, listAt, objectAt, textAt } from './json.ts';
import { patternProblem } from './pattern.ts';
import { prune } from './prune.ts';
import type { StructuralSchema } from './structural.ts';
import { validateValue } from './validate.ts';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const JUNCTORS = ['allOf', 'anyOf', 'oneOf'];
const INT_OR_STRING = 'x-kubernetes-int-or-string';
const PRESERVE = 'x-kubernetes-preserve-unknown-fields';

/** Keywords that Kubernetes refuses everywhere. */
const FORBIDDEN = ['$ref', 'definitions', 'dependencies', 'patternProperties', 'additionalItems', 'id', '$schema'];

/** What cannot be inside allOf, anyOf, oneOf and not, because it must hold for the value whichever branch applies. */
const FORBIDDEN_INSIDE = [
  'additionalProperties',
  'default',
  'description',
  'nullable',
  'title',
  'type',
  PRESERVE,
  INT_OR_STRING,
];

/**
 * What keeps the schema of a CRD version from being structural.
 *
 * Source: Kubernetes, "Specifying a structural schema"; apiextensions-apiserver pkg/apiserver/schema/validation.go.
 *
 * @param path of the schema in the CRD
 */
export function structuralErrors(schema: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (textAt(schema, 'type') !== 'object') {
    errors.push(
      schema['type'] === undefined
        ? required(child(path, 'type'), 'must not be empty at the root')
        : invalid(child(path, 'type'), schema['type'], 'must be object at the root'),
    );
  }
  walk(schema, path, errors);
  return errors;
}

function walk(schema: JsonObject, path: string, errors: FieldError[]): void {
  keywordErrors(schema, path, errors);
  const type = textAt(schema, 'type');
  const untyped = schema[INT_OR_STRING] === true || schema[PRESERVE] === true;
  if (type === '') {
    if (!untyped) errors.push(required(child(path, 'type'), 'must not be empty for specified object fields'));
  } else if (!TYPES.includes(type)) {
    errors.push(notSupported(child(path, 'type'), type, TYPES));
  } else if (schema[INT_OR_STRING] === true) {
    errors.push(invalid(child(path, 'type'), type, `must be empty if ${INT_OR_STRING} is true`));
  }

  const properties = objectAt(schema, 'properties');
  const additional = schema['additionalProperties'];
  if (properties !== undefined && additional !== undefined && additional !== false) {
    errors.push(
      forbidden(child(path, 'additionalProperties'), 'additionalProperties and properties are mutual exclusive'),
    );
  }
  for (const [key, field] of Object.entries(properties ?? {})) {
    if (isJsonObject(field)) walk(field, keyed(child(path, 'properties'), key), errors);
  }
  if (isJsonObject(additional)) walk(additional, child(path, 'additionalProperties'), errors);
  if (additional === false) errors.push(forbidden(child(path, 'additionalProperties'), 'must not be false'));
  listErrors(schema, type, path, errors);
  for (const junctor of JUNCTORS) {
    for (const [index, each] of listAt(schema, junctor).entries()) {
      if (isJsonObject(each)) walkInside(each, schema, element(child(path, junctor), index), errors);
    }
  }
  const not = objectAt(schema, 'not');
  if (not !== undefined) walkInside(not, schema, child(path, 'not'), errors);
  defaultErrors(schema, path, errors);
}

/** A schema inside a junctor: only value checks, and only about fields that the outer schema specifies. */
function walkInside(inner: JsonObject, outer: JsonObject, path: string, errors: FieldError[]): void {
  const outerIsIntOrString = outer[INT_OR_STRING] === true;
  for (const keyword of FORBIDDEN_INSIDE) {
    if (inner[keyword] === undefined || (keyword === 'type' && outerIsIntOrString)) continue;
    errors.push(forbidden(child(path, keyword), 'must be empty to be structural'));
  }
  keywordErrors(inner, path, errors);
  const specified = objectAt(outer, 'properties') ?? {};
  const anyField = isJsonObject(outer['additionalProperties']) ? outer['additionalProperties'] : undefined;
  for (const [key, field] of Object.entries(objectAt(inner, 'properties') ?? {})) {
    if (!isJsonObject(field)) continue;
    const at = keyed(child(path, 'properties'), key);
    const outerField = specified[key] ?? anyField;
    if (isJsonObject(outerField)) walkInside(field, outerField, at, errors);
    else errors.push(required(at, `because it is defined in ${at}`));
  }
  const items = objectAt(inner, 'items');
  const outerItems = objectAt(outer, 'items');
  if (items !== undefined && outerItems !== undefined) walkInside(items, outerItems, child(path, 'items'), errors);
  for (const junctor of JUNCTORS) {
    for (const [index, each] of listAt(inner, junctor).entries()) {
      if (isJsonObject(each)) walkInside(each, outer, element(child(path, junctor), index), errors);
    }
  }
  const not = objectAt(inner, 'not');
  if (not !== undefined) walkInside(not, outer, child(path, 'not'), errors);
}

function keywordErrors(schema: JsonObject, path: string, errors: FieldError[]): void {
  for (const keyword of FORBIDDEN) {
    if (schema[keyword] !== undefined) errors.push(forbidden(child(path, keyword), `${keyword} is not supported`));
  }
  if (schema['uniqueItems'] === true) {
    errors.push(
      forbidden(
        child(path, 'uniqueItems'),
        'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
      ),
    );
  }
  const pattern = textAt(schema, 'pattern');
  const problem = pattern === '' ? undefined : patternProblem(pattern);
  if (problem !== undefined)
    errors.push(invalid(child(path, 'pattern'), pattern, `must be a valid regular expression, but isn't: ${problem}`));
}

function listErrors(schema: JsonObject, type: string, path: string, errors: FieldError[]): void {
  const items = schema['items'];
  if (Array.isArray(items))
    errors.push(forbidden(child(path, 'items'), 'items must be a schema object and not an array'));
  if (type === 'array' && items === undefined) errors.push(required(child(path, 'items'), 'must be specified'));
  if (isJsonObject(items)) walk(items, child(path, 'items'), errors);
  const listType = schema['x-kubernetes-list-type'];
  if (listType === undefined) return;
  if (listType !== 'atomic' && listType !== 'set' && listType !== 'map') {
    errors.push(notSupported(child(path, 'x-kubernetes-list-type'), listType, ['atomic', 'set', 'map']));
  }
  if (type !== 'array')
    errors.push(invalid(child(path, 'type'), type, 'must be array if x-kubernetes-list-type is specified'));
  if (listType !== 'map') return;
  const keys = listAt(schema, 'x-kubernetes-list-map-keys');
  if (keys.length === 0) {
    errors.push(
      required(child(path, 'x-kubernetes-list-map-keys'), 'must not be empty if x-kubernetes-list-type is map'),
    );
  }
  const fields = objectAt(objectAt(schema, 'items'), 'properties');
  for (const key of keys) {
    const field = typeof key === 'string' ? objectAt(fields, key) : undefined;
    if (field === undefined) {
      errors.push(
        invalid(
          child(path, 'x-kubernetes-list-map-keys'),
          keys as JsonValue[],
          'entries must all be names of item properties',
        ),
      );
    } else if (field['default'] === undefined && !listAt(objectAt(schema, 'items'), 'required').includes(key)) {
      const at = keyed(child(path, 'items.properties'), String(key));
      errors.push(
        required(
          child(at, 'default'),
          'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
        ),
      );
    }
  }
}

/** A default has to fit its own schema, and nothing of it may be pruned. */
function defaultErrors(schema: JsonObject, path: string, errors: FieldError[]): void {
  const value = schema['default'];
  if (value === undefined || errors.length > 0) return;
  const field = child(path, 'default');
  const structural = schema as unknown as StructuralSchema;
  errors.push(...validateValue(structural, value, field));
  if (!isJsonObject(value)) return;
  const pruned = structuredClone(value);
  prune(structural, pruned, { zeroIsAbsent: false });
  if (!jsonEqual(pruned, value)) errors.push(invalid(field, value, 'must not have unknown fields'));
}
