import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { Subject } from './subject.ts';

/** What an OpenAPI v3 document says that programs read, as texts that can be compared. Descriptions are not among it. */
export interface OpenApiFacts {
  /** Name of a schema to its fields: `!` when required, then its type and how it is merged. */
  readonly schemas: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Path to its methods. */
  readonly paths: Readonly<Record<string, string>>;
}

/** By path of the document: `api/v1`. */
export type OpenApiFactsByPath = Readonly<Record<string, OpenApiFacts>>;

interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly [extension: `x-kubernetes-${string}`]: unknown;
}

interface Document {
  readonly paths: Readonly<Record<string, object>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

const METHODS: ReadonlySet<string> = new Set(['get', 'put', 'post', 'patch', 'delete']);
const MERGING = ['list-type', 'list-map-keys', 'map-type', 'patch-strategy', 'patch-merge-key'] as const;
const FURTHER = ['preserve-unknown-fields', 'int-or-string', 'embedded-resource'] as const;
const REFERENCE = '#/components/schemas/';
const PATIENCE_MS = 30_000;

/** A kind of a user's, so that the documents of such kinds are compared as well. */
const DEFINITION = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'parcels.openapi.example.net' },
  spec: {
    group: 'openapi.example.net',
    scope: 'Namespaced',
    names: { plural: 'parcels', singular: 'parcel', kind: 'Parcel', listKind: 'ParcelList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {}, scale: { specReplicasPath: '.spec.count', statusReplicasPath: '.status.count' } },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            required: ['spec'],
            properties: {
              spec: {
                type: 'object',
                required: ['count'],
                properties: {
                  count: { type: 'integer', format: 'int32', minimum: 0 },
                  port: { 'x-kubernetes-int-or-string': true },
                  size: { type: 'string', enum: ['large', 'small'], default: 'small' },
                  labels: { type: 'object', additionalProperties: { type: 'string' } },
                  open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                  inner: {
                    type: 'object',
                    'x-kubernetes-embedded-resource': true,
                    'x-kubernetes-preserve-unknown-fields': true,
                  },
                  stops: {
                    type: 'array',
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['name'],
                    items: {
                      type: 'object',
                      required: ['name'],
                      properties: {
                        name: { type: 'string' },
                        at: { type: 'string', format: 'date-time', nullable: true },
                      },
                    },
                  },
                },
              },
              status: { type: 'object', properties: { count: { type: 'integer' } } },
            },
          },
        },
      },
    ],
  },
};
const DEFINED = 'apis/openapi.example.net/v1';

/**
 * Defines a kind, and reads what the server tells of it and of all others.
 *
 * @param documents paths of those to read; all that the server has when it is not given
 */
export async function openApiFacts(subject: Subject, documents?: readonly string[]): Promise<OpenApiFactsByPath> {
  const dispatcher = new Agent({ connect: { ca: subject.ca } });
  const headers = { authorization: `Bearer ${subject.token}`, accept: 'application/json' };
  const read = async <T>(path: string): Promise<T> => {
    const { body } = await request(`${subject.origin}${path}`, { dispatcher, headers });
    return (await body.json()) as T;
  };
  const paths = async (): Promise<readonly string[]> =>
    Object.keys((await read<{ readonly paths: Readonly<Record<string, object>> }>('/openapi/v3')).paths);
  try {
    const { body } = await request(`${subject.origin}/apis/apiextensions.k8s.io/v1/customresourcedefinitions`, {
      method: 'POST',
      dispatcher,
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(DEFINITION),
    });
    await body.dump();
    const deadline = performance.now() + PATIENCE_MS;
    while (!(await paths()).includes(DEFINED) && performance.now() < deadline) await sleep(100);
    const result: Record<string, OpenApiFacts> = {};
    const there = await paths();
    for (const path of (documents ?? there).toSorted()) {
      if (there.includes(path)) result[path] = factsOf(await read<Document>(`/openapi/v3/${path}`));
    }
    return result;
  } finally {
    await dispatcher.destroy();
  }
}

