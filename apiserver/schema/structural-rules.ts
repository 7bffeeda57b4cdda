import { child, element, type FieldError, fieldErrorText, forbidden, invalid, keyed, required } from './field-error.ts';
import { isJsonObject, type JsonObject, type JsonValue, jsonEqual, objectAt, objectsAt, textAt } from './json.ts';
import { patternProblem } from './pattern.ts';
import { prune } from './prune.ts';
import { schemaKeywordErrors } from './schema-keyword-rules.ts';
import type { StructuralSchema } from './structural.ts';
import { validateValue } from './validate.ts';

const JUNCTORS = ['anyOf', 'allOf', 'oneOf'];
const INT_OR_STRING = 'x-kubernetes-int-or-string';
const PRESERVE = 'x-kubernetes-preserve-unknown-fields';
const EMBEDDED = 'x-kubernetes-embedded-resource';

/** How a value is said to be a number or a text, which is allowed though it names types inside a junctor. */
const NUMBER_OR_TEXT: JsonObject[] = [{ type: 'integer' }, { type: 'string' }];

/** What cannot be inside allOf, anyOf, oneOf and not, because it must hold for the value whichever branch applies. */
const FORBIDDEN_INSIDE: Readonly<Record<string, string>> = {
  type: 'must be empty to be structural',
  additionalProperties: 'must be undefined to be structural',
  default: 'must be undefined to be structural',
  title: 'must be empty to be structural',
  description: 'must be empty to be structural',
  nullable: 'must be false to be structural',
  [PRESERVE]: 'must be false to be structural',
  [EMBEDDED]: 'must be false to be structural',
  [INT_OR_STRING]: 'must be false to be structural',
  'x-kubernetes-list-map-keys': 'must be empty to be structural',
  'x-kubernetes-list-type': 'must be undefined to be structural',
  'x-kubernetes-map-type': 'must be undefined to be structural',
  'x-kubernetes-validations': 'must be empty to be structural',
};

/**
 * What is wrong with the schema of a CRD version, rules apart.
 *
 * Source: Kubernetes, "Specifying a structural schema"; apiextensions-apiserver pkg/apiserver/schema/validation.go.
 *
 * @param path of the schema in the CRD
 */
export function structuralErrors(schema: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const keywordErrors = schemaKeywordErrors(schema, path);
  if (keywordErrors.some(({ message }) => NO_SCHEMA.test(message))) return keywordErrors;
  walk(schema, 'root', path, errors);
  completenessErrors(schema, schema, path, path, errors);
  errors.sort((a, b) => (fieldErrorText(a) < fieldErrorText(b) ? -1 : 1));
  if (errors.length === 0) defaultErrors(schema, path, errors);
  return [...errors, ...keywordErrors];
}

/** What makes it no schema at all, so that there is nothing more to say. */
const NO_SCHEMA = /is not supported$|^Forbidden: items must be a schema object|must be true or undefined$/;

type Level = 'root' | 'item' | 'field';

const WITHOUT_TYPE: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

function walk(schema: JsonObject, level: Level, path: string, errors: FieldError[]): void {
  const { items, additionalProperties: additional } = schema;
  if (schema['type'] === 'array' && items === undefined)
    errors.push(required(child(path, 'items'), 'must be specified'));
  if (isJsonObject(items)) walk(items, 'item', child(path, 'items'), errors);
  for (const [key, field] of Object.entries(objectAt(schema, 'properties') ?? {})) {
    if (isJsonObject(field)) walk(field, 'field', keyed(child(path, 'properties'), key), errors);
  }
  if (additional !== undefined) {
    const at = child(path, 'additionalProperties');
    if (level === 'root') errors.push(forbidden(at, 'must not be used at the root'));
    if (isJsonObject(additional)) walk(additional, 'field', at, errors);
  }
  extensionErrors(schema, path, errors);
  const [firstOfAll] = objectsAt(schema, 'allOf');
  valueErrors(schema, path, errors, {
    anyOf: isNumberOrText(schema),
    firstOfAll: firstOfAll !== undefined && isNumberOrText(firstOfAll),
  });
  typeErrors(schema, level, path, errors);
  metadataErrors(schema, level, path, errors);
}

function isNumberOrText(schema: JsonObject): boolean {
  return jsonEqual(schema['anyOf'], NUMBER_OR_TEXT);
}

