import type { KindRef } from '@causeway/apis/meta/kind';
import type { KubernetesObject } from '@causeway/apis/meta/object';

/** What is asked: may this write happen? Source: Kubernetes, admission.k8s.io/v1 AdmissionRequest. */
export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly kind: KindRef;
  /** `status` for writes of the status subresource. */
  readonly subresource?: string;
  /** As it would be stored; passed the schema. Absent on DELETE. */
  readonly object?: KubernetesObject;
  /** As it is stored; absent on CREATE. */
  readonly oldObject?: KubernetesObject;
}

export interface AdmissionVerdict {
  readonly allowed: boolean;
  /** Why not; empty when allowed. */
  readonly causes: readonly Cause[];
  /** Shown to the user, who still gets what was asked for. */
  readonly warnings: readonly string[];
}

/** Kubernetes StatusCause. */
export interface Cause {
  readonly reason:
    | 'FieldValueRequired'
    | 'FieldValueInvalid'
    | 'FieldValueNotSupported'
    | 'FieldValueForbidden'
    | 'FieldValueDuplicate';
  /** `spec.dslx[0].values[1]` */
  readonly field: string;
  /** As Kubernetes words it, without the field: `Invalid value: 3: must be ...`. */
  readonly message: string;
}

/** What a check of one kind found. */
export interface Findings {
  readonly causes: readonly Cause[];
  readonly warnings: readonly string[];
}

export function required(field: string, detail: string): Cause {
  return { reason: 'FieldValueRequired', field, message: `Required value: ${detail}` };
}

export function invalid(field: string, value: unknown, detail: string): Cause {
  return { reason: 'FieldValueInvalid', field, message: `Invalid value: ${JSON.stringify(value)}: ${detail}` };
}

export function notSupported(field: string, value: string, supported: readonly string[]): Cause {
  const list = supported.map((name) => `"${name}"`).join(', ');
  return {
    reason: 'FieldValueNotSupported',
    field,
    message: `Unsupported value: "${value}": supported values: ${list}`,
  };
}

export function forbidden(field: string, detail: string): Cause {
  return { reason: 'FieldValueForbidden', field, message: `Forbidden: ${detail}` };
}
