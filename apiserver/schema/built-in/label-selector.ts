import { child, element, type FieldError, forbidden, invalid, required } from '../field-error.ts';
import { type JsonObject, listAt, objectAt, objectsAt, textAt } from '../json.ts';
import { labelValue, qualifiedName } from '../names.ts';

/** What is wrong with a LabelSelector. Source: apimachinery pkg/apis/meta/v1/validation, ValidateLabelSelector. */
export function labelSelectorErrors(selector: JsonObject | undefined, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const labels = child(path, 'matchLabels');
  for (const [key, value] of Object.entries(objectAt(selector, 'matchLabels') ?? {})) {
    const problem = qualifiedName(key);
    if (problem !== undefined) errors.push(invalid(labels, key, problem));
    const valueProblem = typeof value === 'string' ? labelValue(value) : undefined;
    if (valueProblem !== undefined) errors.push(invalid(labels, value, valueProblem));
  }
  for (const [index, expression] of objectsAt(selector, 'matchExpressions').entries()) {
    errors.push(...expressionErrors(expression, element(child(path, 'matchExpressions'), index)));
  }
  return errors;
}

/** Whether a LabelSelector says nothing, so that it selects everything. */
export function isEmptySelector(selector: JsonObject | undefined): boolean {
  return (
    Object.keys(objectAt(selector, 'matchLabels') ?? {}).length + objectsAt(selector, 'matchExpressions').length === 0
  );
}

function expressionErrors(expression: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const operator = textAt(expression, 'operator');
  const values = listAt(expression, 'values');
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0) {
        errors.push(required(child(path, 'values'), "must be specified when `operator` is 'In' or 'NotIn'"));
      }
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0) {
        errors.push(
          forbidden(child(path, 'values'), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
        );
      }
      break;
    default:
      errors.push(invalid(child(path, 'operator'), operator, 'not a valid selector operator'));
  }
  const key = textAt(expression, 'key');
  const problem = qualifiedName(key);
  if (problem !== undefined) errors.push(invalid(child(path, 'key'), key, problem));
  for (const [index, value] of values.entries()) {
    const valueProblem = typeof value === 'string' ? labelValue(value) : undefined;
    if (valueProblem !== undefined) errors.push(invalid(element(child(path, 'values'), index), value, valueProblem));
  }
  return errors;
}
