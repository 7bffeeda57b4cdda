import { type JsonObject, listAt, numberAt, objectAt, objectsAt, textAt } from '../../schema/json.ts';
import { ageOf, humanDuration } from '../age.ts';
import { AGE, integer, NAME, text, wide } from '../column.ts';
import { labelsText } from './service.ts';
import { containersText, selectorOrNone, statusNumber } from './workload.ts';

/*
 * Kinds that make Pods, and what watches over them.
 */

const specOf = (object: JsonObject): JsonObject | undefined => objectAt(object, 'spec');
const templateOf = (object: JsonObject): JsonObject | undefined => objectAt(specOf(object), 'template');

const containers = [
  wide(
    text('Containers', 'Names of each container in the template.', (each) => containersText(templateOf(each), 'name')),
  ),
  wide(
    text('Images', 'Images referenced by each container in the template.', (each) =>
      containersText(templateOf(each), 'image'),
    ),
  ),
];

const selector = wide(
  text('Selector', 'Label selector for pods.', (each) => selectorOrNone(objectAt(specOf(each), 'selector'))),
);

const desired = integer('Desired', 'Pods that are wanted.', (each) => numberAt(specOf(each), 'replicas') ?? 0);
const current = integer('Current', 'Pods that there are.', (each) => statusNumber(each, 'replicas'));
const ready = integer('Ready', 'Pods that are ready.', (each) => statusNumber(each, 'readyReplicas'));

export const replicaSetColumns = [NAME, desired, current, ready, AGE, ...containers, selector];

export const replicationControllerColumns = [
  NAME,
  desired,
  current,
  ready,
  AGE,
  ...containers,
  wide(text('Selector', 'Label selector for pods.', (each) => labelsText(objectAt(specOf(each), 'selector')))),
];

export const statefulSetColumns = [
  NAME,
  text('Ready', 'Ready Pods of those that are wanted.', (each) => {
    return `${statusNumber(each, 'readyReplicas')}/${numberAt(specOf(each), 'replicas') ?? 0}`;
  }),
  AGE,
  ...containers,
];

export const daemonSetColumns = [
  NAME,
  integer('Desired', 'Nodes that should run the Pod.', (each) => statusNumber(each, 'desiredNumberScheduled')),
  integer('Current', 'Nodes that run it.', (each) => statusNumber(each, 'currentNumberScheduled')),
  integer('Ready', 'Nodes where it is ready.', (each) => statusNumber(each, 'numberReady')),
  integer('Up-to-date', 'Nodes with the present template.', (each) => statusNumber(each, 'updatedNumberScheduled')),
  integer('Available', 'Nodes where it serves.', (each) => statusNumber(each, 'numberAvailable')),
  text('Node Selector', 'Labels of the nodes it is for.', (each) =>
    labelsText(objectAt(objectAt(templateOf(each), 'spec'), 'nodeSelector')),
  ),
  AGE,
  ...containers,
  selector,
];

export const controllerRevisionColumns = [
  NAME,
  text('Controller', 'Controller of the object', controllerText),
  integer('Revision', 'The number of this state.', (each) => numberAt(each, 'revision') ?? 0),
  AGE,
];

export const podTemplateColumns = [
  NAME,
  text('Containers', 'Names of each container in the template.', (each) =>
    containersText(objectAt(each, 'template'), 'name'),
  ),
  text('Images', 'Images referenced by each container in the template.', (each) =>
    containersText(objectAt(each, 'template'), 'image'),
  ),
  text('Pod Labels', 'The labels for the pod template.', (each) =>
    labelsText(objectAt(objectAt(objectAt(each, 'template'), 'metadata'), 'labels')),
  ),
];

export const jobColumns = [
  NAME,
  text('Status', 'Status of the job.', jobStatus),
  text('Completions', 'Pods that have succeeded, of those that should.', completions),
  text('Duration', 'Time required to complete the job.', duration),
  AGE,
  ...containers,
  selector,
];

export const cronJobColumns = [
  NAME,
  text('Schedule', 'The schedule in Cron format.', (each) => textAt(specOf(each), 'schedule')),
  text('Timezone', 'The time zone of the schedule.', (each) => textAt(specOf(each), 'timeZone') || '<none>'),
  {
    ...text('Suspend', 'Whether no further Jobs begin.', (each) => {
      const suspend = specOf(each)?.['suspend'];
      return suspend === undefined ? '<unset>' : suspend === true ? 'True' : 'False';
    }),
    type: 'boolean' as const,
  },
  integer('Active', 'Jobs that are running.', (each) => listAt(objectAt(each, 'status'), 'active').length),
  text('Last Schedule', 'When a Job last began.', (each, now) => {
    const time = textAt(objectAt(each, 'status'), 'lastScheduleTime');
    return time === '' ? '<none>' : ageOf(time, now);
  }),
  AGE,
  ...cronJobTemplateColumns(),
];

export const horizontalPodAutoscalerColumns = [
  NAME,
  text('Reference', 'What is scaled.', (each) => {
    const target = objectAt(specOf(each), 'scaleTargetRef');
    return `${textAt(target, 'kind')}/${textAt(target, 'name')}`;
  }),
  text('Targets', 'What is measured, and what it should be.', metricsText),
  text('MinPods', 'The least number of Pods.', (each) => String(numberAt(specOf(each), 'minReplicas') ?? '<unset>')),
  // Numbers, though they are said to be text: so Kubernetes has it.
  text('MaxPods', 'The largest number of Pods.', (each) => numberAt(specOf(each), 'maxReplicas') ?? 0),
  text('Replicas', 'Pods that there are.', (each) => statusNumber(each, 'currentReplicas')),
  AGE,
];

