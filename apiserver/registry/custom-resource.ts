import type { CustomResourceDefinitionVersion } from 'kubernetes-types/apiextensions/v1';
import { type Converter, RENAMING } from '../conversion/converter.ts';
import { type StoredForm, VersionForm } from '../conversion/version-form.ts';
import { WebhookConverter } from '../conversion/webhook-converter.ts';
import { customResourceSchema } from '../schema/custom-resource.ts';
import { isJsonObject } from '../schema/json.ts';
import type { ObjectSchema } from '../schema/object-schema.ts';
import type { StructuralSchema } from '../schema/structural.ts';
import type { Collection } from '../storage/collection.ts';
import { customResourcePrinter } from '../table/custom-resource.ts';
import { webhookClientConfig } from '../webhook/client-config.ts';
import type { WebhookClient } from '../webhook/webhook-client.ts';
import type { CustomResourceDefinition } from './custom-resource-definition.ts';
import type { Resource, ResourceVersion, ScalePaths } from './resource.ts';
import type { Strategy } from './strategy.ts';

export function isEstablished(crd: CustomResourceDefinition): boolean {
  return (crd.status?.conditions ?? []).some(({ type, status }) => type === 'Established' && status === 'True');
}

/** What a resource has that its CRD does not say. */
export interface ResourceParts {
  readonly collection: Collection;
  readonly strategy: Strategy;
  /** The schema of `metadata`. */
  readonly objectMeta: StructuralSchema;
  readonly webhooks: WebhookClient;
  /** Objects with this revision or a later one were written by the definition as it is now. */
  readonly since: number;
}

/** The resource that a CRD describes. The CRD must be valid. */
export function resourceOf(
  crd: CustomResourceDefinition,
  { collection, strategy, objectMeta, webhooks, since }: ResourceParts,
): Resource {
  const { group, names, scope, versions } = crd.spec;
  const served = versions.filter((version) => version.served).sort((a, b) => compareVersions(a.name, b.name));
  const stored = versions.find((version) => version.storage) ?? versions[0];
  const schemas = schemasOf(crd, objectMeta);
  const form: StoredForm = {
    apiVersion: `${group}/${stored?.name ?? ''}`,
    since,
    schemas,
    converter: converterOf(crd, webhooks),
  };
  return {
    group,
    plural: names.plural,
    kind: names.kind,
    listKind: names.listKind ?? `${names.kind}List`,
    namespaced: scope === 'Namespaced',
    origin: 'custom',
    terminating: crd.metadata?.deletionTimestamp !== undefined,
    versions: new Map(served.map((version) => [version.name, resourceVersionOf(crd, version, form)])),
    storageVersion: stored?.name ?? '',
    collection,
    strategy,
  };
}

function resourceVersionOf(
  crd: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
  stored: StoredForm,
): ResourceVersion {
  const { group, names, scope } = crd.spec;
  const apiVersion = `${group}/${version.name}`;
  const schema = stored.schemas.get(apiVersion);
  const storedSchema = stored.schemas.get(stored.apiVersion);
  if (schema === undefined || storedSchema === undefined) throw new Error(`no schema of ${apiVersion}`);
  const isLikeStored =
    apiVersion === stored.apiVersion ||
    (stored.converter === RENAMING && schema.structural === storedSchema.structural);
  return {
    names: {
      group,
      version: version.name,
      kind: names.kind,
      plural: names.plural,
      singular: names.singular ?? names.kind.toLowerCase(),
      shortNames: names.shortNames ?? [],
      categories: names.categories ?? [],
      namespaced: scope === 'Namespaced',
      statusSubresource: version.subresources?.status !== undefined,
    },
    schema,
    printer: customResourcePrinter(version.additionalPrinterColumns),
    selectableFields: selectableFields(version),
    scale: scalePaths(version),
    form: new VersionForm(apiVersion, schema, stored, isLikeStored),
    deprecation: version.deprecated ? (version.deprecationWarning ?? deprecationWarning(crd, version.name)) : undefined,
  };
}

/** Tells of the version to take instead, if there is a better one. */
function deprecationWarning({ spec }: CustomResourceDefinition, deprecated: string): string {
  const { group, names, versions } = spec;
  const [best] = versions
    .filter((each) => each.served && each.deprecated !== true && compareVersions(each.name, deprecated) < 0)
    .sort((a, b) => compareVersions(a.name, b.name));
  const warning = `${group}/${deprecated} ${names.kind} is deprecated`;
  return best === undefined ? warning : `${warning}; use ${group}/${best.name} ${names.kind}`;
}

/** By `group/version`. Versions whose schemas say the same share one. */
function schemasOf(crd: CustomResourceDefinition, objectMeta: StructuralSchema): ReadonlyMap<string, ObjectSchema> {
  const schemas = new Map<string, ObjectSchema>();
  const distinct = new Map<string, ObjectSchema>();
  for (const { name, schema } of crd.spec.versions) {
    const text = JSON.stringify(schema ?? {});
    const known = distinct.get(text) ?? customResourceSchema(crd, name, objectMeta);
    distinct.set(text, known);
    schemas.set(`${crd.spec.group}/${name}`, known);
  }
  return schemas;
}

function converterOf({ spec }: CustomResourceDefinition, client: WebhookClient): Converter {
  const { strategy, webhook } = spec.conversion ?? { strategy: 'None' };
  const config: unknown = webhook?.clientConfig;
  if (strategy !== 'Webhook' || !isJsonObject(config)) return RENAMING;
  const reviewVersions = webhook?.conversionReviewVersions ?? [];
  return new WebhookConverter({ client, config: webhookClientConfig(config), reviewVersions });
}

/** `selectableFields` is younger than the types we compile against (Kubernetes 1.30). */
function selectableFields(version: CustomResourceDefinitionVersion): readonly string[] {
  const fields: unknown = Reflect.get(version, 'selectableFields');
  if (!Array.isArray(fields)) return [];
  return fields.map((field: unknown) => String(Reflect.get(Object(field), 'jsonPath')));
}

function scalePaths(version: CustomResourceDefinitionVersion): ScalePaths | undefined {
  const scale = version.subresources?.scale;
  if (scale === undefined) return undefined;
  return {
    specReplicas: pathOf(scale.specReplicasPath),
    statusReplicas: pathOf(scale.statusReplicasPath),
    selector: scale.labelSelectorPath === undefined ? undefined : pathOf(scale.labelSelectorPath),
  };
}

/** `.spec.replicas` -> `['spec', 'replicas']` */
function pathOf(jsonPath: string): readonly string[] {
  return jsonPath.split('.').filter((part) => part !== '');
}

/**
 * The order in which versions are preferred: v2 before v1, stable before beta before alpha, other names last and in
 * alphabetical order.
 *
 * Source: Kubernetes, "Versions in CustomResourceDefinitions: version priority".
 */
export function compareVersions(a: string, b: string): number {
  const left = VERSION.exec(a);
  const right = VERSION.exec(b);
  if (left === null || right === null) {
    if (left === null && right === null) return a < b ? -1 : 1;
    return left === null ? 1 : -1;
  }
  return (
    stability(right[2]) - stability(left[2]) || Number(right[1]) - Number(left[1]) || Number(right[3]) - Number(left[3])
  );
}

const VERSION = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/;

function stability(word: string | undefined): number {
  if (word === undefined) return 2;
  return word === 'beta' ? 1 : 0;
}
