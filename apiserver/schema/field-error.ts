import type { JsonValue } from './json.ts';

export type FieldErrorReason =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueTypeInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueDuplicate'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueNotFound';

/**
 * One thing that is wrong with one field of an object. It is at the same time a StatusCause: put a list of them into
 * `status.details.causes` as they are. `message` does not repeat the field.
 *
 * Source: apimachinery pkg/util/validation/field, meta/v1 StatusCause.
 */
export interface FieldError {
  readonly reason: FieldErrorReason;
  /** `spec.ports[0].port`; map keys that are no identifiers in brackets: `metadata.labels[a/b]`. */
  readonly field: string;
  /** `Invalid value: 70000: must be between 1 and 65535, inclusive` */
  readonly message: string;
}

/** `spec.ports[0].port: Required value` */
export function fieldErrorText(error: FieldError): string {
  return `${error.field}: ${error.message}`;
}

/**
 * The message of a 422 status: `Ingress.networking.k8s.io "x" is invalid: spec.rules[0].host: Invalid value: ...`; several
 * errors are put in brackets.
 *
 * @param groupKind `Service` or `Ingress.networking.k8s.io` (see `groupKindText`)
 */
export function invalidMessage(groupKind: string, name: string, errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map(fieldErrorText))];
  const detail = texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
  return `${groupKind} ${JSON.stringify(name)} is invalid: ${detail}`;
}

export function required(field: string, detail = ''): FieldError {
  return {
    reason: 'FieldValueRequired',
    field,
    message: detail === '' ? 'Required value' : `Required value: ${detail}`,
  };
}

export function invalid(field: string, value: JsonValue | undefined, detail: string): FieldError {
  return { reason: 'FieldValueInvalid', field, message: `Invalid value: ${valueText(value)}: ${detail}` };
}

export function typeInvalid(field: string, value: JsonValue, detail: string): FieldError {
  return { reason: 'FieldValueTypeInvalid', field, message: `Invalid value: ${typeText(value)}: ${detail}` };
}

export function notSupported(field: string, value: JsonValue, supported: readonly JsonValue[]): FieldError {
  const values = supported
    .map((each) => (typeof each === 'string' ? JSON.stringify(each) : valueText(each)))
    .join(', ');
  return {
    reason: 'FieldValueNotSupported',
    field,
    message: `Unsupported value: ${valueText(value)}: supported values: ${values}`,
  };
}

export function duplicate(field: string, value: JsonValue): FieldError {
  return { reason: 'FieldValueDuplicate', field, message: `Duplicate value: ${valueText(value)}` };
}

export function forbidden(field: string, detail: string): FieldError {
  return { reason: 'FieldValueForbidden', field, message: `Forbidden: ${detail}` };
}

export function tooLong(field: string, maxLength: number): FieldError {
  return { reason: 'FieldValueTooLong', field, message: `Too long: may not be more than ${maxLength} bytes` };
}

export function tooMany(field: string, count: number, max: number): FieldError {
  return { reason: 'FieldValueTooMany', field, message: `Too many: ${count}: must have at most ${max} items` };
}

/** `path.key`, or `path[key]` when the key is no plain identifier. */
export function child(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

export function element(path: string, index: number): string {
  return `${path}[${index}]`;
}

export function keyed(path: string, key: string): string {
  return `${path}[${key}]`;
}

function valueText(value: JsonValue | undefined): string {
  return value === undefined ? 'null' : JSON.stringify(value);
}

function typeText(value: JsonValue): string {
  if (Array.isArray(value)) return '"array"';
  if (value === null) return '"null"';
  if (typeof value === 'number') {
    return Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? '"integer"' : '"number"';
  }
  return JSON.stringify(typeof value);
}