function extensionErrors(schema: JsonObject, path: string, errors: FieldError[]): void {
  if (schema[INT_OR_STRING] !== true) return;
  for (const other of [PRESERVE, EMBEDDED]) {
    if (schema[other] === true) {
      errors.push(invalid(child(path, other), true, `must be false if ${INT_OR_STRING} is true`));
    }
  }
}

function typeErrors(schema: JsonObject, level: Level, path: string, errors: FieldError[]): void {
  const type = textAt(schema, 'type');
  const field = child(path, 'type');
  const embedded = schema[EMBEDDED] === true;
  if (embedded && type !== 'object') {
    const detail = `must be object if ${EMBEDDED} is true`;
    errors.push(type === '' ? required(field, detail) : invalid(field, type, detail));
  } else if (type === '' && schema[INT_OR_STRING] !== true && schema[PRESERVE] !== true) {
    errors.push(required(field, WITHOUT_TYPE[level]));
  }
  if (embedded && schema['additionalProperties'] !== undefined) {
    errors.push(forbidden(child(path, 'additionalProperties'), `must not be used if ${EMBEDDED} is set`));
  }
  if (level === 'root' && type !== '' && type !== 'object')
    errors.push(invalid(field, type, 'must be object at the root'));
  if (embedded && schema[PRESERVE] !== true && Object.keys(objectAt(schema, 'properties') ?? {}).length === 0) {
    errors.push(required(child(path, 'properties'), `must not be empty if ${EMBEDDED} is true without ${PRESERVE}`));
  }
}

/** What every object has can hardly be restricted by a schema. */
function metadataErrors(schema: JsonObject, level: Level, path: string, errors: FieldError[]): void {
  if (level !== 'root' && schema[EMBEDDED] !== true) return;
  const properties = objectAt(schema, 'properties');
  const at = (key: string): string => keyed(child(path, 'properties'), key);
  for (const key of ['kind', 'apiVersion']) {
    const type = textAt(objectAt(properties, key), 'type');
    if (properties?.[key] !== undefined && type !== 'string') {
      errors.push(invalid(child(at(key), 'type'), type, 'must be string'));
    }
  }
  const metadata = objectAt(properties, 'metadata');
  if (metadata === undefined) return;
  const { type = '', properties: fields = {}, default: _default, ...rest } = metadata;
  if (type !== 'object') errors.push(invalid(child(at('metadata'), 'type'), type, 'must be object'));
  const others = Object.keys(isJsonObject(fields) ? fields : {}).filter(
    (key) => key !== 'name' && key !== 'generateName',
  );
  if (level === 'root' && (others.length > 0 || Object.keys(rest).length > 0)) {
    errors.push(
      forbidden(
        at('metadata'),
        'must not specify anything other than name and generateName, but metadata is implicitly specified',
      ),
    );
  }
}

/** Junctors whose types say "a number or a text". */
interface Allowed {
  readonly anyOf: boolean;
  readonly firstOfAll: boolean;
}

/** What is inside junctors only checks values. */
function valueErrors(schema: JsonObject, path: string, errors: FieldError[], { anyOf, firstOfAll }: Allowed): void {
  for (const junctor of JUNCTORS) {
    if (junctor === 'anyOf' && anyOf) continue;
    for (const [index, each] of objectsAt(schema, junctor).entries()) {
      const inner = { anyOf: junctor === 'allOf' && index === 0 && firstOfAll, firstOfAll: false };
      nestedErrors(each, element(child(path, junctor), index), errors, inner);
    }
  }
  const not = objectAt(schema, 'not');
  if (not !== undefined) nestedErrors(not, child(path, 'not'), errors);
  const pattern = textAt(schema, 'pattern');
  const problem = pattern === '' ? undefined : patternProblem(pattern);
  if (problem !== undefined) {
    errors.push(invalid(child(path, 'pattern'), pattern, `must be a valid regular expression, but isn't: ${problem}`));
  }
}

const NOTHING_ALLOWED: Allowed = { anyOf: false, firstOfAll: false };

