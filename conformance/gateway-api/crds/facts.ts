import type { CustomResourceDefinition } from 'kubernetes-types/apiextensions/v1';

/** What a definition says, by place: `v1 .spec.port maximum` -> 65535. Descriptions, and conditions of CEL but for their messages, are left out. */
export type Facts = ReadonlyMap<string, unknown>;

interface SchemaNode {
  readonly [keyword: string]: unknown;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly items?: SchemaNode;
  readonly additionalProperties?: SchemaNode;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly 'x-kubernetes-validations'?: readonly { readonly message: string }[];
}

/** Keywords that are no facts, or are told in another way. */
const OTHERWISE = new Set(['description', 'required', 'enum', 'items', 'additionalProperties', 'properties']);
const RULES = 'x-kubernetes-validations';

/** Of the definition as a whole, and of its versions, by their names; `''`: the whole. */
export function factsOf({ metadata, spec }: CustomResourceDefinition): ReadonlyMap<string, Facts> {
  const { annotations = {}, labels = {} } = metadata ?? {};
  const own = {
    annotations: sorted(annotations),
    labels: sorted(labels),
    group: spec.group,
    scope: spec.scope,
    names: sorted(spec.names),
    versions: spec.versions.map(({ name }) => name),
  };
  const found = new Map<string, Facts>([['', new Map(Object.entries(own))]]);
  for (const version of spec.versions) {
    const { name, served, storage, deprecated = false, deprecationWarning = '', subresources } = version;
    const facts = new Map<string, unknown>(
      Object.entries({ served, storage, deprecated, deprecationWarning, status: subresources?.status !== undefined }),
    );
    const columns = version.additionalPrinterColumns ?? [];
    facts.set(
      'columns',
      columns.map(({ name: title, type, jsonPath, priority = 0 }) => ({ title, type, jsonPath, priority })),
    );
    addSchema(facts, '', (version.schema?.openAPIV3Schema ?? {}) as unknown as SchemaNode);
    found.set(name, facts);
  }
  return found;
}

function addSchema(facts: Map<string, unknown>, place: string, schema: SchemaNode): void {
  for (const [keyword, value] of Object.entries(schema)) {
    if (OTHERWISE.has(keyword) || keyword === RULES || (keyword === 'minLength' && value === 0)) continue;
    facts.set(`${place} ${keyword}`, sorted(value));
  }
  const rules = schema[RULES];
  if (rules !== undefined) facts.set(`${place} rules`, rules.map(({ message }) => message).toSorted());
  if (schema.required !== undefined) facts.set(`${place} required`, schema.required.toSorted());
  if (schema.enum !== undefined) facts.set(`${place} enum`, schema.enum.map(String).toSorted());
  if (schema.items !== undefined) addSchema(facts, `${place}[]`, schema.items);
  if (schema.additionalProperties !== undefined) addSchema(facts, `${place}{}`, schema.additionalProperties);
  for (const [name, child] of Object.entries(schema.properties ?? {})) addSchema(facts, `${place}.${name}`, child);
}

/** The same value, with its keys in order. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}

/** @returns a line for each place where they differ */
export function differences(ours: Facts, theirs: Facts): readonly string[] {
  const places = [...new Set([...ours.keys(), ...theirs.keys()])].toSorted();
  return places.flatMap((place) => {
    const [one, other] = [JSON.stringify(ours.get(place)), JSON.stringify(theirs.get(place))];
    return one === other ? [] : [`${place}: ours ${one}, upstream ${other}`];
  });
}
