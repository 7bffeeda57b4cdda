import type { Field, Type } from '../cel/type.ts';
import type { StructuralSchema } from './structural.ts';

/** The bytes that a request can have: the bound of everything that a schema does not bound. */
export const REQUEST_BYTES = 3 * 2 ** 20;

/*
 * Of the shortest and longest JSON of the types that have one. Source: apiserver pkg/cel/limits.go.
 */
const STRING_BYTES = 2;
const BOOL_BYTES = 4;
const NUMBER_BYTES = 1;
const DATE_BYTES = 12;
const DATETIME_BYTES = { min: 21, max: 32 };
const DURATION_BYTES = { min: 3, max: 32 };

/**
 * What values of a schema are to expressions; undefined for what expressions cannot see: values without a type, lists and
 * maps of them.
 *
 * Source: apiserver pkg/cel/common/schemas.go, SchemaDeclType.
 *
 * @param isRoot of a resource, whose `apiVersion`, `kind`, `metadata.name` and `metadata.generateName` are always there
 */
export function expressionTypeOf(schema: StructuralSchema, isRoot: boolean): Type | undefined {
  return typeOf(schema, 'selfType', isRoot);
}

/** @param name of the type, unique among those of one rule */
function typeOf(schema: StructuralSchema, name: string, isRoot: boolean): Type | undefined {
  if (schema['x-kubernetes-int-or-string'] === true) {
    return { kind: 'dyn', maxSize: textSize(schema), minBytes: NUMBER_BYTES };
  }
  if (isRoot) return objectType({ ...schema, properties: { ...schema.properties, ...ROOT_PROPERTIES } }, name);
  switch (schema.type) {
    case 'array':
      return listType(schema, name);
    case 'object': {
      const { additionalProperties } = schema;
      if (typeof additionalProperties !== 'object') return objectType(schema, name);
      const value = innerType(additionalProperties, `${name}.@elem`);
      if (value === undefined) return undefined;
      const maxSize = schema.maxProperties ?? Math.floor((REQUEST_BYTES - 2) / (bytesOf(value) + 6));
      return { kind: 'map', key: { kind: 'string' }, value, maxSize, minBytes: 2 };
    }
    case 'string':
      return textType(schema);
    case 'boolean':
      return { kind: 'bool', minBytes: BOOL_BYTES };
    case 'number':
      return { kind: 'double', minBytes: NUMBER_BYTES };
    case 'integer':
      return { kind: 'int', minBytes: NUMBER_BYTES };
    default:
      return undefined;
  }
}

const ROOT_PROPERTIES: Readonly<Record<string, StructuralSchema>> = {
  apiVersion: { type: 'string' },
  kind: { type: 'string' },
  metadata: { type: 'object', properties: { name: { type: 'string' }, generateName: { type: 'string' } } },
};

function innerType(schema: StructuralSchema, name: string): Type | undefined {
  return typeOf(schema, name, schema['x-kubernetes-embedded-resource'] === true);
}

function listType(schema: StructuralSchema, name: string): Type | undefined {
  const element = schema.items === undefined ? undefined : innerType(schema.items, `${name}.@idx`);
  if (element === undefined) return undefined;
  const listType = schema['x-kubernetes-list-type'];
  return {
    kind: 'list',
    element,
    ...(listType === 'set' || listType === 'map' ? { listType } : {}),
    mapKeys: schema['x-kubernetes-list-map-keys'] ?? [],
    maxSize: schema.maxItems ?? Math.floor((REQUEST_BYTES - 2) / (bytesOf(element) + 1)),
    minBytes: 2,
  };
}

function objectType(schema: StructuralSchema, name: string): Type {
  const fields = new Map<string, Field>();
  const escapedNames = new Map<string, string>();
  const required = new Set(schema.required);
  let minBytes = 2;
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const escaped = escapedName(key);
    const type = innerType(property, `${name}.${escaped ?? key}`);
    if (type === undefined) continue;
    if (required.has(key) && property.default === undefined) minBytes += key.length + bytesOf(type) + 4;
    if (escaped === undefined) continue;
    fields.set(escaped, { name: key, type });
    escapedNames.set(key, escaped);
  }
  return { kind: 'object', name, fields, escapedNames, minBytes };
}

function textType(schema: StructuralSchema): Type {
  switch (schema.format) {
    case 'byte':
      return { kind: 'bytes', maxSize: schema.maxLength ?? REQUEST_BYTES - 2, minBytes: STRING_BYTES };
    case 'duration':
      return { kind: 'duration', maxSize: DURATION_BYTES.max, minBytes: DURATION_BYTES.min };
    case 'date':
      return { kind: 'timestamp', maxSize: DATE_BYTES, minBytes: DATE_BYTES };
    case 'date-time':
      return { kind: 'timestamp', maxSize: DATETIME_BYTES.max, minBytes: DATETIME_BYTES.min };
    default:
      return { kind: 'string', maxSize: textSize(schema), minBytes: STRING_BYTES };
  }
}

/** A character can have four bytes. */
function textSize({ maxLength, enum: values }: StructuralSchema): number {
  if (maxLength !== undefined) return maxLength * 4;
  if (values === undefined) return REQUEST_BYTES - 2;
  return Math.max(0, ...values.map((value) => (typeof value === 'string' ? value.length : 0)));
}

/** The bytes that the shortest value of a type has in JSON. */
export function bytesOf(type: Type): number {
  return 'minBytes' in type ? (type.minBytes ?? 0) : 0;
}

const RESERVED = new Set(
  (
    'true false null in as break const continue else for function if import let loop package namespace return var void ' +
    'while'
  ).split(' '),
);

/**
 * The name that a property has in expressions; undefined when it can have none.
 *
 * Source: Kubernetes, "Validation rules: escaping".
 */
export function escapedName(name: string): string | undefined {
  if (!/^[a-zA-Z_./-][a-zA-Z0-9_./-]*$/.test(name)) return undefined;
  if (RESERVED.has(name)) return `__${name}__`;
  return name.replace(/__|[-./]/g, (part) => ESCAPES[part] ?? part);
}

const ESCAPES: Readonly<Record<string, string>> = {
  __: '__underscores__',
  '.': '__dot__',
  '-': '__dash__',
  '/': '__slash__',
};
