import { definitionName, OBJECT_META } from '../schema/built-in.ts';
import type { StructuralSchema } from '../schema/structural.ts';
import type { ServedKind } from './path.ts';

type Raw = Readonly<Record<string, unknown>>;

/** Definitions of built-in kinds by OpenAPI name, with `$ref: '#/definitions/<name>'`. */
export type Definitions = Readonly<Record<string, Raw>>;

/** 2 is `swagger: 2.0`, 3 is `openapi: 3.0`: they differ in where schemas are and what may stand beside a `$ref`. */
export type Dialect = 'v2' | 'v3';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const INT_OR_STRING = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';
const PREFIX = '#/definitions/';

/** The schemas of some kinds and of everything they refer to, by name. */
export function schemasOf(
  kinds: readonly ServedKind[],
  definitions: Definitions,
  dialect: Dialect,
): Record<string, Raw> {
  const schemas: Record<string, Raw> = {};
  const pending = [`${META}.DeleteOptions`, `${META}.Status`, `${META}.ListMeta`, OBJECT_META];
  for (const kind of kinds) {
    const { group, version, kind: name } = kind.names;
    if (kind.origin === 'custom') {
      schemas[componentName(kind)] = withGvk(customSchema(kind.schema, dialect), { group, version, kind: name });
      schemas[`${componentName(kind)}List`] = withGvk(customListSchema(kind, dialect), {
        group,
        version,
        kind: `${name}List`,
      });
    } else {
      pending.push(componentName(kind), `${componentName(kind)}List`);
    }
    for (const part of kind.subresources ?? []) if (part.kind !== kind.names) pending.push(definitionName(part.kind));
  }
  const kindOf = gvkIndex(kinds);
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const definition = definitions[name] ?? (name === INT_OR_STRING ? INT_OR_STRING_SCHEMA : undefined);
    if (definition === undefined || Object.hasOwn(schemas, name)) continue;
    const schema = published(definition, dialect, (referenced) => pending.push(referenced));
    const gvk = kindOf.get(name);
    schemas[name] = gvk === undefined ? schema : withGvk(schema, gvk);
  }
  return schemas;
}

/** `io.k8s.api.core.v1.Service`; `io.alauda.crd.v1.Rule` for a custom kind of group `crd.alauda.io`. */
export function componentName({ names, origin }: Pick<ServedKind, 'names' | 'origin'>): string {
  if (origin === 'built-in') return definitionName(names);
  return `${names.group.split('.').reverse().join('.')}.${names.version}.${names.kind}`;
}

export function refTo(name: string, dialect: Dialect): Raw {
  return { $ref: dialect === 'v3' ? `#/components/schemas/${name}` : `${PREFIX}${name}` };
}

