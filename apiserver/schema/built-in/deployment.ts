import { type FieldError, invalid, required } from '../field-error.ts';
import { type JsonObject, jsonEqual, numberAt, objectAt, objectsAt, textAt } from '../json.ts';
import { applyPodSpecDefaults, podSpecErrors } from './pod.ts';
import type { KindRules } from './rules.ts';

/** Source: Kubernetes pkg/apis/apps/validation, ValidateDeployment; pkg/apis/apps/v1 defaults. */
export const deploymentRules: KindRules = {
  applyDefaults(object) {
    const spec = objectAt(object, 'spec');
    const strategy = objectAt(spec, 'strategy');
    if (strategy !== undefined && textAt(strategy, 'type') === 'RollingUpdate') {
      strategy['rollingUpdate'] = { maxSurge: '25%', maxUnavailable: '25%', ...objectAt(strategy, 'rollingUpdate') };
    }
    const podSpec = objectAt(objectAt(spec, 'template'), 'spec');
    if (podSpec !== undefined) applyPodSpecDefaults(podSpec);
    object['status'] ??= {};
  },
  validate(object, old) {
    const spec = objectAt(object, 'spec') ?? {};
    const errors: FieldError[] = [];
    const replicas = numberAt(spec, 'replicas') ?? 0;
    if (replicas < 0) errors.push(invalid('spec.replicas', replicas, 'must be greater than or equal to 0'));
    errors.push(...selectorErrors(spec));
    const strategy = objectAt(spec, 'strategy');
    if (textAt(strategy, 'type') === 'Recreate' && strategy?.['rollingUpdate'] !== undefined) {
      errors.push({
        reason: 'FieldValueForbidden',
        field: 'spec.strategy.rollingUpdate',
        message: "Forbidden: may not be specified when strategy `type` is 'Recreate'",
      });
    }
    const podSpec = objectAt(objectAt(spec, 'template'), 'spec');
    if (podSpec === undefined) errors.push(required('spec.template.spec.containers'));
    else errors.push(...podSpecErrors(podSpec, 'spec.template.spec'));
    if (old !== undefined && !jsonEqual(spec['selector'], objectAt(old, 'spec')?.['selector'])) {
      errors.push(invalid('spec.selector', spec['selector'], 'field is immutable'));
    }
    return errors;
  },
};

function selectorErrors(spec: JsonObject): readonly FieldError[] {
  const selector = objectAt(spec, 'selector') ?? {};
  const wanted = objectAt(selector, 'matchLabels') ?? {};
  if (Object.keys(wanted).length === 0 && objectsAt(selector, 'matchExpressions').length === 0) {
    return [invalid('spec.selector', selector, 'empty selector is invalid for deployment')];
  }
  const labels = objectAt(objectAt(objectAt(spec, 'template'), 'metadata'), 'labels') ?? {};
  return Object.entries(wanted).every(([key, value]) => labels[key] === value)
    ? []
    : [invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')];
}
