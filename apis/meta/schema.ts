/**
 * One description of a field from which both its TypeScript type and its
 * structural OpenAPI v3 schema come, so that what the API server accepts and
 * what the code believes cannot differ.
 *
 * ```ts
 * const port = object('A port.', { number: integer('1-65535.', { minimum: 1, maximum: 65_535 }), name: optional(string('Its name.')) });
 * type Port = TypeOf<typeof port>;          // { readonly number: number; readonly name?: string }
 * port.json;                                // { type: 'object', required: ['number'], properties: ... }
 * ```
 *
 * Source: Kubernetes, "Extend the Kubernetes API with CustomResourceDefinitions", Specifying a structural schema.
 */

/** The subset of JSON schema that a structural schema may use here. */
export interface JsonSchema {
  readonly type?: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object';
  readonly description?: string;
  readonly format?: string;
  readonly default?: unknown;
  readonly enum?: readonly (string | number)[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema;
  readonly maxProperties?: number;
  readonly required?: readonly string[];
  /** Inside oneOf, anyOf and not stand conditions on values, never types or descriptions. */
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly not?: JsonSchema;
  readonly nullable?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: true;
  readonly 'x-kubernetes-int-or-string'?: true;
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'atomic';
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[];
}

/** A condition on a value in CEL, where it is `self`. */
export interface ValidationRule {
  readonly rule: string;
  /** What who breaks it reads. */
  readonly message: string;
}

/** How server-side apply merges a list: as a whole, as a set of values, or item by item with these fields as the key. */
export type ListType = 'atomic' | 'set' | readonly string[];

declare const valueType: unique symbol;

/** Schema of values of type `T`; the type exists for the compiler only. */
export interface Schema<T> {
  readonly json: JsonSchema;
  readonly [valueType]?: T;
}

/** A field that may be absent. */
export interface OptionalField<T> extends Schema<T> {
  readonly optional: true;
}

export type Fields = Readonly<Record<string, Schema<unknown>>>;

/** The TypeScript type that a schema describes. */
export type TypeOf<S> = S extends Schema<infer T> ? T : never;

type OptionalKeys<F extends Fields> = { [K in keyof F]: F[K] extends OptionalField<unknown> ? K : never }[keyof F];

type ObjectType<F extends Fields> = {
  readonly [K in Exclude<keyof F, OptionalKeys<F>>]: TypeOf<F[K]>;
} & { readonly [K in OptionalKeys<F>]?: TypeOf<F[K]> };

type Flat<T> = { readonly [K in keyof T]: T[K] };

export function string(
  description: string,
  options: Pick<JsonSchema, 'pattern' | 'minLength' | 'maxLength' | 'format' | 'default'> = {},
): Schema<string> {
  return { json: { type: 'string', description, ...options } };
}

/** One of `values`. */
export function oneOf<const V extends readonly string[]>(
  description: string,
  values: V,
  options: { readonly default?: V[number] } = {},
): Schema<V[number]> {
  return { json: { type: 'string', description, enum: values, ...options } };
}

/** One of these numbers. */
export function oneOfNumbers<const V extends readonly number[]>(
  description: string,
  values: V,
  options: { readonly default?: V[number] } = {},
): Schema<V[number]> {
  return { json: { type: 'integer', description, enum: values, ...options } };
}

/** Whole number that JavaScript holds exactly. */
export function integer(
  description: string,
  options: Pick<JsonSchema, 'minimum' | 'maximum' | 'default'> & { readonly format?: 'int32' | 'int64' } = {},
): Schema<number> {
  return { json: { type: 'integer', description, ...options } };
}

/** Number, with a fraction or without. */
export function number(
  description: string,
  options: Pick<JsonSchema, 'minimum' | 'maximum' | 'default'> = {},
): Schema<number> {
  return { json: { type: 'number', description, ...options } };
}

export function boolean(description: string, options: { readonly default?: boolean } = {}): Schema<boolean> {
  return { json: { type: 'boolean', description, ...options } };
}

/** A number or a text, like a resource quantity. */
export function intOrString(description: string): Schema<number | string> {
  return { json: { description, 'x-kubernetes-int-or-string': true } };
}

export function array<T>(
  description: string,
  items: Schema<T>,
  { list, ...options }: Pick<JsonSchema, 'minItems' | 'maxItems' | 'default'> & { readonly list?: ListType } = {},
): Schema<readonly T[]> {
  return {
    json: { type: 'array', description, items: items.json, ...options, ...(list === undefined ? {} : listType(list)) },
  };
}

function listType(list: ListType): JsonSchema {
  if (typeof list === 'string') return { 'x-kubernetes-list-type': list };
  return { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': list };
}

/** Object with free keys. */
export function map<T>(
  description: string,
  values: Schema<T>,
  options: Pick<JsonSchema, 'maxProperties'> = {},
): Schema<Readonly<Record<string, T>>> {
  return { json: { type: 'object', description, additionalProperties: values.json, ...options } };
}

/** Object with known keys. With `preserveUnknown`, other keys are stored as they are but not typed. */
export function object<const F extends Fields>(
  description: string,
  fields: F,
  options: Pick<JsonSchema, 'default' | 'oneOf'> & {
    readonly preserveUnknown?: boolean;
    /** Server-side apply takes it as a whole. */
    readonly atomic?: boolean;
  } = {},
): Schema<Flat<ObjectType<F>>> {
  const { preserveUnknown = false, atomic = false, ...keywords } = options;
  const names = Object.keys(fields);
  const required = names.filter((name) => !isOptional(fields[name]));
  return {
    json: {
      type: 'object',
      description,
      ...(required.length > 0 ? { required } : {}),
      ...(preserveUnknown ? { 'x-kubernetes-preserve-unknown-fields': true as const } : {}),
      ...(atomic ? { 'x-kubernetes-map-type': 'atomic' as const } : {}),
      ...keywords,
      properties: Object.fromEntries(names.map((name) => [name, fields[name]?.json ?? {}])),
    },
  };
}

export function optional<T>(schema: Schema<T>): OptionalField<T> {
  return { json: schema.json, optional: true };
}

/** The same values, of which these rules must hold as well. */
export function checked<T>(schema: Schema<T>, ...rules: readonly ValidationRule[]): Schema<T> {
  return {
    json: {
      ...schema.json,
      'x-kubernetes-validations': [...(schema.json['x-kubernetes-validations'] ?? []), ...rules],
    },
  };
}

function isOptional(schema: Schema<unknown> | undefined): boolean {
  return schema !== undefined && 'optional' in schema;
}