export function factsOf({ paths, components }: Document): OpenApiFacts {
  const schemas = Object.entries(components?.schemas ?? {}).map(([name, schema]) => [name, fieldsOf(schema)] as const);
  const served = Object.entries(paths)
    .filter(([path]) => !path.includes('/watch/')) // of old clients; nobody has asked there for years
    .map(([path, item]) => [
      path,
      Object.keys(item)
        .filter((key) => METHODS.has(key))
        .toSorted()
        .join(' '),
    ]);
  return { schemas: Object.fromEntries(schemas), paths: Object.fromEntries(served) };
}

/** Those of objects within are `outer/inner`. */
function fieldsOf(schema: Schema, within = ''): Record<string, string> {
  const { properties = {}, required = [], items } = schema;
  const fields = Object.entries(properties).flatMap(([name, field]) => [
    [`${within}${name}`, `${required.includes(name) ? '!' : ''}${typeText(field)}`] as const,
    ...Object.entries(fieldsOf(field, `${within}${name}/`)),
  ]);
  const inner = items === undefined ? [] : Object.entries(fieldsOf(items, within));
  return Object.fromEntries([...fields, ...inner].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function typeText(schema: Schema): string {
  const merging = MERGING.flatMap((key) => {
    const value = schema[`x-kubernetes-${key}`];
    return value === undefined ? [] : [`${key}=${[value].flat().join('+')}`];
  });
  const values = schema.enum === undefined ? [] : [`one of ${schema.enum.toSorted().join('|')}`];
  const further = FURTHER.filter((key) => schema[`x-kubernetes-${key}`] === true);
  return [shapeOf(schema), ...values, ...merging, ...further].join(' ');
}

function shapeOf({ $ref, allOf, oneOf, type = 'anything', format, items, additionalProperties }: Schema): string {
  if ($ref !== undefined) return $ref.slice(REFERENCE.length);
  const [only] = allOf ?? [];
  if (only !== undefined) return shapeOf(only);
  if (oneOf !== undefined) return oneOf.map(shapeOf).join(' or ');
  if (items !== undefined) return `list of ${typeText(items)}`;
  if (typeof additionalProperties === 'object') return `map of ${typeText(additionalProperties)}`;
  return format === undefined ? type : `${type} (${format})`;
}

/** Subresources of what does not exist here (docs/apiserver.md). */
const NOT_SERVED = /\/(attach|ephemeralcontainers|exec|portforward|proxy|proxy\/\{path\}|resize)$/;

/** Where ours says something else, of what it serves. */
export function openApiDeviations(kubernetes: OpenApiFactsByPath, causeway: OpenApiFactsByPath): readonly string[] {
  return Object.entries(causeway).flatMap(([document, ours]) => {
    const theirs = kubernetes[document];
    if (theirs === undefined) return [`${document}: Kubernetes has no such document`];
    const fields = Object.entries(ours.schemas).flatMap(([name, schema]) =>
      differing(theirs.schemas[name] ?? {}, schema).map((each) => `${document} ${name}/${each}`),
    );
    const resources = new Set(Object.keys(ours.paths).map(resourceOf));
    const paths = Object.fromEntries(
      Object.entries(theirs.paths).filter(([path]) => resources.has(resourceOf(path)) && !NOT_SERVED.test(path)),
    );
    return [...fields, ...differing(paths, ours.paths).map((each) => `${document} ${each}`)];
  });
}

function differing(kubernetes: Readonly<Record<string, string>>, causeway: Readonly<Record<string, string>>): string[] {
  return [...new Set([...Object.keys(kubernetes), ...Object.keys(causeway)])]
    .filter((key) => kubernetes[key] !== causeway[key])
    .map((key) => `${key}: kubernetes ${kubernetes[key] ?? 'nothing'}, causeway ${causeway[key] ?? 'nothing'}`);
}

/** `ingresses` of `/apis/networking.k8s.io/v1/namespaces/{namespace}/ingresses/{name}/status` */
function resourceOf(path: string): string {
  return (
    path
      .replace(/^\/apis?\/(?:[^/]+\/)?v\d[^/]*\//, '')
      .replace(/^namespaces\/\{namespace\}\/(?=\w)/, '')
      .split('/', 1)[0] ?? ''
  );
}
