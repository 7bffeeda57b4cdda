import { selects } from '../../selector/selector-object.ts';
import { child, type FieldError, forbidden, invalid, notSupported, required } from '../field-error.ts';
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  jsonEqual,
  numberAt,
  objectAt,
  objectsAt,
  textAt,
} from '../json.ts';
import { labelsErrors } from '../labels.ts';
import { dnsLabel } from '../names.ts';
import { aboveAllErrors, negativeErrors, notNegative, shareErrors } from './amount.ts';
import { countTemplate, templateCount } from './daemon-set-template.ts';
import { isEmptySelector, labelSelectorErrors } from './label-selector.ts';
import { applyPodSpecDefaults } from './pod.ts';
import { podSpecErrors } from './pod-spec.ts';
import type { KindRules } from './rules.ts';

/*
 * Kinds that make Pods from a template. Source: Kubernetes pkg/apis/apps/validation, ValidateDeploymentSpec,
 * ValidateReplicaSetSpec, ValidateDaemonSetSpec, ValidateStatefulSetSpec; pkg/apis/core/validation,
 * ValidateReplicationControllerSpec; pkg/apis/apps/v1 and core/v1 defaults.
 */

/** What a kind's error messages call it. */
type Word = 'Deployment' | 'ReplicaSet' | 'DaemonSet' | 'StatefulSet';

