import { oldItems } from './correlation.ts';
import {
  child,
  duplicate,
  element,
  type FieldError,
  invalid,
  keyed,
  notSupported,
  required,
  tooMany,
  typeInvalid,
} from './field-error.ts';
import { STRING_FORMATS } from './formats.ts';
import { isJsonObject, type JsonObject, type JsonValue, jsonEqual } from './json.ts';
import { validateEmbeddedResource } from './object-meta.ts';
import { patternMatches } from './pattern.ts';
import type { StructuralSchema } from './structural.ts';

/**
 * What is wrong with `value` according to `schema`, in the words of Kubernetes.
 *
 * Source: kube-openapi pkg/validation, apiextensions-apiserver pkg/apiserver/validation.
 *
 * @param path of `value`; `''` for the whole object
 */
export function validateValue(
  schema: StructuralSchema,
  value: JsonValue,
  path: string,
  options: ValidateOptions = {},
): readonly FieldError[] {
  const { leniently = nowhere, anyInteger = false } = options;
  const walk = { errors: [], leniently, anyInteger };
  validate(schema, value, path, walk, options.old);
  return walk.errors;
}

export interface ValidateOptions {
  /** Where a missing required field is no error. */
  readonly leniently?: (path: string) => boolean;
  /** Integers may be larger than their format: Kubernetes does not look at that in custom resources. */
  readonly anyInteger?: boolean;
  /** What the value was before an update: parts that are as they were are not looked at. */
  readonly old?: JsonValue;
}

/** One walk over an object: what it has found so far. */
interface Walk {
  readonly errors: FieldError[];
  readonly leniently: (path: string) => boolean;
  readonly anyInteger: boolean;
}

function nowhere(): boolean {
  return false;
}

function validate(schema: StructuralSchema, value: JsonValue, path: string, walk: Walk, old?: JsonValue): void {
  if (old !== undefined && jsonEqual(value, old)) return;
  if (value === null && (schema.nullable === true || anythingGoes(schema))) return;
  if (!typeMatches(schema, value)) {
    walk.errors.push(
      typeInvalid(path, value, `${inBody(path)} must be of type ${typeNames(schema)}: ${typeName(value)}`),
    );
    return;
  }
  if (schema.enum !== undefined && !schema.enum.some((each) => jsonEqual(each, value))) {
    walk.errors.push(notSupported(path, value, schema.enum.map(enumText)));
  }
  if (typeof value === 'string') stringErrors(schema, value, path, walk);
  else if (typeof value === 'number') numberErrors(schema, value, path, walk);
  else if (Array.isArray(value)) listErrors(schema, value, path, walk, old);
  else if (isJsonObject(value)) objectErrors(schema, value, path, walk, old);
  junctorErrors(schema, value, path, walk);
}

function anythingGoes(schema: StructuralSchema): boolean {
  return schema.type === undefined && schema['x-kubernetes-preserve-unknown-fields'] === true;
}

function typeMatches(schema: StructuralSchema, value: JsonValue): boolean {
  if (schema['x-kubernetes-int-or-string'] === true) return typeof value === 'string' || Number.isInteger(value);
  switch (schema.type) {
    case undefined:
      return true;
    case 'object':
      return isJsonObject(value);
    case 'array':
      return Array.isArray(value);
    case 'string':
      return typeof value === 'string' || (schema.format === 'quantity' && typeof value === 'number');
    case 'integer':
      return isInteger(value);
    case 'number':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    default:
      return true;
  }
}

