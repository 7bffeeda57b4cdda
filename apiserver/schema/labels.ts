import { type FieldError, invalid } from './field-error.ts';
import type { JsonObject } from './json.ts';
import { labelValue, qualifiedName } from './names.ts';

/** What is wrong with labels, or with a selector that is made of labels. Source: apimachinery pkg/apis/meta/v1/validation, ValidateLabels. */
export function labelsErrors(labels: JsonObject | undefined, path: string): readonly FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => {
    const problem = qualifiedName(key);
    const valueProblem = typeof value === 'string' ? labelValue(value) : undefined;
    return [
      ...(problem === undefined ? [] : [invalid(path, key, problem)]),
      ...(valueProblem === undefined ? [] : [invalid(path, value, valueProblem)]),
    ];
  });
}
