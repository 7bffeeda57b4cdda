import { child, element, type FieldError, forbidden, invalid, keyed, notSupported, required } from './field-error.ts';
import { isJsonObject, type JsonObject, listAt, objectAt, objectsAt, textAt } from './json.ts';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const LIST_TYPE = 'x-kubernetes-list-type';
const LIST_KEYS = 'x-kubernetes-list-map-keys';
const MAP_TYPE = 'x-kubernetes-map-type';
const PRESERVE = 'x-kubernetes-preserve-unknown-fields';
const EMBEDDED = 'x-kubernetes-embedded-resource';

/** Keywords that Kubernetes refuses everywhere. */
const NOT_SUPPORTED = ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref'];
const METADATA = ['metadata', 'kind', 'apiVersion'];

/** Where a schema is. */
interface Place {
  readonly isRoot: boolean;
  /** The value is `metadata`, `kind` or `apiVersion` of an object, or inside. */
  readonly insideMetadata: boolean;
  /** Why there can be no defaults; undefined where there can. */
  readonly withoutDefaults: string | undefined;
}

/**
 * Keywords of a schema in a CRD that mean nothing, or not together, wherever they are.
 *
 * Source: apiextensions-apiserver pkg/apis/apiextensions/validation, ValidateCustomResourceDefinitionOpenAPISchema.
 */
export function schemaKeywordErrors(schema: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  walk(schema, path, { isRoot: true, insideMetadata: false, withoutDefaults: undefined }, errors);
  return errors;
}

function walk(schema: JsonObject, path: string, place: Place, errors: FieldError[]): void {
  plainErrors(schema, path, place, errors);
  const within: Place = { ...place, isRoot: false };
  const { additionalProperties: additional, items } = schema;
  if (additional !== undefined) {
    const at = child(path, 'additionalProperties');
    const fields = Object.keys(objectAt(schema, 'properties') ?? {});
    if (fields.length > 0 && additional !== true) {
      errors.push(forbidden(at, 'additionalProperties and properties are mutual exclusive'));
    }
    const reason = 'inside additionalProperties applying to object metadata';
    const inner = place.insideMetadata ? { ...within, withoutDefaults: reason } : within;
    if (isJsonObject(additional)) walk(additional, at, inner, errors);
  }
  for (const [key, field] of Object.entries(objectAt(schema, 'properties') ?? {})) {
    if (!isJsonObject(field)) continue;
    const at = keyed(child(path, 'properties'), key);
    const isMetadata = METADATA.includes(key) && (place.isRoot || schema[EMBEDDED] === true);
    const withoutDefaults = isMetadata && place.isRoot ? `in top-level ${key}` : within.withoutDefaults;
    walk(field, at, isMetadata ? { ...within, insideMetadata: true, withoutDefaults } : within, errors);
  }
  const not = objectAt(schema, 'not');
  if (not !== undefined) walk(not, child(path, 'not'), within, errors);
  for (const junctor of ['allOf', 'oneOf', 'anyOf']) {
    for (const [index, each] of objectsAt(schema, junctor).entries()) {
      walk(each, element(child(path, junctor), index), within, errors);
    }
  }
  if (isJsonObject(items)) walk(items, child(path, 'items'), within, errors);
  mapTypeErrors(schema, path, errors);
  listTypeErrors(schema, path, errors);
}

function plainErrors(schema: JsonObject, path: string, place: Place, errors: FieldError[]): void {
  const type = textAt(schema, 'type');
  if (type !== '' && !TYPES.includes(type)) errors.push(notSupported(child(path, 'type'), type, TYPES));
  if (schema['default'] !== undefined && place.withoutDefaults !== undefined) {
    errors.push(forbidden(child(path, 'default'), `must not be set ${place.withoutDefaults}`));
  }
  for (const keyword of NOT_SUPPORTED) {
    if (schema[keyword] !== undefined) errors.push(forbidden(child(path, keyword), `${keyword} is not supported`));
  }
  if (type === 'null') {
    errors.push(forbidden(child(path, 'type'), 'type cannot be set to null, use nullable as an alternative'));
  }
  if (Array.isArray(schema['items'])) {
    errors.push(forbidden(child(path, 'items'), 'items must be a schema object and not an array'));
  }
  if (place.insideMetadata && schema[EMBEDDED] === true) {
    errors.push(forbidden(child(path, EMBEDDED), 'must not be used inside of resource meta'));
  }
  if (schema['uniqueItems'] === true) {
    const detail = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    errors.push(forbidden(child(path, 'uniqueItems'), detail));
  }
  if (schema[PRESERVE] === false) errors.push(invalid(child(path, PRESERVE), false, 'must be true or undefined'));
}

