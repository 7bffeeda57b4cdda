import type { CustomResourceDefinition as Definition } from 'kubernetes-types/apiextensions/v1';
import type { ApiObject } from '../object.ts';
import { isJsonObject } from '../schema/json.ts';

/** A CRD that passed validation. */
export type CustomResourceDefinition = Definition;

export const CRD_KIND = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
} as const;

/** Holds a CRD until its objects are gone. */
export const CRD_CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

/** Only for objects that passed the validation of the CustomResourceDefinition kind. */
export function isDefinition(object: ApiObject): object is ApiObject & CustomResourceDefinition {
  return object.kind === CRD_KIND.kind && isJsonObject(object.spec) && isJsonObject(object.spec.names);
}