export const deploymentRules: KindRules = {
  applyDefaults(object) {
    const strategy = objectAt(objectAt(object, 'spec'), 'strategy');
    if (strategy !== undefined && textAt(strategy, 'type') === 'RollingUpdate') {
      strategy['rollingUpdate'] = { maxSurge: '25%', maxUnavailable: '25%', ...objectAt(strategy, 'rollingUpdate') };
    }
    templateDefaults(object);
    object['status'] ??= {};
  },
  validate(object, old) {
    const spec = objectAt(object, 'spec') ?? {};
    const errors = [
      ...negativeErrors(spec, 'spec', ['replicas']),
      // Kubernetes says the same of a ReplicaSet, which it validates with the same function.
      ...selectorErrors(spec, 'Deployment'),
      ...strategyErrors(objectAt(spec, 'strategy') ?? {}, 'spec.strategy'),
      ...negativeErrors(spec, 'spec', ['minReadySeconds', 'revisionHistoryLimit', 'progressDeadlineSeconds']),
    ];
    const deadline = numberAt(spec, 'progressDeadlineSeconds');
    if (deadline !== undefined && deadline <= (numberAt(spec, 'minReadySeconds') ?? 0)) {
      errors.push(invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds'));
    }
    return [...errors, ...frozenSelectorErrors(spec, old)];
  },
};

/** Source: ValidateDeploymentStrategy, ValidateRollingUpdateDeployment. */
function strategyErrors(strategy: JsonObject, path: string): readonly FieldError[] {
  const type = textAt(strategy, 'type');
  const rolling = objectAt(strategy, 'rollingUpdate');
  const at = child(path, 'rollingUpdate');
  if (type === 'Recreate') {
    const why = "may not be specified when strategy `type` is 'Recreate'";
    return rolling === undefined ? [] : [forbidden(at, why)];
  }
  if (type !== 'RollingUpdate') return [notSupported(path, strategy, ['Recreate', 'RollingUpdate'])];
  const { maxUnavailable, maxSurge } = rolling ?? {};
  const isZero = (share: JsonValue | undefined): boolean =>
    share === undefined || Number.parseInt(String(share), 10) === 0;
  const field = child(at, 'maxUnavailable');
  return [
    ...shareErrors(maxUnavailable, field),
    ...shareErrors(maxSurge, child(at, 'maxSurge')),
    ...(isZero(maxUnavailable) && isZero(maxSurge)
      ? [invalid(field, maxUnavailable, 'may not be 0 when `maxSurge` is 0')]
      : []),
    ...aboveAllErrors(maxUnavailable, field),
  ];
}

export const replicaSetRules: KindRules = {
  applyDefaults(object) {
    templateDefaults(object);
    object['status'] = { replicas: 0, ...objectAt(object, 'status') };
  },
  validate(object, old) {
    const spec = objectAt(object, 'spec') ?? {};
    return [...countErrors(spec), ...selectorErrors(spec, 'ReplicaSet'), ...frozenSelectorErrors(spec, old)];
  },
};

export const daemonSetRules: KindRules = {
  prepare(object, old) {
    if (old === undefined && templateCount(object) === 0) countTemplate(object, 1);
  },
  applyDefaults(object) {
    templateDefaults(object);
    const strategy = objectAt(objectAt(object, 'spec'), 'updateStrategy');
    if (strategy !== undefined && textAt(strategy, 'type') === 'RollingUpdate') {
      strategy['rollingUpdate'] = { maxSurge: 0, maxUnavailable: 1, ...objectAt(strategy, 'rollingUpdate') };
    }
    object['status'] = {
      currentNumberScheduled: 0,
      numberMisscheduled: 0,
      desiredNumberScheduled: 0,
      numberReady: 0,
      ...objectAt(object, 'status'),
    };
  },
  validate(object, old) {
    const spec = objectAt(object, 'spec') ?? {};
    const errors = [...countErrors(spec), ...selectorErrors(spec, 'DaemonSet')];
    const rolling = objectAt(objectAt(spec, 'updateStrategy'), 'rollingUpdate');
    const path = 'spec.updateStrategy.rollingUpdate';
    const isZero = (key: string): boolean => rolling?.[key] === 0 || rolling?.[key] === '0%';
    if (rolling !== undefined && isZero('maxUnavailable') && isZero('maxSurge')) {
      errors.push(required(child(path, 'maxUnavailable'), 'cannot be 0 when maxSurge is 0'));
    } else if (rolling !== undefined && !isZero('maxUnavailable') && !isZero('maxSurge')) {
      errors.push(
        invalid(child(path, 'maxSurge'), rolling['maxSurge'], 'may not be set when maxUnavailable is non-zero'),
      );
    }
    for (const key of ['maxUnavailable', 'maxSurge']) {
      errors.push(
        ...shareErrors(rolling?.[key], child(path, key)),
        ...aboveAllErrors(rolling?.[key], child(path, key)),
      );
    }
    return [...errors, ...frozenSelectorErrors(spec, old)];
  },
};

/** Fields of a StatefulSet that can change. */
const STATEFUL_SET_MUTABLE: ReadonlySet<string> = new Set([
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
]);

export const statefulSetRules: KindRules = {
  judgesAbsence: /^spec\.serviceName$/,
  checkName: dnsLabel,
  applyDefaults(object) {
    templateDefaults(object);
    const spec = objectAt(object, 'spec');
    const strategy = objectAt(spec, 'updateStrategy');
    if (strategy !== undefined && textAt(strategy, 'type') === 'RollingUpdate') {
      strategy['rollingUpdate'] = { partition: 0, ...objectAt(strategy, 'rollingUpdate') };
    }
    for (const claim of objectsAt(spec, 'volumeClaimTemplates')) {
      claim['apiVersion'] ??= 'v1';
      claim['kind'] ??= 'PersistentVolumeClaim';
      claim['status'] = { phase: 'Pending', ...objectAt(claim, 'status') };
    }
    object['status'] = { replicas: 0, availableReplicas: 0, ...objectAt(object, 'status') };
  },
  validate(object, old) {
    const spec = objectAt(object, 'spec') ?? {};
    const errors = [...statefulSetErrors(spec), ...countErrors(spec)];
    const serviceName = textAt(spec, 'serviceName');
    const problem = old !== undefined || serviceName === '' ? undefined : dnsLabel(serviceName);
    if (problem !== undefined) errors.push(invalid('spec.serviceName', serviceName, problem));
    errors.push(...selectorErrors(spec, 'StatefulSet'));
    const before = objectAt(old, 'spec');
    if (before !== undefined && !jsonEqual(frozenPart(spec), frozenPart(before))) {
      errors.push(
        forbidden(
          'spec',
          "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
        ),
      );
    }
    return errors;
  },
};

export const replicationControllerRules: KindRules = {
  applyDefaults(object) {
    const spec = objectAt(object, 'spec');
    const labels = objectAt(objectAt(objectAt(spec, 'template'), 'metadata'), 'labels');
    if (spec !== undefined && labels !== undefined && Object.keys(objectAt(spec, 'selector') ?? {}).length === 0) {
      spec['selector'] = structuredClone(labels);
    }
    labelsOfTemplate(object);
    templateDefaults(object);
    object['status'] = { replicas: 0, ...objectAt(object, 'status') };
  },
  validate(object) {
    const spec = objectAt(object, 'spec') ?? {};
    const selector = objectAt(spec, 'selector') ?? {};
    const errors = [...countErrors(spec)];
    if (Object.keys(selector).length === 0) errors.push(required('spec.selector'));
    const template = objectAt(spec, 'template');
    if (template === undefined) return [...errors, required('spec.template')];
    const labels = objectAt(objectAt(template, 'metadata'), 'labels') ?? {};
    if (!Object.entries(selector).every(([key, value]) => labels[key] === value)) {
      errors.push(invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'));
    }
    return [...errors, ...templateErrors(spec, 'ReplicaSet')];
  },
};

export const podTemplateRules: KindRules = {
  applyDefaults(object) {
    const spec = objectAt(objectAt(object, 'template'), 'spec');
    if (spec !== undefined) applyPodSpecDefaults(spec);
  },
  validate(object) {
    return podSpecErrors(objectAt(objectAt(object, 'template'), 'spec') ?? {}, 'template.spec');
  },
};

export const controllerRevisionRules: KindRules = {
  judgesAbsence: /^(?:revision|data)$/,
  validate(object, old) {
    const errors: FieldError[] = [];
    if (object['data'] === undefined) errors.push(required('data', 'data is mandatory'));
    else if (!isJsonObject(object['data'])) errors.push(invalid('data', object['data'], 'must be a JSON object'));
    const revision = numberAt(object, 'revision') ?? 0;
    if (revision < 0) errors.push(notNegative('revision', revision));
    if (old !== undefined && !jsonEqual(old['data'], object['data'])) {
      errors.push(invalid('data', object['data'], 'field is immutable'));
    }
    return errors;
  },
};

function countErrors(spec: JsonObject): readonly FieldError[] {
  return negativeErrors(spec, 'spec', [
    'replicas',
    'minReadySeconds',
    'revisionHistoryLimit',
    'progressDeadlineSeconds',
  ]);
}

function statefulSetErrors(spec: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  const policy = textAt(spec, 'podManagementPolicy');
  if (policy !== 'OrderedReady' && policy !== 'Parallel') {
    errors.push(invalid('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'"));
  }
  const strategy = objectAt(spec, 'updateStrategy') ?? {};
  const type = textAt(strategy, 'type');
  if (type === 'OnDelete' && strategy['rollingUpdate'] !== undefined) {
    errors.push(
      invalid(
        'spec.updateStrategy.rollingUpdate',
        strategy['rollingUpdate'],
        "only allowed for updateStrategy 'RollingUpdate'",
      ),
    );
  } else if (type !== 'OnDelete' && type !== 'RollingUpdate') {
    errors.push(invalid('spec.updateStrategy', strategy, "must be 'RollingUpdate' or 'OnDelete'"));
  }
  const retention = objectAt(spec, 'persistentVolumeClaimRetentionPolicy') ?? {};
  for (const key of ['whenDeleted', 'whenScaled']) {
    const value = textAt(retention, key);
    if (value !== 'Retain' && value !== 'Delete') {
      errors.push(notSupported(`spec.persistentVolumeClaimRetentionPolicy.${key}`, value, ['Retain', 'Delete']));
    }
  }
  return errors;
}

/** The selector, and the template that it must select; of a selector that cannot be read nothing follows. */
function selectorErrors(spec: JsonObject, word: Word): readonly FieldError[] {
  const selector = objectAt(spec, 'selector');
  if (selector === undefined) {
    return [required('spec.selector'), unselected(spec), ...templateErrors(spec, word)];
  }
  const errors = [...labelSelectorErrors(selector, 'spec.selector')];
  if (isEmptySelector(selector)) {
    const kind = word === 'ReplicaSet' ? 'deployment' : word.toLowerCase();
    errors.push(invalid('spec.selector', selector, `empty selector is invalid for ${kind}`));
    return [...errors, ...templateErrors(spec, word)];
  }
  if (errors.length > 0) return [...errors, invalid('spec.selector', selector, 'invalid label selector')];
  const isSelected = selects(selector, labelsOf(spec) as Readonly<Record<string, string>>);
  return [...(isSelected ? [] : [unselected(spec)]), ...templateErrors(spec, word)];
}

function labelsOf(spec: JsonObject): JsonObject {
  return objectAt(objectAt(objectAt(spec, 'template'), 'metadata'), 'labels') ?? {};
}

function unselected(spec: JsonObject): FieldError {
  return invalid('spec.template.metadata.labels', labelsOf(spec), '`selector` does not match template `labels`');
}

function templateErrors(spec: JsonObject, word: Word): readonly FieldError[] {
  const podSpec = objectAt(objectAt(spec, 'template'), 'spec');
  if (podSpec === undefined) return [required('spec.template.spec.containers')];
  const errors = [
    ...labelsErrors(labelsOf(spec), 'spec.template.labels'),
    ...podSpecErrors(podSpec, 'spec.template.spec'),
  ];
  const restart = textAt(podSpec, 'restartPolicy');
  if (restart !== '' && restart !== 'Always') {
    errors.push(notSupported('spec.template.spec.restartPolicy', restart, ['Always']));
  }
  if (podSpec['activeDeadlineSeconds'] !== undefined) {
    const kind = word === 'Deployment' ? 'ReplicaSet' : word;
    errors.push(
      forbidden('spec.template.spec.activeDeadlineSeconds', `activeDeadlineSeconds in ${kind} is not Supported`),
    );
  }
  return errors;
}

function frozenSelectorErrors(spec: JsonObject, old: JsonObject | undefined): readonly FieldError[] {
  if (old === undefined || jsonEqual(spec['selector'], objectAt(old, 'spec')?.['selector'])) return [];
  return [invalid('spec.selector', spec['selector'], 'field is immutable')];
}

function frozenPart(spec: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(spec).filter(([key]) => !STATEFUL_SET_MUTABLE.has(key)));
}

function templateDefaults(object: JsonObject): void {
  const podSpec = objectAt(objectAt(objectAt(object, 'spec'), 'template'), 'spec');
  if (podSpec !== undefined) applyPodSpecDefaults(podSpec);
}

/** An object without labels gets those of its template. */
export function labelsOfTemplate(object: JsonObject): void {
  const labels = objectAt(objectAt(objectAt(objectAt(object, 'spec'), 'template'), 'metadata'), 'labels');
  const metadata = objectAt(object, 'metadata');
  if (labels === undefined || metadata === undefined) return;
  if (Object.keys(objectAt(metadata, 'labels') ?? {}).length === 0) metadata['labels'] = structuredClone(labels);
}
