import type { CustomResourceDefinition } from 'kubernetes-types/apiextensions/v1';
import { applyDefaults } from './defaults.ts';
import { dnsSubdomain } from './names.ts';
import { validateObjectMeta } from './object-meta.ts';
import type { ObjectSchema } from './object-schema.ts';
import { prune } from './prune.ts';
import type { StructuralSchema } from './structural.ts';
import { validateValue } from './validate.ts';

/**
 * The schema of one version of a custom resource. The CRD must be valid.
 *
 * Rules in CEL (`x-kubernetes-validations`) are kept in `structural` and not evaluated yet: their place is at the end of `validate`,
 * after the schema walk has found nothing wrong.
 *
 * @param objectMeta the schema of `metadata` (`BuiltInSchemas.objectMeta`)
 */
export function customResourceSchema(
  crd: CustomResourceDefinition,
  version: string,
  objectMeta: StructuralSchema,
): ObjectSchema {
  const declared = crd.spec.versions.find((each) => each.name === version)?.schema?.openAPIV3Schema;
  // A JSONSchemaProps of a valid CRD is a structural schema; the declarations only name its keywords more loosely.
  const schema = (declared ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }) as StructuralSchema;
  const structural: StructuralSchema = {
    ...schema,
    ...(crd.spec.preserveUnknownFields === true ? { 'x-kubernetes-preserve-unknown-fields': true } : {}),
    properties: {
      ...schema.properties,
      apiVersion: { ...API_VERSION, ...schema.properties?.['apiVersion'] },
      kind: { ...KIND, ...schema.properties?.['kind'] },
      metadata: objectMeta,
    },
  };
  return {
    structural,
    prune: (object) => prune(structural, object, { zeroIsAbsent: false }),
    prepare: () => {},
    applyDefaults: (object) => applyDefaults(structural, object),
    validate: (object, old) => [
      ...validateObjectMeta(object, dnsSubdomain, old),
      ...validateValue(structural, object, '', { leniently: isMetadata }),
    ],
  };
}

/** `metadata` has checks of its own; its schema says nothing about required fields that they do not. */
function isMetadata(path: string): boolean {
  return path.startsWith('metadata');
}

const API_VERSION: StructuralSchema = {
  type: 'string',
  description:
    'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources',
};

const KIND: StructuralSchema = {
  type: 'string',
  description:
    'Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
};