function nestedErrors(schema: JsonObject, path: string, errors: FieldError[], allowed = NOTHING_ALLOWED): void {
  valueErrors(schema, path, errors, allowed);
  const items = objectAt(schema, 'items');
  if (items !== undefined) nestedErrors(items, child(path, 'items'), errors);
  for (const [key, field] of Object.entries(objectAt(schema, 'properties') ?? {})) {
    const at = keyed(child(path, 'properties'), key);
    if (isJsonObject(field)) nestedErrors(field, at, errors);
    if (key === 'metadata') errors.push(forbidden(at, 'must not be specified in a nested context'));
  }
  for (const [keyword, detail] of Object.entries(FORBIDDEN_INSIDE)) {
    const value = schema[keyword];
    const isEmpty =
      value === undefined || value === false || value === '' || (Array.isArray(value) && value.length === 0);
    if (!isEmpty) errors.push(forbidden(child(path, keyword), detail));
  }
}

/** Checks of values are about fields that are specified outside of junctors. @param outerPath of what is specified */
function completenessErrors(
  inner: JsonObject,
  outer: JsonObject,
  outerPath: string,
  path: string,
  errors: FieldError[],
): void {
  const visit = (each: JsonObject, at: string): void => {
    completenessErrors(each, outer, outerPath, at, errors);
    const items = objectAt(each, 'items');
    const outerItems = objectAt(outer, 'items');
    const itemsAt = child(at, 'items');
    if (items !== undefined) {
      const field = child(outerPath, 'items');
      if (outerItems === undefined) errors.push(required(field, `because it is defined in ${itemsAt}`));
      else completeFields(items, outerItems, field, itemsAt, errors);
    }
    completeProperties(each, outer, outerPath, at, errors);
  };
  const not = objectAt(inner, 'not');
  if (not !== undefined) visit(not, child(path, 'not'));
  for (const junctor of JUNCTORS) {
    for (const [index, each] of objectsAt(inner, junctor).entries()) visit(each, element(child(path, junctor), index));
  }
}

function completeProperties(
  inner: JsonObject,
  outer: JsonObject,
  outerPath: string,
  path: string,
  errors: FieldError[],
): void {
  const specified = objectAt(outer, 'properties') ?? {};
  for (const [key, field] of Object.entries(objectAt(inner, 'properties') ?? {})) {
    if (!isJsonObject(field)) continue;
    const at = keyed(child(path, 'properties'), key);
    const outerAt = keyed(child(outerPath, 'properties'), key);
    const outerField = specified[key];
    if (isJsonObject(outerField)) completeFields(field, outerField, outerAt, at, errors);
    else errors.push(required(outerAt, `because it is defined in ${at}`));
  }
}

function completeFields(
  inner: JsonObject,
  outer: JsonObject,
  outerPath: string,
  path: string,
  errors: FieldError[],
): void {
  completenessErrors(inner, outer, outerPath, path, errors);
  completeProperties(inner, outer, outerPath, path, errors);
}

function unknownFields(field: string, value: JsonObject): FieldError {
  return {
    reason: 'FieldValueInvalid',
    field,
    message: `Invalid value: ${goText(value)}: must not have unknown fields`,
  };
}

/** A value as programs in Go print it. */
function goText(value: JsonValue): string {
  if (Array.isArray(value)) return `[]interface {}{${value.map(goText).join(', ')}}`;
  if (!isJsonObject(value)) return value === null ? 'interface {}(nil)' : JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `map[string]interface {}{${entries.map(([key, each]) => `${JSON.stringify(key)}:${goText(each)}`).join(', ')}}`;
}

/** A default has to fit its own schema, and nothing of it may be pruned. */
function defaultErrors(schema: JsonObject, path: string, errors: FieldError[]): void {
  const value = schema['default'];
  if (value !== undefined) {
    const field = child(path, 'default');
    const structural = schema as unknown as StructuralSchema;
    if (isJsonObject(value)) {
      const pruned = structuredClone(value);
      prune(structural, pruned, { zeroIsAbsent: false });
      if (!jsonEqual(pruned, value)) errors.push(unknownFields(field, value));
    }
    // The words are about the value alone, as if it were an object of its own.
    for (const error of validateValue(structural, value, '')) {
      const at = error.field === '' ? field : child(field, error.field);
      errors.push({ ...error, field: at, message: error.message.replace('object in body', ' in body') });
    }
  }
  const items = objectAt(schema, 'items');
  if (items !== undefined) defaultErrors(items, child(path, 'items'), errors);
  for (const [key, field] of Object.entries(objectAt(schema, 'properties') ?? {})) {
    if (isJsonObject(field)) defaultErrors(field, keyed(child(path, 'properties'), key), errors);
  }
}
