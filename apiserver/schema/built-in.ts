import { readFileSync } from 'node:fs';
import { groupKindText, type KindRef } from '@causeway/apis/meta/kind';
import { RULES } from './built-in/rules.ts';
import { builtInSchemaFile } from './built-in-file.ts';
import { applyDefaults } from './defaults.ts';
import type { FieldError } from './field-error.ts';
import { dnsSubdomain } from './names.ts';
import { finalizerErrors, validateObjectMeta } from './object-meta.ts';
import type { ObjectSchema } from './object-schema.ts';
import { prune } from './prune.ts';
import type { StructuralSchema } from './structural.ts';
import { validateValue } from './validate.ts';

/** The schemas of all built-in kinds, from the file that `tools/builtin-schema` generates. */
export interface BuiltInSchemas {
  /** Throws when `kind` is none of BUILT_IN_KINDS: that is our bug. */
  schemaOf(kind: KindRef): ObjectSchema;
  /** The schema of `metadata`, which custom resources need too. */
  readonly objectMeta: StructuralSchema;
  /** Definitions by OpenAPI name, references unresolved, as OpenAPI documents show them. */
  readonly definitions: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** OpenAPI name of `metadata`'s type. */
export const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

let definitionsRead: BuiltInSchemas['definitions'] | undefined;

/**
 * Definitions of the built-in kinds, from the generated file beside the bundle; in a source tree the file is generated into
 * `node_modules/.cache` when it is absent. Read once.
 */
export function builtInDefinitions(): BuiltInSchemas['definitions'] {
  definitionsRead ??= (JSON.parse(readFileSync(builtInSchemaFile(), 'utf8')) as Pick<BuiltInSchemas, 'definitions'>)
    .definitions;
  return definitionsRead;
}

export function loadBuiltInSchemas(): BuiltInSchemas {
  const definitions = builtInDefinitions();
  const named: (name: string) => StructuralSchema = resolver(definitions);
  const schemas = new Map<string, ObjectSchema>();
  return {
    definitions,
    objectMeta: named(OBJECT_META),
    schemaOf(kind) {
      const id = `${groupKindText(kind)}/${kind.version}`;
      let schema = schemas.get(id);
      if (schema === undefined) {
        schema = builtInSchema(kind, named(definitionName(kind)));
        schemas.set(id, schema);
      }
      return schema;
    },
  };
}

/** `io.k8s.api.networking.v1.Ingress`: how Kubernetes names the OpenAPI definition of a kind of its own. */
export function definitionName(kind: Pick<KindRef, 'group' | 'version' | 'kind'>): string {
  if (kind.group === 'apiextensions.k8s.io') {
    return `io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.${kind.version}.${kind.kind}`;
  }
  const group = kind.group === '' ? 'core' : (kind.group.split('.')[0] ?? '');
  return `io.k8s.api.${group}.${kind.version}.${kind.kind}`;
}

function builtInSchema(kind: KindRef, structural: StructuralSchema): ObjectSchema {
  const groupKind = groupKindText(kind);
  const rules = RULES[`${groupKind}/${kind.version}`] ?? RULES[groupKind] ?? {};
  const pruning = { zeroIsAbsent: true, ...(rules.keptLists === undefined ? {} : { keptLists: rules.keptLists }) };
  return {
    structural,
    prune: (object, options) => prune(structural, object, { ...options, ...pruning }),
    prepare: (object, old) => rules.prepare?.(object, old),
    applyDefaults(object) {
      applyDefaults(structural, object);
      rules.applyDefaults?.(object);
    },
    validate(object, old) {
      const ofMetadata = [
        ...validateObjectMeta(object, rules.checkName ?? dnsSubdomain, old),
        ...(kind.group === 'apiextensions.k8s.io' ? [] : finalizerErrors(object)),
      ];
      const ofShape = validateValue(structural, object, '', { leniently: isStatusOrMetadata }).filter(
        ({ reason, field }) => reason !== 'FieldValueRequired' || rules.judgesAbsence?.test(field) !== true,
      );
      // Rules rely on types, so they do not see objects that have wrong ones.
      if (ofShape.some((error) => error.reason === 'FieldValueTypeInvalid')) return [...ofMetadata, ...ofShape];
      return [...ofMetadata, ...together(rules.validate?.(object, old) ?? [], ofShape)];
    },
    warnings: (object, old) => rules.warnings?.(object, old) ?? [],
  };
}

/** What rules say comes first and in their order, as in Kubernetes; of what they speak of, the schema need not speak too. */
function together(ofRules: readonly FieldError[], ofShape: readonly FieldError[]): readonly FieldError[] {
  if (ofShape.length === 0) return ofRules;
  const told = new Set(ofRules.map(({ field }) => field));
  // Of the second item of a name a rule tells in its own words.
  const kinds = ofRules.filter(({ reason }) => reason === 'FieldValueNotSupported').map(({ field }) => `${field}.`);
  const isTold = ({ field, reason, message }: FieldError): boolean =>
    told.has(field) ||
    kinds.some((kind) => field.startsWith(kind)) ||
    (reason === 'FieldValueDuplicate' && told.has(`${field}.${/: \{"(\w+)":/.exec(message)?.[1] ?? ''}`));
  return [...ofRules, ...ofShape.filter((error) => !isTold(error))];
}

/** Where missing fields are no errors: a real server does not check there what its Go types call required. */
function isStatusOrMetadata(path: string): boolean {
  return path.startsWith('status') || path.startsWith('metadata') || path.includes('.metadata');
}

/**
 * Turns `$ref`s into the definitions themselves, so that walks need no table. Definitions may refer to each other in circles: every one
 * gets its object first, and is filled afterwards. Only what a wanted definition leads to is held expanded.
 */
function resolver(definitions: BuiltInSchemas['definitions']): (name: string) => Record<string, unknown> {
  const resolved = new Map<string, Record<string, unknown>>();
  const resolve = (name: string): Record<string, unknown> => {
    const known = resolved.get(name);
    if (known !== undefined) return known;
    const raw = definitions[name];
    if (raw === undefined) throw new Error(`no schema of ${name} was generated`);
    const given = raw['properties'];
    const properties: Record<string, unknown> = {};
    const schema = { ...raw, ...(isRecord(given) ? { properties } : {}) };
    resolved.set(name, schema);
    for (const [key, value] of Object.entries(isRecord(given) ? given : {})) {
      if (isRecord(value)) properties[key] = field(value);
    }
    return schema;
  };
  const field = (raw: Record<string, unknown>): Record<string, unknown> => {
    const { $ref, ...own } = raw;
    // Shares `properties`, which is filled in place.
    if (typeof $ref === 'string') return { ...resolve($ref.slice('#/definitions/'.length)), ...own };
    const nested: Record<string, unknown> = { ...own };
    for (const key of ['items', 'additionalProperties']) {
      const inner = own[key];
      if (isRecord(inner)) nested[key] = field(inner);
    }
    const zeros = keyZeros(own, definitions);
    if (zeros !== undefined) nested['x-causeway-list-map-key-zeros'] = zeros;
    return nested;
  };
  return resolve;
}

/** Refers to something by a name that Go always has. */
const LOCAL_REFERENCE = '#/definitions/io.k8s.api.core.v1.LocalObjectReference';

/** What Go has for keys of a list's items that are absent, of keys that are no pointers. */
function keyZeros(list: Record<string, unknown>, definitions: BuiltInSchemas['definitions']): object | undefined {
  const { items, 'x-kubernetes-list-type': type, 'x-kubernetes-list-map-keys': keys } = list;
  if (type !== 'map' || !isRecord(items) || !Array.isArray(keys)) return undefined;
  const { $ref } = items;
  if ($ref === LOCAL_REFERENCE) return { name: '' };
  const { properties, required } = definitions[String($ref).slice('#/definitions/'.length)] ?? {};
  if (!isRecord(properties) || !Array.isArray(required)) return undefined;
  const always = keys.map(String).filter((key) => required.includes(key));
  return Object.fromEntries(always.map((key) => [key, isNumber(properties[key]) ? 0 : '']));
}

function isNumber(schema: unknown): boolean {
  return isRecord(schema) && schema['type'] === 'integer';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
