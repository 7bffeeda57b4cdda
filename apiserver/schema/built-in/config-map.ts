import { type FieldError, forbidden, invalid, keyed, tooLong } from '../field-error.ts';
import { type JsonObject, jsonEqual, objectAt } from '../json.ts';
import { configKey } from '../names.ts';
import type { KindRules } from './rules.ts';

const MAX_BYTES = 1024 * 1024;

/** Source: Kubernetes pkg/apis/core/validation, ValidateConfigMap. */
export const configMapRules: KindRules = {
  validate(object, old) {
    const data = objectAt(object, 'data') ?? {};
    const binary = objectAt(object, 'binaryData') ?? {};
    const errors = [...dataKeyErrors(data, 'data'), ...dataKeyErrors(binary, 'binaryData')];
    for (const key of Object.keys(data)) {
      if (Object.hasOwn(binary, key)) {
        errors.push(invalid(keyed('data', key), key, 'duplicate of key present in binaryData'));
      }
    }
    if (dataBytes(data) + dataBytes(binary) > MAX_BYTES) errors.push(tooLong('', MAX_BYTES));
    return [...errors, ...immutableDataErrors(object, old, ['data', 'binaryData'])];
  },
};

/** Keys of ConfigMap and Secret data may become file names. */
export function dataKeyErrors(data: JsonObject, path: string): FieldError[] {
  return Object.keys(data).flatMap((key) => {
    const problem = configKey(key);
    return problem === undefined ? [] : [invalid(keyed(path, key), key, problem)];
  });
}

/** `immutable: true` can be set, never taken back, and freezes the data. */
export function immutableDataErrors(
  object: JsonObject,
  old: JsonObject | undefined,
  fields: readonly string[],
): readonly FieldError[] {
  if (old?.['immutable'] !== true) return [];
  const errors: FieldError[] = [];
  if (object['immutable'] !== true) errors.push(forbidden('immutable', 'field is immutable when `immutable` is set'));
  for (const field of fields) {
    if (!jsonEqual(object[field], old[field])) {
      errors.push(forbidden(field, 'field is immutable when `immutable` is set'));
    }
  }
  return errors;
}

function dataBytes(data: JsonObject): number {
  return Object.values(data).reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 0), 0);
}