export const podDisruptionBudgetColumns = [
  NAME,
  text('Min Available', 'Pods that must be there during a disruption.', (each) => shareText(each, 'minAvailable')),
  text('Max Unavailable', 'Pods that may be missing during it.', (each) => shareText(each, 'maxUnavailable')),
  integer('Allowed Disruptions', 'Evictions allowed now.', (each) => statusNumber(each, 'disruptionsAllowed')),
  AGE,
];

function cronJobTemplateColumns(): typeof jobColumns {
  const spec = (each: JsonObject): JsonObject | undefined => objectAt(objectAt(specOf(each), 'jobTemplate'), 'spec');
  return [
    wide(
      text('Containers', 'Names of each container in the template.', (each) =>
        containersText(objectAt(spec(each), 'template'), 'name'),
      ),
    ),
    wide(
      text('Images', 'Images referenced by each container in the template.', (each) =>
        containersText(objectAt(spec(each), 'template'), 'image'),
      ),
    ),
    wide(text('Selector', 'Label selector for pods.', (each) => selectorOrNone(objectAt(spec(each), 'selector')))),
  ];
}

function shareText(budget: JsonObject, key: string): string {
  const value = specOf(budget)?.[key];
  return value === undefined ? 'N/A' : String(value);
}

/** `deployment.apps/web` */
function controllerText(object: JsonObject): string {
  const owners = objectsAt(objectAt(object, 'metadata'), 'ownerReferences');
  const owner = owners.find((each) => each['controller'] === true);
  if (owner === undefined) return '<none>';
  const [group] = textAt(owner, 'apiVersion').split('/');
  const kind = textAt(owner, 'kind').toLowerCase();
  const qualified = textAt(owner, 'apiVersion').includes('/') ? `${kind}.${group ?? ''}` : kind;
  return `${qualified}/${textAt(owner, 'name')}`;
}

function jobStatus(job: JsonObject): string {
  const conditions = objectsAt(objectAt(job, 'status'), 'conditions');
  const has = (type: string): boolean => conditions.some((each) => each['type'] === type && each['status'] === 'True');
  if (has('Complete')) return 'Complete';
  if (has('Failed')) return 'Failed';
  if (objectAt(job, 'metadata')?.['deletionTimestamp'] !== undefined) return 'Terminating';
  if (has('Suspended')) return 'Suspended';
  return has('FailureTarget') ? 'FailureTarget' : 'Running';
}

function completions(job: JsonObject): string {
  const succeeded = statusNumber(job, 'succeeded');
  const wanted = numberAt(specOf(job), 'completions');
  if (wanted !== undefined) return `${succeeded}/${wanted}`;
  const parallelism = numberAt(specOf(job), 'parallelism') ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function duration(job: JsonObject, now: Date): string {
  const status = objectAt(job, 'status');
  const start = textAt(status, 'startTime');
  if (start === '') return '';
  const end = textAt(status, 'completionTime');
  return humanDuration((end === '' ? now.getTime() : Date.parse(end)) - Date.parse(start));
}

const SHOWN_METRICS = 2;

function metricsText(autoscaler: JsonObject): string {
  const metrics = objectsAt(specOf(autoscaler), 'metrics');
  if (metrics.length === 0) return '<none>';
  const statuses = objectsAt(objectAt(autoscaler, 'status'), 'currentMetrics');
  const texts = metrics.map((metric, index) => metricText(metric, statuses[index]));
  const shown = texts.slice(0, SHOWN_METRICS).join(', ');
  return texts.length > SHOWN_METRICS ? `${shown} + ${texts.length - SHOWN_METRICS} more...` : shown;
}

/** `cpu: 20%/80%`, `3/10 (avg)`; what is not measured is `<unknown>`. */
function metricText(metric: JsonObject, status: JsonObject | undefined): string {
  const type = textAt(metric, 'type');
  const key = type.charAt(0).toLowerCase() + type.slice(1);
  const source = objectAt(metric, key);
  const target = objectAt(source, 'target');
  const measured = objectAt(objectAt(status, key), 'current');
  const now = (field: string, unit = ''): string => {
    const value = measured?.[field];
    return value === undefined ? '<unknown>' : `${String(value)}${unit}`;
  };
  const average = target?.['averageValue'];
  if (type === 'Resource' || type === 'ContainerResource') {
    const name = textAt(source, 'name');
    if (average !== undefined) return `${name}: ${now('averageValue')}/${String(average)}`;
    const wanted = target?.['averageUtilization'];
    return `${name}: ${now('averageUtilization', '%')}/${wanted === undefined ? '<auto>' : `${String(wanted)}%`}`;
  }
  if (type === 'Pods') return `${now('averageValue')}/${String(average)}`;
  if (average !== undefined) return `${now('averageValue')}/${String(average)} (avg)`;
  return source === undefined ? '<unknown type>' : `${now('value')}/${String(target?.['value'])}`;
}
