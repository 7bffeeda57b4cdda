import type { CustomResourceDefinition } from 'kubernetes-types/apiextensions/v1';
import { applyDefaults } from './defaults.ts';
import type { FieldError, FieldErrorReason } from './field-error.ts';
import type { JsonObject } from './json.ts';
import { dnsSubdomain } from './names.ts';
import { validateObjectMeta } from './object-meta.ts';
import type { ObjectSchema } from './object-schema.ts';
import { prune } from './prune.ts';
import { scaleErrors } from './scale-fields.ts';
import type { StructuralSchema } from './structural.ts';
import { validateValue } from './validate.ts';
import { type ValidationRules, validationRulesOf } from './validation-rules.ts';

/**
 * The schema of one version of a custom resource. The CRD must be valid.
 *
 * @param objectMeta the schema of `metadata` (`BuiltInSchemas.objectMeta`)
 */
export function customResourceSchema(
  crd: CustomResourceDefinition,
  version: string,
  objectMeta: StructuralSchema,
): ObjectSchema {
  const declaration = crd.spec.versions.find((each) => each.name === version);
  const declared = declaration?.schema?.openAPIV3Schema;
  const scale = declaration?.subresources?.scale;
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
  const rules = validationRulesOf(schema);
  return {
    structural,
    prune: (object) => prune(structural, object, { zeroIsAbsent: false }),
    prepare: () => {},
    applyDefaults: (object) => applyDefaults(structural, object),
    validate(object, old, warn = () => {}, ofStatus = false) {
      const errors = ofStatus ? statusErrors(structural, object, old) : schemaErrors(structural, object, old);
      return [
        ...validateObjectMeta(object, dnsSubdomain, old),
        ...errors,
        ...(scale === undefined ? [] : scaleErrors(scale, object, ofStatus)),
        ...ruleErrors(rules, object, old, errors, warn),
      ];
    },
  };
}

/** What was wrong before an update, and was not touched by it, may stay. */
function schemaErrors(
  schema: StructuralSchema,
  object: JsonObject,
  old: JsonObject | undefined,
): readonly FieldError[] {
  const options = { leniently: isMetadata, anyInteger: true };
  return validateValue(schema, object, '', old === undefined ? options : { ...options, old });
}

/** Of the status alone, which messages then call by the names of what is in it. */
function statusErrors(
  { properties }: StructuralSchema,
  object: JsonObject,
  old: JsonObject | undefined,
): readonly FieldError[] {
  const { status } = object;
  const schema = properties?.['status'];
  if (status === undefined || schema === undefined) return [];
  const before = old?.['status'];
  const errors = validateValue(schema, status, '', {
    anyInteger: true,
    ...(before === undefined ? {} : { old: before }),
  });
  return errors.map((error) =>
    error.field === '<nil>' ? error : { ...error, field: error.field === '' ? 'status' : `status.${error.field}` },
  );
}

/** What makes it useless to ask rules. Source: apiextensions-apiserver pkg/registry/customresource, hasBlockingErr. */
const BLOCKING: ReadonlySet<FieldErrorReason> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

const NOT_CHECKED: FieldError = {
  reason: 'FieldValueInvalid',
  field: '<nil>',
  message:
    'Invalid value: "null": some validation rules were not checked because the object was invalid; ' +
    'correct the existing errors to complete validation',
};

function ruleErrors(
  rules: ValidationRules | undefined,
  object: JsonObject,
  old: JsonObject | undefined,
  errors: readonly FieldError[],
  warn: (text: string) => void,
): readonly FieldError[] {
  if (rules === undefined) return [];
  if (errors.some(({ reason }) => BLOCKING.has(reason))) return [NOT_CHECKED];
  const judgement = rules.judge(object, old);
  judgement.warnings.forEach(warn);
  return judgement.errors;
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
