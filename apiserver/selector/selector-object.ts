import { type JsonObject, listAt, objectAt, objectsAt, textAt } from '../schema/json.ts';
import { type LabelOperator, type LabelRequirement, labelsMatch } from './label-selector.ts';

const OPERATORS: Readonly<Record<string, LabelOperator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
};

/** A LabelSelector, the object, as the requirements of the query language. What nobody can read matches nothing. */
export function requirementsOf(selector: JsonObject): readonly LabelRequirement[] {
  const labels = Object.entries(objectAt(selector, 'matchLabels') ?? {}).map(
    ([key, value]): LabelRequirement => ({ key, operator: '=', values: [String(value)] }),
  );
  const expressions = objectsAt(selector, 'matchExpressions').map((expression): LabelRequirement => {
    const operator = OPERATORS[textAt(expression, 'operator')];
    return operator === undefined
      ? { key: '', operator: 'in', values: [] }
      : { key: textAt(expression, 'key'), operator, values: listAt(expression, 'values').map(String) };
  });
  return [...labels, ...expressions];
}

/** Whether a LabelSelector, the object, selects `labels`; an empty one selects everything. */
export function selects(selector: JsonObject, labels: Readonly<Record<string, string>> | undefined): boolean {
  return labelsMatch(requirementsOf(selector), labels);
}

/** A LabelSelector in the syntax of `kubectl -l`; `''` for one that says nothing. */
export function selectorText(selector: JsonObject | undefined): string {
  const labels = objectAt(selector, 'matchLabels');
  const parts = labels === undefined || Object.keys(labels).length === 0 ? [] : [pairsText(labels)];
  for (const each of objectsAt(selector, 'matchExpressions')) {
    const key = textAt(each, 'key');
    const values = Array.isArray(each['values']) ? each['values'].map(String).sort().join(',') : '';
    const operator = textAt(each, 'operator');
    if (operator === 'Exists') parts.push(key);
    else if (operator === 'DoesNotExist') parts.push(`!${key}`);
    else parts.push(`${key} ${operator.toLowerCase()} (${values})`);
  }
  return parts.join(',');
}

function pairsText(labels: JsonObject): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${String(value)}`)
    .sort()
    .join(',');
}
