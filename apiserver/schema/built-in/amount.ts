import { child, type FieldError, invalid } from '../field-error.ts';
import { type JsonObject, type JsonValue, numberAt } from '../json.ts';

/* Numbers and shares of things. Source: Kubernetes pkg/apis/apps/validation, ValidatePositiveIntOrPercent, IsNotMoreThan100Percent. */

/** Numbers that count something: none of `keys` may be negative. */
export function negativeErrors(object: JsonObject, path: string, keys: readonly string[]): readonly FieldError[] {
  return keys.flatMap((key) => {
    const value = numberAt(object, key);
    return value === undefined || value >= 0 ? [] : [notNegative(child(path, key), value)];
  });
}

export function notNegative(path: string, value: number): FieldError {
  return invalid(path, value, 'must be greater than or equal to 0');
}

/** A number of Pods, or a share of them in percent. */
export function shareErrors(value: JsonValue | undefined, path: string): readonly FieldError[] {
  if (typeof value === 'number') return value < 0 ? [notNegative(path, value)] : [];
  if (typeof value !== 'string' || /^[0-9]+%$/.test(value)) return [];
  const form =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
  return [invalid(path, value, form)];
}

export function aboveAllErrors(value: JsonValue | undefined, path: string): readonly FieldError[] {
  const isAbove = typeof value === 'string' && /^[0-9]+%$/.test(value) && Number(value.slice(0, -1)) > 100;
  return isAbove ? [invalid(path, value, 'must not be greater than 100%')] : [];
}
