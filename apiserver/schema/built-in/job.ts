import { selects } from '../../selector/selector-object.ts';
import { child, type FieldError, invalid, notSupported, required } from '../field-error.ts';
import { type JsonObject, jsonEqual, numberAt, objectAt, objectsAt, textAt } from '../json.ts';
import { negativeErrors } from './amount.ts';
import { cronProblem } from './cron-schedule.ts';
import { applyPodSpecDefaults } from './pod.ts';
import { podSpecErrors } from './pod-spec.ts';
import type { KindRules } from './rules.ts';
import { labelsOfTemplate } from './workload.ts';

const MAX_INT32 = 2_147_483_647;
const BACKOFF_LIMIT = 6;
/** A CronJob's Jobs have a suffix of 11 characters. */
const CRON_JOB_NAME_LENGTH = 52;

/** Source: Kubernetes pkg/apis/batch/validation, ValidateJob; pkg/apis/batch/v1, SetDefaults_Job; registry/batch/job, generateSelector. */
export const jobRules: KindRules = {
  applyDefaults(object) {
    const spec = objectAt(object, 'spec');
    if (spec === undefined) return;
    if (spec['completions'] === undefined && spec['parallelism'] === undefined) spec['completions'] = 1;
    spec['parallelism'] ??= 1;
    spec['backoffLimit'] ??= spec['backoffLimitPerIndex'] === undefined ? BACKOFF_LIMIT : MAX_INT32;
    spec['completionMode'] ??= 'NonIndexed';
    spec['suspend'] ??= false;
    spec['podReplacementPolicy'] ??= spec['podFailurePolicy'] === undefined ? 'TerminatingOrFailed' : 'Failed';
    spec['manualSelector'] ??= false;
    labelsOfTemplate(object);
    templateDefaults(spec);
    object['status'] ??= {};
  },
  validate(object, old) {
    const spec = objectAt(object, 'spec') ?? {};
    const errors = [...jobSpecErrors(spec, 'spec')];
    const selector = objectAt(spec, 'selector');
    const labels = objectAt(objectAt(objectAt(spec, 'template'), 'metadata'), 'labels') ?? {};
    if (selector === undefined) errors.push(required('spec.selector'));
    else if (!selects(selector, labels as Readonly<Record<string, string>>)) {
      errors.push(invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'));
    }
    const before = objectAt(old, 'spec');
    return before === undefined ? errors : [...errors, ...frozenErrors(spec, before)];
  },
};

/** Source: Kubernetes pkg/apis/batch/validation, ValidateCronJobCreate. */
export const cronJobRules: KindRules = {
  applyDefaults(object) {
    const spec = objectAt(objectAt(objectAt(object, 'spec'), 'jobTemplate'), 'spec');
    if (spec !== undefined) templateDefaults(spec);
    object['status'] ??= {};
  },
  validate(object, old) {
    const spec = objectAt(object, 'spec') ?? {};
    const errors = [...scheduleErrors(spec, objectAt(old, 'spec'))];
    const counts = ['startingDeadlineSeconds', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit'];
    errors.push(...negativeErrors(spec, 'spec', counts));
    const template = objectAt(objectAt(spec, 'jobTemplate'), 'spec') ?? {};
    errors.push(...jobSpecErrors(template, 'spec.jobTemplate.spec'));
    if (template['selector'] !== undefined) {
      errors.push(invalid('spec.jobTemplate.spec.selector', template['selector'], '`selector` will be auto-generated'));
    }
    if (template['manualSelector'] === true) {
      errors.push(notSupported('spec.jobTemplate.spec.manualSelector', true, ['nil', 'false']));
    }
    const name = textAt(objectAt(object, 'metadata'), 'name');
    if (old === undefined && name.length > CRON_JOB_NAME_LENGTH) {
      errors.push(invalid('metadata.name', name, `must be no more than ${CRON_JOB_NAME_LENGTH} characters`));
    }
    return errors;
  },
};

function scheduleErrors(spec: JsonObject, old: JsonObject | undefined): readonly FieldError[] {
  const schedule = textAt(spec, 'schedule');
  if (schedule === '') return [required('spec.schedule')];
  const problem = cronProblem(schedule);
  const errors = problem === undefined ? [] : [invalid('spec.schedule', schedule, problem)];
  if (schedule.includes('TZ') && !textAt(old, 'schedule').includes('TZ')) {
    const detail = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
    errors.push(invalid('spec.schedule', schedule, detail));
  }
  const zone = spec['timeZone'];
  if (typeof zone === 'string' && zone !== old?.['timeZone'] && !isTimeZone(zone)) {
    errors.push(invalid('spec.timeZone', zone, `unknown time zone ${zone}`));
  }
  return errors;
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== '';
  } catch {
    return false;
  }
}

const COUNTS = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
];

