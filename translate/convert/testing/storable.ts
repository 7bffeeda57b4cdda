import { CAUSEWAY_KINDS } from '@causeway/apis/gateway/index';
import { crdOf } from '@causeway/apis/meta/crd';
import { apiVersionOf } from '@causeway/apis/meta/kind';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import { customResourceSchema } from '@causeway/apiserver/schema/custom-resource';
import { fieldErrorText } from '@causeway/apiserver/schema/field-error';
import type { JsonObject } from '@causeway/apiserver/schema/json';
import type { ObjectSchema } from '@causeway/apiserver/schema/object-schema';

/** Why the API server would refuse objects, or drop fields of them; each `Kind name: what`. Kinds that it has not are not judged. */
export function refusals(objects: readonly KubernetesObject[]): readonly string[] {
  return objects.flatMap((object) =>
    refusalsOf(object).map((text) => `${object.kind} ${object.metadata.name}: ${text}`),
  );
}

/** What is wrong with metadata is judged without a schema. */
const METADATA = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } as const;
const schemas = new Map<string, ObjectSchema | undefined>();

function schemaOf({ apiVersion, kind }: KubernetesObject): ObjectSchema | undefined {
  const [, version = ''] = apiVersion.split('/');
  const found = CAUSEWAY_KINDS.find(
    ({ names, versions }) =>
      names.kind === kind && versions.some(({ name }) => apiVersionOf({ ...names, version: name }) === apiVersion),
  );
  return found && customResourceSchema(crdOf(found), version, METADATA);
}

function refusalsOf(object: KubernetesObject): readonly string[] {
  const id = `${object.apiVersion} ${object.kind}`;
  if (!schemas.has(id)) schemas.set(id, schemaOf(object));
  const schema = schemas.get(id);
  if (schema === undefined) return [];
  const copy = structuredClone(object) as unknown as JsonObject;
  schema.prune(copy);
  const dropped = JSON.stringify(copy) === JSON.stringify(object) ? [] : ['has fields that are not known'];
  schema.applyDefaults(copy);
  return [...dropped, ...schema.validate(copy).map(fieldErrorText)];
}
