import { child, duplicate, element, type FieldError, invalid, required, tooMany } from './field-error.ts';
import { isJsonObject, type JsonValue, textAt } from './json.ts';
import { fieldAt } from './rule-program.ts';
import type { StructuralSchema } from './structural.ts';

const FIELDS_MAX = 8;
const TYPES: readonly (string | undefined)[] = ['string', 'boolean', 'integer'];

/**
 * What is wrong with the fields of a CRD that selectors may use.
 *
 * Source: apiextensions-apiserver pkg/apis/apiextensions/validation, ValidateCustomResourceSelectableFields.
 *
 * @param path of the list in the CRD
 */
export function selectableFieldErrors(
  fields: JsonValue | undefined,
  schema: StructuralSchema,
  path: string,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, field] of (Array.isArray(fields) ? fields : []).filter(isJsonObject).entries()) {
    const at = child(element(path, index), 'jsonPath');
    const jsonPath = textAt(field, 'jsonPath');
    const found = fieldAt(jsonPath, schema);
    const problem = jsonPath.includes('[') ? 'array notation is not allowed' : 'does not refer to a valid field';
    if (jsonPath === '') errors.push(required(at));
    else if (found === undefined || jsonPath.includes('[')) {
      errors.push(invalid(at, jsonPath, `is an invalid path: ${problem}`));
    } else {
      if (/^metadata\b/.test(found.path)) errors.push(invalid(at, jsonPath, 'must not point to fields in metadata'));
      if (!TYPES.includes(found.schema.type)) errors.push(invalid(at, jsonPath, WRONG_TYPE));
      if (seen.has(found.path)) errors.push(duplicate(at, jsonPath));
      seen.add(found.path);
    }
  }
  if (seen.size > FIELDS_MAX) errors.push(tooMany(path, seen.size, FIELDS_MAX));
  return errors;
}

const WRONG_TYPE =
  'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';
