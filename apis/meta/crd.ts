import type { CustomResourceDefinition } from 'kubernetes-types/apiextensions/v1';
import type { KindNames } from './kind.ts';
import type { KubernetesObject } from './object.ts';
import type { JsonSchema, Schema } from './schema.ts';
import { schemaMistake } from './schema-mistake.ts';

/** One version of a kind we define. */
export interface KindVersion<Spec, Status> {
  /** `v1`, `v2beta1`, ... */
  readonly name: string;
  readonly served?: boolean;
  /** Shown as a warning to whoever uses this version. */
  readonly deprecationWarning?: string;
  readonly description: string;
  readonly spec?: Schema<Spec>;
  readonly status?: Schema<Status>;
  readonly columns: readonly Column[];
}

/** A column of `kubectl get`. */
export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'date';
  /** `.spec.priority` */
  readonly jsonPath: string;
  readonly description?: string;
  /** Greater than 0: only with `-o wide`. */
  readonly priority?: number;
}

/** A kind we define; everything the CRD needs. */
export interface KindDefinition<out Spec = unknown, out Status = unknown> {
  /** Names and the storage version. */
  readonly names: KindNames;
  readonly versions: readonly KindVersion<Spec, Status>[];
  /** Of the definition, e.g. api-approved.kubernetes.io, without which clusters take no kind of a group below k8s.io. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

/** The TypeScript type of the objects of a kind definition. */
export type ObjectOfKind<K> =
  K extends KindDefinition<infer Spec, infer Status>
    ? KubernetesObject & { readonly spec: Spec; readonly status?: Status }
    : never;

/** Checks at load time what the compiler cannot: the storage version is among the versions. */
export function defineKind<Spec, Status>(kind: KindDefinition<Spec, Status>): KindDefinition<Spec, Status> {
  if (!kind.versions.some((version) => version.name === kind.names.version)) {
    throw new TypeError(`${kind.names.kind}: storage version ${kind.names.version} is not among its versions`);
  }
  return kind;
}

/** What is wrong with the shape of a stored object's spec, in the storage version; undefined: nothing. See schema-mistake.ts. */
export function specMistake(kind: KindDefinition, object: { readonly spec?: unknown }): string | undefined {
  const schema = kind.versions.find(({ name }) => name === kind.names.version)?.spec?.json;
  return schema && schemaMistake(schema, object.spec ?? null, 'spec');
}

/** The CustomResourceDefinition of a kind; equal input gives equal output, key order included. */
export function crdOf(kind: KindDefinition): CustomResourceDefinition {
  const { names } = kind;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${names.plural}.${names.group}`,
      ...(kind.annotations === undefined ? {} : { annotations: { ...kind.annotations } }),
      ...(kind.labels === undefined ? {} : { labels: { ...kind.labels } }),
    },
    spec: {
      group: names.group,
      scope: names.namespaced ? 'Namespaced' : 'Cluster',
      names: {
        kind: names.kind,
        listKind: `${names.kind}List`,
        plural: names.plural,
        singular: names.singular,
        ...(names.shortNames.length > 0 ? { shortNames: [...names.shortNames] } : {}),
        ...(names.categories.length > 0 ? { categories: [...names.categories] } : {}),
      },
      versions: kind.versions.map((version) => ({
        name: version.name,
        served: version.served ?? true,
        storage: version.name === names.version,
        ...(version.deprecationWarning === undefined
          ? {}
          : { deprecated: true, deprecationWarning: version.deprecationWarning }),
        ...(names.statusSubresource ? { subresources: { status: {} } } : {}),
        additionalPrinterColumns: version.columns.map((column) => ({ ...column })),
        schema: { openAPIV3Schema: mutable(objectSchema(version)) },
      })),
    },
  };
}

function objectSchema(version: KindVersion<unknown, unknown>): JsonSchema {
  return {
    type: 'object',
    description: version.description,
    ...(version.spec === undefined ? {} : { required: ['spec'] }),
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      ...(version.spec === undefined ? {} : { spec: version.spec.json }),
      ...(version.status === undefined ? {} : { status: version.status.json }),
    },
  };
}

/** A deep copy, because the generated types of the API are not readonly. */
function mutable(schema: JsonSchema): object {
  return structuredClone(schema) as object;
}
