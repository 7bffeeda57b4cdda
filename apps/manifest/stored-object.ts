import { BUILT_IN_KINDS } from '@causeway/apis/kubernetes/kinds';
import { apiVersionOf } from '@causeway/apis/meta/kind';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import { type BuiltInSchemas, loadBuiltInSchemas } from '@causeway/apiserver/schema/built-in';
import { fieldErrorText } from '@causeway/apiserver/schema/field-error';
import type { JsonObject } from '@causeway/apiserver/schema/json';

/** An object as the API would store it, and why it would not. */
export interface StoredObject {
  readonly object: KubernetesObject;
  /** Each `field: message`. */
  readonly mistakes: readonly string[];
}

/**
 * What the API does to an object of a built-in kind before it stores it; others stay as they are.
 *
 * @param namespace of objects that name none
 */
export function asStored(object: KubernetesObject, namespace: string): StoredObject {
  const kind = BUILT_IN_KINDS.find((each) => each.kind === object.kind && apiVersionOf(each) === object.apiVersion);
  if (kind === undefined) {
    const { metadata } = object;
    return {
      object: { ...object, metadata: { ...metadata, namespace: metadata.namespace ?? namespace } },
      mistakes: [],
    };
  }
  schemas ??= loadBuiltInSchemas();
  const schema = schemas.schemaOf(kind);
  const { namespace: written, ...metadata } = object.metadata;
  const own = kind.namespaced ? { ...metadata, namespace: written ?? namespace } : metadata;
  // It was read from YAML: nothing but JSON is in there.
  const copy = structuredClone({ ...object, metadata: own }) as unknown as JsonObject;
  schema.prune(copy);
  schema.prepare(copy);
  schema.applyDefaults(copy);
  return { object: copy as unknown as KubernetesObject, mistakes: schema.validate(copy).map(fieldErrorText) };
}

let schemas: BuiltInSchemas | undefined;
