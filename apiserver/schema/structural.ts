import type { JsonValue } from './json.ts';

/**
 * What an object of some kind looks like: the subset of JSON Schema that Kubernetes calls structural, and the
 * `x-kubernetes-` keywords. Both the schemas in CRDs and those of built-in kinds have this form.
 *
 * References are resolved: a schema of a built-in kind may contain itself (JSONSchemaProps does), so never walk a schema
 * without walking an object beside it.
 *
 * Source: Kubernetes, "Custom resources: specifying a structural schema"; apiextensions/v1 JSONSchemaProps.
 */
export interface StructuralSchema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly title?: string;
  readonly description?: string;
  readonly format?: string;
  readonly default?: JsonValue;
  readonly example?: JsonValue;
  readonly nullable?: boolean;

  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly additionalProperties?: StructuralSchema | boolean;
  readonly required?: readonly string[];
  readonly minProperties?: number;
  readonly maxProperties?: number;

  readonly items?: StructuralSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;

  readonly enum?: readonly JsonValue[];
  /** RE2 syntax, not anchored. */
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number;

  readonly allOf?: readonly StructuralSchema[];
  readonly anyOf?: readonly StructuralSchema[];
  readonly oneOf?: readonly StructuralSchema[];
  readonly not?: StructuralSchema;

  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular';
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[];
  /** Strategic merge patch, built-in kinds only: which field identifies an element, and how lists join. */
  readonly 'x-kubernetes-patch-merge-key'?: string;
  readonly 'x-kubernetes-patch-strategy'?: string;
  /** What an absent key of an item of this list is, built-in kinds only: Go has a zero value there. */
  readonly 'x-causeway-list-map-key-zeros'?: Readonly<Record<string, string | number>>;
}

/** One CEL rule. Kept with the schema; evaluated by a later stage (see `object-schema.ts`). */
export interface ValidationRule {
  readonly rule: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: string;
  readonly fieldPath?: string;
  readonly optionalOldSelf?: boolean;
}