function stringErrors(schema: StructuralSchema, value: string, path: string, walk: Walk): void {
  if (schema.minLength !== undefined && [...value].length < schema.minLength) {
    walk.errors.push(invalid(path, value, `${inBody(path)} should be at least ${schema.minLength} chars long`));
  }
  if (schema.maxLength !== undefined && value.length > schema.maxLength && [...value].length > schema.maxLength) {
    walk.errors.push({
      reason: 'FieldValueTooLong',
      field: path,
      message: `Too long: may not be more than ${schema.maxLength} bytes`,
    });
  }
  if (schema.pattern !== undefined && !patternMatches(schema.pattern, value)) {
    walk.errors.push(invalid(path, value, `${inBody(path)} should match '${schema.pattern}'`));
  }
  const { format } = schema;
  if (format !== undefined && Object.hasOwn(STRING_FORMATS, format) && STRING_FORMATS[format]?.(value) === false) {
    const error = invalid(path, value, `${inBody(path)} must be of type ${schema.format}: ${JSON.stringify(value)}`);
    walk.errors.push({ ...error, reason: 'FieldValueTypeInvalid' });
  }
}

function enumText(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function numberErrors(schema: StructuralSchema, value: number, path: string, walk: Walk): void {
  const { minimum, maximum, multipleOf } = schema;
  if (minimum !== undefined && (schema.exclusiveMinimum === true ? value <= minimum : value < minimum)) {
    const limit = schema.exclusiveMinimum === true ? 'greater than' : 'greater than or equal to';
    walk.errors.push(invalid(path, value, `${inBody(path)} should be ${limit} ${minimum}`));
  }
  if (maximum !== undefined && (schema.exclusiveMaximum === true ? value >= maximum : value > maximum)) {
    const limit = schema.exclusiveMaximum === true ? 'less than' : 'less than or equal to';
    walk.errors.push(invalid(path, value, `${inBody(path)} should be ${limit} ${maximum}`));
  }
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf)) {
    walk.errors.push(invalid(path, value, `${inBody(path)} should be a multiple of ${multipleOf}`));
  }
  if (
    !walk.anyInteger &&
    schema.format === 'int32' &&
    schema.type === 'integer' &&
    (value > 2_147_483_647 || value < -2_147_483_648)
  ) {
    walk.errors.push(invalid(path, value, `${inBody(path)} must be of type int32: ${JSON.stringify(String(value))}`));
  }
}

function listErrors(
  schema: StructuralSchema,
  list: readonly JsonValue[],
  path: string,
  walk: Walk,
  old: JsonValue | undefined,
): void {
  if (schema.minItems !== undefined && list.length < schema.minItems) {
    walk.errors.push(invalid(path, list.length, `${inBody(path)} should have at least ${schema.minItems} items`));
  }
  if (schema.maxItems !== undefined && list.length > schema.maxItems) {
    walk.errors.push(tooMany(path, list.length, schema.maxItems));
  }
  duplicateErrors(schema, list, path, walk);
  if (schema.items === undefined) return;
  const oldItem = old === undefined ? undefined : oldItems(schema, old);
  for (let index = 0; index < list.length; index++) {
    const item = list[index] ?? null;
    validate(schema.items, item, element(path, index), walk, oldItem?.(item));
  }
}

/** Lists of type `set` hold each value once, lists of type `map` each combination of keys once. */
function duplicateErrors(schema: StructuralSchema, list: readonly JsonValue[], path: string, walk: Walk): void {
  const listType = schema.uniqueItems === true ? 'set' : schema['x-kubernetes-list-type'];
  if (list.length < 2 || (listType !== 'set' && listType !== 'map')) return;
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const seen = new Set<string>();
  list.forEach((each, index) => {
    const identity = listType === 'map' && isJsonObject(each) ? pick(each, keys, schema.items) : each;
    const text = canonicalText(identity);
    if (seen.has(text)) walk.errors.push(duplicate(element(path, index), identity));
    seen.add(text);
  });
}

function pick(object: JsonObject, keys: readonly string[], items: StructuralSchema | undefined): JsonObject {
  const picked: JsonObject = {};
  for (const key of keys) {
    const value = object[key] ?? items?.properties?.[key]?.default;
    if (value !== undefined) picked[key] = value;
  }
  return picked;
}

/** JSON with sorted keys: equal texts mean equal values. */
function canonicalText(value: JsonValue): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    isJsonObject(each) ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1))) : each,
  );
}

