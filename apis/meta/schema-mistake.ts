/**
 * Whether a stored value has the shape that its schema describes. The API server refuses what has not, so this finds objects
 * that were stored by somebody else, or before the schema said so; code that reads them must not fall over.
 *
 * Source: Kubernetes, structural schemas; the part of JSON schema that schema.ts can say.
 */
import type { JsonSchema } from './schema.ts';

/**
 * @param field where the value stands: `spec`
 * @returns the first mistake: `spec.port: Invalid value: -80: must be at least 1`; undefined: there is none
 */
export function schemaMistake(schema: JsonSchema, value: unknown, field: string): string | undefined {
  const { type } = schema;
  if (value === undefined || (value === null && schema.nullable === true)) return undefined;
  if (schema['x-kubernetes-int-or-string'] === true) {
    return typeof value === 'string' || Number.isInteger(value) ? undefined : `${field}: must be a number or a text`;
  }
  if (type !== undefined && !hasType(value, type)) return `${field}: Invalid value: must be of type ${type}`;
  if (Array.isArray(value)) return itemMistake(schema, value, field);
  if (typeof value === 'object' && value !== null) {
    return propertyMistake(schema, value as Readonly<Record<string, unknown>>, field);
  }
  const limit = scalarMistake(schema, value);
  return limit && `${field}: ${limit}`;
}

function hasType(value: unknown, type: NonNullable<JsonSchema['type']>): boolean {
  switch (type) {
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer':
      return Number.isSafeInteger(value);
    default:
      return typeof value === type;
  }
}

function itemMistake(schema: JsonSchema, items: readonly unknown[], field: string): string | undefined {
  for (const [index, item] of items.entries()) {
    const mistake = schemaMistake(schema.items ?? {}, item ?? null, `${field}[${index}]`);
    if (mistake !== undefined) return mistake;
  }
  return undefined;
}

function propertyMistake(
  { properties = {}, additionalProperties, required = [] }: JsonSchema,
  value: Readonly<Record<string, unknown>>,
  field: string,
): string | undefined {
  for (const name of required) {
    if (value[name] === undefined) return `${field}.${name}: Required value`;
  }
  for (const [name, each] of Object.entries(value)) {
    const schema = (Object.hasOwn(properties, name) ? properties[name] : undefined) ?? additionalProperties;
    const mistake = schema && schemaMistake(schema, each, `${field}.${name}`);
    if (mistake !== undefined) return mistake;
  }
  return undefined;
}

function scalarMistake(schema: JsonSchema, value: unknown): string | undefined {
  const said = `Invalid value: ${JSON.stringify(value)}`;
  if (typeof value === 'number') {
    if (schema.minimum !== undefined && value < schema.minimum) return `${said}: must be at least ${schema.minimum}`;
    if (schema.maximum !== undefined && value > schema.maximum) return `${said}: must be at most ${schema.maximum}`;
  }
  if (typeof value === 'string') {
    if (schema.minLength !== undefined && value.length < schema.minLength) return `${said}: too short`;
    if (schema.enum !== undefined && !schema.enum.includes(value)) {
      return `Unsupported value: ${JSON.stringify(value)}: supported values: ${schema.enum.map((each) => `"${each}"`).join(', ')}`;
    }
  }
  return undefined;
}
