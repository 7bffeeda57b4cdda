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
  description: 'Group and version in which the object is written, `group/version`.',
};

const KIND: StructuralSchema = {
  type: 'string',
  description: 'What the object is. It cannot change.',
};