function objectErrors(
  schema: StructuralSchema,
  object: JsonObject,
  path: string,
  walk: Walk,
  old: JsonValue | undefined,
): void {
  if (schema['x-kubernetes-embedded-resource'] === true) walk.errors.push(...validateEmbeddedResource(object, path));
  for (const key of schema.required ?? []) {
    if (!Object.hasOwn(object, key) && !walk.leniently(path)) walk.errors.push(required(child(path, key)));
  }
  const { properties, additionalProperties, minProperties, maxProperties } = schema;
  if (minProperties !== undefined || maxProperties !== undefined) {
    const count = Object.keys(object).length;
    if (minProperties !== undefined && count < minProperties) {
      walk.errors.push(invalid(path, count, `${inBody(path)} should have at least ${minProperties} properties`));
    }
    if (maxProperties !== undefined && count > maxProperties) walk.errors.push(tooMany(path, count, maxProperties));
  }
  const before = isJsonObject(old) ? old : undefined;
  for (const key in object) {
    const value = object[key];
    if (value === undefined) continue;
    const oldValue = before !== undefined && Object.hasOwn(before, key) ? before[key] : undefined;
    if (properties !== undefined && Object.hasOwn(properties, key)) {
      const field = properties[key];
      if (field !== undefined) validate(field, value, child(path, key), walk, oldValue);
    } else if (typeof additionalProperties === 'object') {
      const at = properties === undefined && /^[A-Za-z0-9_-]+$/.test(key) ? child(path, key) : keyed(path, key);
      validate(additionalProperties, value, at, walk, oldValue);
    }
  }
}

/** Source: kube-openapi pkg/validation/validate, schema_props.go. */
function junctorErrors(schema: StructuralSchema, value: JsonValue, path: string, walk: Walk): void {
  const { anyOf, oneOf, allOf, not } = schema;
  // These have no field of their own.
  const fail = (detail: string): void => {
    walk.errors.push(invalid('<nil>', '', `${JSON.stringify(path)} ${detail}`));
  };
  const explain = (alternatives: readonly StructuralSchema[]): void => {
    const [first] = alternatives;
    if (first !== undefined) validate(first, value, path, walk);
  };
  if (anyOf !== undefined && !anyOf.some((each) => isValid(each, value))) {
    fail('must validate at least one schema (anyOf)');
    explain(anyOf);
  }
  if (oneOf !== undefined) {
    const valid = oneOf.filter((each) => isValid(each, value)).length;
    if (valid === 0) {
      fail('must validate one and only one schema (oneOf). Found none valid');
      explain(oneOf);
    } else if (valid > 1) {
      fail(`must validate one and only one schema (oneOf). Found ${valid} valid alternatives`);
    }
  }
  if (allOf !== undefined) {
    const before = walk.errors.length;
    for (const each of allOf) validate(each, value, path, walk);
    if (walk.errors.length > before) {
      const none = allOf.every((each) => !isValid(each, value)) ? '. None validated' : '';
      fail(`must validate all the schemas (allOf)${none}`);
    }
  }
  if (not !== undefined && isValid(not, value)) fail('must not validate the schema (not)');
}

function isValid(schema: StructuralSchema, value: JsonValue): boolean {
  return validateValue(schema, value, '').length === 0;
}

function inBody(path: string): string {
  return path === '' ? 'object in body' : `${path} in body`;
}

/** Of 64 bits. */
function isInteger(value: JsonValue): boolean {
  return Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 63;
}

function typeNames(schema: StructuralSchema): string {
  return schema['x-kubernetes-int-or-string'] === true ? 'integer,string' : (schema.type ?? 'object');
}

function typeName(value: JsonValue): string {
  if (value === null) return '"null"';
  if (Array.isArray(value)) return '"array"';
  if (typeof value === 'number') return isInteger(value) ? '"integer"' : '"number"';
  return `"${typeof value}"`;
}
