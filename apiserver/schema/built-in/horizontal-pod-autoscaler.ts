import { child, element, type FieldError, forbidden, invalid, required } from '../field-error.ts';
import { isJsonObject, type JsonObject, listAt, numberAt, objectAt, objectsAt, textAt } from '../json.ts';
import { pathSegment } from '../names.ts';
import type { KindRules } from './rules.ts';

const MAX_STABILIZATION_SECONDS = 3600;
const MAX_PERIOD_SECONDS = 1800;
const DEFAULT_CPU_PERCENT = 80;

/** Source: Kubernetes pkg/apis/autoscaling/validation; v2, SetDefaults_HorizontalPodAutoscaler. */
export const horizontalPodAutoscalerRules: KindRules = {
  judgesAbsence: /^spec\.(?:maxReplicas|scaleTargetRef|metrics\[)/,
  applyDefaults(object) {
    const spec = objectAt(object, 'spec');
    if (spec === undefined) return;
    if (listAt(spec, 'metrics').length === 0) {
      const target = { type: 'Utilization', averageUtilization: DEFAULT_CPU_PERCENT };
      spec['metrics'] = [{ type: 'Resource', resource: { name: 'cpu', target } }];
    }
    const behavior = objectAt(spec, 'behavior');
    if (behavior !== undefined) {
      behavior['scaleUp'] = { ...scaleUp(), ...objectAt(behavior, 'scaleUp') };
      behavior['scaleDown'] = { ...scaleDown(), ...objectAt(behavior, 'scaleDown') };
    }
    object['status'] = { desiredReplicas: 0, ...objectAt(object, 'status') };
  },
  validate(object) {
    const spec = objectAt(object, 'spec') ?? {};
    const errors = [...replicaErrors(spec)];
    for (const [index, metric] of objectsAt(spec, 'metrics').entries()) {
      errors.push(...metricErrors(metric, element('spec.metrics', index)));
    }
    const behavior = objectAt(spec, 'behavior');
    for (const key of ['scaleUp', 'scaleDown']) {
      const rules = objectAt(behavior, key);
      if (rules !== undefined) errors.push(...scalingErrors(rules, `spec.behavior.${key}`));
    }
    return errors;
  },
};

/** autoscaling/v1 has one metric, in a field of its own. */
export const firstHorizontalPodAutoscalerRules: KindRules = {
  judgesAbsence: /^spec\.(?:maxReplicas|scaleTargetRef)/,
  applyDefaults(object) {
    object['status'] = { currentReplicas: 0, desiredReplicas: 0, ...objectAt(object, 'status') };
  },
  validate: (object) => replicaErrors(objectAt(object, 'spec') ?? {}),
};

function replicaErrors(spec: JsonObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  const min = numberAt(spec, 'minReplicas') ?? 1;
  const max = numberAt(spec, 'maxReplicas') ?? 0;
  if (min < 1) errors.push(invalid('spec.minReplicas', min, 'must be greater than or equal to 1'));
  if (max < 1) errors.push(invalid('spec.maxReplicas', max, 'must be greater than 0'));
  if (max < min) errors.push(invalid('spec.maxReplicas', max, 'must be greater than or equal to `minReplicas`'));
  errors.push(...referenceErrors(objectAt(spec, 'scaleTargetRef') ?? {}, 'spec.scaleTargetRef'));
  return errors;
}

function scaleUp(): JsonObject {
  return {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodSeconds: 15 },
      { type: 'Percent', value: 100, periodSeconds: 15 },
    ],
  };
}

function scaleDown(): JsonObject {
  return { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] };
}

function referenceErrors(reference: JsonObject, path: string): readonly FieldError[] {
  return ['kind', 'name'].flatMap((key) => {
    const text = textAt(reference, key);
    if (text === '') return [required(child(path, key))];
    const problem = pathSegment(text);
    return problem === undefined ? [] : [invalid(child(path, key), text, problem)];
  });
}

/** Which field of a metric belongs to its type. */
const SOURCES: Readonly<Record<string, string>> = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
};

function metricErrors(metric: JsonObject, path: string): readonly FieldError[] {
  const type = textAt(metric, 'type');
  if (type === '') return [required(child(path, 'type'), 'must specify a metric source type')];
  const wanted = SOURCES[type];
  if (wanted === undefined) return [];
  const errors: FieldError[] = [];
  const source = objectAt(metric, wanted);
  if (source === undefined) {
    errors.push(required(child(path, wanted), 'must populate information for the given metric source'));
  } else {
    errors.push(...targetErrors(objectAt(source, 'target') ?? {}, child(path, `${wanted}.target`)));
  }
  for (const other of Object.values(SOURCES)) {
    if (other !== wanted && isJsonObject(metric[other])) {
      errors.push(forbidden(child(path, other), 'must populate the given metric source only'));
    }
  }
  return errors;
}

const TARGET_TYPES = ['Utilization', 'Value', 'AverageValue'];

function targetErrors(target: JsonObject, path: string): readonly FieldError[] {
  const type = textAt(target, 'type');
  if (type === '') return [required(child(path, 'type'), 'must specify a metric target type')];
  if (!TARGET_TYPES.includes(type)) {
    return [invalid(child(path, 'type'), type, 'must be either Utilization, Value, or AverageValue')];
  }
  const utilization = numberAt(target, 'averageUtilization');
  if (utilization === undefined || utilization >= 1) return [];
  return [invalid(child(path, 'averageUtilization'), utilization, 'must be greater than 0')];
}

function scalingErrors(rules: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const window = numberAt(rules, 'stabilizationWindowSeconds') ?? 0;
  const windowPath = child(path, 'stabilizationWindowSeconds');
  if (window < 0) errors.push(invalid(windowPath, window, 'must be greater than or equal to zero'));
  if (window > MAX_STABILIZATION_SECONDS) {
    errors.push(invalid(windowPath, window, `must be less than or equal to ${MAX_STABILIZATION_SECONDS}`));
  }
  const policies = objectsAt(rules, 'policies');
  if (policies.length === 0) errors.push(required(child(path, 'policies'), 'must specify at least one Policy'));
  for (const [index, policy] of policies.entries()) {
    const at = element(child(path, 'policies'), index);
    for (const key of ['value', 'periodSeconds']) {
      const number = numberAt(policy, key) ?? 0;
      if (number <= 0) errors.push(invalid(child(at, key), number, 'must be greater than zero'));
    }
    const period = numberAt(policy, 'periodSeconds') ?? 0;
    if (period > MAX_PERIOD_SECONDS) {
      errors.push(invalid(child(at, 'periodSeconds'), period, `must be less than or equal to ${MAX_PERIOD_SECONDS}`));
    }
  }
  return errors;
}