function mapTypeErrors(schema: JsonObject, path: string, errors: FieldError[]): void {
  const mapType = schema[MAP_TYPE];
  if (mapType === undefined) return;
  mustBe('object', `if ${MAP_TYPE} is specified`, schema, path, errors);
  if (mapType !== 'atomic' && mapType !== 'granular') {
    errors.push(notSupported(child(path, MAP_TYPE), mapType, ['atomic', 'granular']));
  }
}

function mustBe(wanted: string, when: string, schema: JsonObject, path: string, errors: FieldError[]): void {
  const type = textAt(schema, 'type');
  const detail = `must be ${wanted} ${when}`;
  if (type === '') errors.push(required(child(path, 'type'), detail));
  else if (type !== wanted) errors.push(invalid(child(path, 'type'), type, detail));
}

function listTypeErrors(schema: JsonObject, path: string, errors: FieldError[]): void {
  const listType = schema[LIST_TYPE];
  const at = child(path, LIST_TYPE);
  const items = objectAt(schema, 'items');
  if (listType !== undefined) {
    if (schema['type'] !== 'array') mustBe('array', `if ${LIST_TYPE} is specified`, schema, path, errors);
    else if (listType === 'set') setErrors(items, child(path, 'items'), errors);
    if (listType !== 'atomic' && listType !== 'set' && listType !== 'map') {
      errors.push(notSupported(at, listType, ['atomic', 'set', 'map']));
    }
  }
  if (listAt(schema, LIST_KEYS).length > 0 && listType !== 'map') {
    const detail = `must be map if ${LIST_KEYS} is non-empty`;
    errors.push(listType === undefined ? required(at, detail) : invalid(at, listType, detail));
  }
  if (listType === 'map') mapListErrors(schema, items, path, errors);
  if (items?.['nullable'] === true && (listType === 'set' || listType === 'map')) {
    const detail = `cannot be nullable when ${LIST_TYPE} is ${listType}`;
    errors.push(forbidden(child(path, 'items.nullable'), detail));
  }
  if (listType === 'map' && items !== undefined) keyErrors(schema, items, path, errors);
}

/** Elements of a set are compared as a whole. */
function setErrors(items: JsonObject | undefined, path: string, errors: FieldError[]): void {
  const detail = `must be atomic as item of a list with ${LIST_TYPE}=set`;
  if (items?.['type'] === 'array' && items[LIST_TYPE] !== undefined && items[LIST_TYPE] !== 'atomic') {
    errors.push(invalid(child(path, LIST_TYPE), items[LIST_TYPE], detail));
  }
  if (items?.['type'] === 'object' && items[MAP_TYPE] !== 'atomic') {
    errors.push(invalid(child(path, MAP_TYPE), items[LIST_TYPE] ?? 'null', detail));
  }
}

function mapListErrors(schema: JsonObject, items: JsonObject | undefined, path: string, errors: FieldError[]): void {
  const keys = listAt(schema, LIST_KEYS);
  const at = child(path, LIST_KEYS);
  if (keys.length === 0) errors.push(required(at, `must not be empty if ${LIST_TYPE} is map`));
  if (schema['items'] === undefined) {
    errors.push(required(child(path, 'items'), `must have a schema if ${LIST_TYPE} is map`));
  }
  if (items === undefined) return;
  const parent = `if parent array's ${LIST_TYPE} is map`;
  if (items['type'] !== 'object') {
    errors.push(invalid(child(path, 'items.type'), textAt(items, 'type'), `must be object ${parent}`));
    return;
  }
  const seen = new Set<unknown>();
  for (const key of keys) {
    const field = objectAt(objectAt(items, 'properties'), String(key));
    if (field === undefined) errors.push(invalid(at, [...keys], 'entries must all be names of item properties'));
    if (field?.['type'] === 'array' || field?.['type'] === 'object') {
      const typeField = child(keyed(child(path, 'items.properties'), String(key)), 'type');
      errors.push(invalid(typeField, 'object', `must be a scalar type ${parent}`));
    }
    if (seen.has(key)) errors.push(invalid(at, [...keys], 'must not contain duplicate entries'));
    seen.add(key);
  }
}

/** What identifies an element cannot be absent. */
function keyErrors(schema: JsonObject, items: JsonObject, path: string, errors: FieldError[]): void {
  for (const key of listAt(schema, LIST_KEYS)) {
    const field = objectAt(objectAt(items, 'properties'), String(key));
    if (field === undefined) continue;
    const at = keyed(child(path, 'items.properties'), String(key));
    const about = `this property is in ${LIST_KEYS}, so it`;
    if (field['default'] === undefined && !listAt(items, 'required').includes(key)) {
      errors.push(required(child(at, 'default'), `${about} must have a default or be a required property`));
    }
    if (field['nullable'] === true) errors.push(forbidden(child(at, 'nullable'), `${about} cannot be nullable`));
  }
}