function jobSpecErrors(spec: JsonObject, path: string): readonly FieldError[] {
  const errors = [...negativeErrors(spec, path, COUNTS)];
  if (spec['maxFailedIndexes'] !== undefined && spec['backoffLimitPerIndex'] === undefined) {
    errors.push(required(child(path, 'backoffLimitPerIndex'), 'when maxFailedIndexes is specified'));
  }
  if (spec['completionMode'] === 'Indexed') {
    if (spec['completions'] === undefined) {
      errors.push(required(child(path, 'completions'), 'when completion mode is Indexed'));
    }
  } else {
    for (const key of ['backoffLimitPerIndex', 'maxFailedIndexes', 'successPolicy']) {
      const value = spec[key];
      if (value !== undefined) errors.push(invalid(child(path, key), value, 'requires indexed completion mode'));
    }
  }
  const failurePolicy = spec['podFailurePolicy'] !== undefined;
  if (failurePolicy && spec['podReplacementPolicy'] === 'TerminatingOrFailed') {
    errors.push(notSupported(child(path, 'podReplacementPolicy'), 'TerminatingOrFailed', ['Failed']));
  }
  return [...errors, ...templateErrors(spec, child(path, 'template'), failurePolicy)];
}

function templateErrors(spec: JsonObject, path: string, failurePolicy: boolean): readonly FieldError[] {
  const podSpec = objectAt(objectAt(spec, 'template'), 'spec');
  if (podSpec === undefined) return [required(`${path}.spec.containers`)];
  const errors = [...podSpecErrors(podSpec, child(path, 'spec'))];
  const restart = textAt(podSpec, 'restartPolicy');
  const field = child(path, 'spec.restartPolicy');
  if (restart === '' || restart === 'Always') {
    errors.push(required(field, 'valid values: "OnFailure", "Never"'));
  } else if (failurePolicy && restart === 'OnFailure') {
    errors.push(invalid(field, restart, 'only "Never" is supported when podFailurePolicy is specified'));
  }
  return errors;
}

const FROZEN = [
  'selector',
  'template',
  'completionMode',
  'podFailurePolicy',
  'backoffLimitPerIndex',
  'managedBy',
  'successPolicy',
];

function frozenErrors(spec: JsonObject, old: JsonObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  const differs = (key: string): boolean => !jsonEqual(spec[key], old[key]);
  if (differs('completions')) {
    if (spec['completionMode'] !== 'Indexed') {
      errors.push(invalid('spec.completions', spec['completions'], 'field is immutable'));
    } else if (numberAt(spec, 'completions') !== numberAt(spec, 'parallelism')) {
      const detail = 'can only be modified in tandem with spec.parallelism';
      errors.push(invalid('spec.completions', spec['completions'], detail));
    }
  }
  for (const key of FROZEN) {
    // While a Job is suspended and nothing of it has begun, where its Pods will run may still be decided.
    const before = key === 'template' && spec['suspend'] === true ? schedulingOf(old, spec) : old[key];
    if (!jsonEqual(spec[key], before)) errors.push(invalid(`spec.${key}`, spec[key], 'field is immutable'));
  }
  return errors;
}

/** The template of `old` with the scheduling directives of `spec`. */
function schedulingOf(old: JsonObject, spec: JsonObject): JsonObject {
  const template = structuredClone(objectAt(old, 'template') ?? {});
  const wanted = objectAt(spec, 'template') ?? {};
  const take = (to: JsonObject, from: JsonObject | undefined, key: string): void => {
    const value = from?.[key];
    if (value === undefined) delete to[key];
    else to[key] = structuredClone(value);
  };
  const podSpec = objectAt(template, 'spec') ?? {};
  for (const key of ['nodeSelector', 'tolerations', 'schedulingGates', 'affinity']) {
    take(podSpec, objectAt(wanted, 'spec'), key);
  }
  const metadata = objectAt(template, 'metadata') ?? {};
  for (const key of ['labels', 'annotations']) take(metadata, objectAt(wanted, 'metadata'), key);
  return template;
}

function templateDefaults(spec: JsonObject): void {
  const podSpec = objectAt(objectAt(spec, 'template'), 'spec');
  if (podSpec !== undefined) applyPodSpecDefaults(podSpec);
  for (const rule of objectsAt(objectAt(spec, 'podFailurePolicy'), 'rules')) {
    for (const pattern of objectsAt(rule, 'onPodConditions')) pattern['status'] ??= 'True';
  }
}
