import { type FieldError, invalid } from '../field-error.ts';
import { objectAt } from '../json.ts';
import { aboveAllErrors, shareErrors } from './amount.ts';
import { labelSelectorErrors } from './label-selector.ts';
import type { KindRules } from './rules.ts';

/** Source: Kubernetes pkg/apis/policy/validation, ValidatePodDisruptionBudgetSpec. */
export const podDisruptionBudgetRules: KindRules = {
  applyDefaults(object) {
    object['status'] = {
      currentHealthy: 0,
      desiredHealthy: 0,
      disruptionsAllowed: 0,
      expectedPods: 0,
      ...objectAt(object, 'status'),
    };
  },
  validate(object) {
    const spec = objectAt(object, 'spec') ?? {};
    const errors: FieldError[] = [];
    if (spec['minAvailable'] !== undefined && spec['maxUnavailable'] !== undefined) {
      errors.push(invalid('spec', spec, 'minAvailable and maxUnavailable cannot be both set'));
    }
    for (const key of ['minAvailable', 'maxUnavailable'])
      errors.push(...shareErrors(spec[key], `spec.${key}`), ...aboveAllErrors(spec[key], `spec.${key}`));
    return [...errors, ...labelSelectorErrors(objectAt(spec, 'selector'), 'spec.selector')];
  },
};