interface Gvk {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

function gvkIndex(kinds: readonly ServedKind[]): ReadonlyMap<string, Gvk> {
  const index = new Map<string, Gvk>();
  for (const served of kinds) {
    const { group, version, kind } = served.names;
    index.set(componentName(served), { group, version, kind });
    index.set(`${componentName(served)}List`, { group, version, kind: `${kind}List` });
  }
  return index;
}

function withGvk(schema: Raw, gvk: Gvk): Raw {
  return { ...schema, 'x-kubernetes-group-version-kind': [gvk] };
}

const INT_OR_STRING_SCHEMA: Raw = {
  description: 'A whole number, or a text.',
  format: 'int-or-string',
  oneOf: [{ type: 'integer' }, { type: 'string' }],
};

/** A schema of a built-in kind, in the form that documents of the dialect have. */
function published(schema: Raw, dialect: Dialect, refer: (name: string) => void): Raw {
  const { $ref, 'x-told-values': told, enum: values, ...rest } = schema;
  const shown = (told ?? values ?? []) as readonly string[];
  const own: Raw = shown.length > 0 ? { ...rest, enum: shown.toSorted(compareText) } : rest;
  const isIntOrString = own['x-kubernetes-int-or-string'] === true;
  if (typeof $ref === 'string' || isIntOrString) {
    const name = typeof $ref === 'string' ? $ref.slice(PREFIX.length) : INT_OR_STRING;
    refer(name);
    const { 'x-kubernetes-int-or-string': _said, ...beside } = own;
    // Beside a $ref nothing counts in version 3, so what belongs to the field goes around it.
    return dialect === 'v3' ? { ...beside, allOf: [refTo(name, dialect)] } : { ...beside, ...refTo(name, dialect) };
  }
  if (own['format'] === 'quantity' && own['type'] === 'string') return quantity(own, dialect);
  if (own['format'] === 'int-or-string' && dialect === 'v2') {
    return { description: own['description'], type: 'string', format: 'int-or-string' };
  }
  const result: Record<string, unknown> = { ...own };
  for (const key of ['items', 'additionalProperties']) {
    const inner = own[key];
    if (isRaw(inner)) result[key] = published(inner, dialect, refer);
  }
  const properties = own['properties'];
  if (isRaw(properties)) {
    result['properties'] = Object.fromEntries(
      Object.entries(properties).map(([key, value]) => [key, isRaw(value) ? published(value, dialect, refer) : value]),
    );
  }
  return result;
}

function quantity(own: Raw, dialect: Dialect): Raw {
  const { format: _format, type: _type, ...rest } = own;
  return dialect === 'v3' ? { ...rest, oneOf: [{ type: 'string' }, { type: 'number' }] } : { ...rest, type: 'string' };
}

/**
 * The schema in a CRD is published as it is, but that `metadata` is a reference, and that version 2 does not tell the
 * fields of objects that keep unknown ones: kubectl, which judges by that document, would refuse the unknown ones.
 */
function customSchema(schema: StructuralSchema, dialect: Dialect): Raw {
  const metadata = metadataField(dialect);
  const complete = withEmbeddedFields(schema, dialect);
  const shown = dialect === 'v3' ? complete : withoutOpenObjects(complete);
  return { ...shown, properties: { ...schema.properties, ...propertiesOf(shown), metadata } };
}

function metadataField(dialect: Dialect): Raw {
  return {
    description: 'What every object has, whatever its kind: name, namespace, labels, annotations and so on.',
    ...(dialect === 'v3' ? { allOf: [refTo(OBJECT_META, dialect)] } : refTo(OBJECT_META, dialect)),
  };
}

/** An object within an object has a type and metadata of its own. */
function withEmbeddedFields(schema: object, dialect: Dialect): Raw {
  const { properties, items, additionalProperties, ...rest } = schema as Raw;
  const within = (inner: unknown): unknown => (isRaw(inner) ? withEmbeddedFields(inner, dialect) : inner);
  const result: Record<string, unknown> = { ...rest };
  if (isRaw(properties)) {
    result['properties'] = Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, within(value)]));
  }
  if (items !== undefined) result['items'] = within(items);
  if (additionalProperties !== undefined) result['additionalProperties'] = within(additionalProperties);
  if (rest['x-kubernetes-embedded-resource'] !== true) return result;
  const metadata = metadataField(dialect);
  const own = {
    apiVersion: { type: 'string', description: 'The group and version of the object within.' },
    kind: { type: 'string', description: 'The kind of the object within.' },
    metadata,
  };
  const { required } = rest;
  return {
    ...result,
    properties: { ...own, ...propertiesOf(result), metadata },
    required: [...new Set([...(Array.isArray(required) ? required : []), 'apiVersion', 'kind'])],
  };
}

/** Source: apiextensions-apiserver, controller/openapi/v2/conversion.go. */
function withoutOpenObjects(schema: object): Raw {
  const { properties, items, additionalProperties, ...rest } = schema as Raw;
  if (rest['x-kubernetes-preserve-unknown-fields'] === true) return rest;
  const result: Record<string, unknown> = rest;
  if (properties !== undefined) {
    const inner = Object.entries(propertiesOf({ properties })).map(([key, value]) => [key, inDocument(value)]);
    result['properties'] = Object.fromEntries(inner);
  }
  if (items !== undefined) result['items'] = inDocument(items);
  if (additionalProperties !== undefined) result['additionalProperties'] = inDocument(additionalProperties);
  return result;
}

function inDocument(schema: unknown): unknown {
  return isRaw(schema) ? withoutOpenObjects(schema) : schema;
}

function propertiesOf({ properties }: { readonly properties?: unknown }): Raw {
  return isRaw(properties) ? properties : {};
}

function customListSchema(kind: ServedKind, dialect: Dialect): Raw {
  const { apiVersion, kind: kindField } = kind.schema.properties ?? {};
  return {
    description: `${kind.names.kind}List is a list of ${kind.names.kind}`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion,
      items: {
        description: `List of ${kind.names.plural}.`,
        type: 'array',
        items: refTo(componentName(kind), dialect),
      },
      kind: kindField,
      metadata: refTo(`${META}.ListMeta`, dialect),
    },
  };
}

function isRaw(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
