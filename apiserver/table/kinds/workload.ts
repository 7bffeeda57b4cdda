import { type JsonObject, numberAt, objectAt, objectsAt, textAt } from '../../schema/json.ts';
import { selectorText } from '../../selector/selector-object.ts';
import { AGE, NAME, text, wide } from '../column.ts';

export const deploymentColumns = [
  NAME,
  text('Ready', 'Ready Pods of those that are wanted.', (deployment) => {
    const wanted = numberAt(objectAt(deployment, 'spec'), 'replicas') ?? 0;
    return `${statusNumber(deployment, 'readyReplicas')}/${wanted}`;
  }),
  text('Up-to-date', 'Pods with the present template.', (deployment) => statusNumber(deployment, 'updatedReplicas')),
  text('Available', 'Pods that serve.', (deployment) => statusNumber(deployment, 'availableReplicas')),
  AGE,
  wide(
    text('Containers', 'Names of each container in the template.', (deployment) =>
      containersText(templateOf(deployment), 'name'),
    ),
  ),
  wide(
    text('Images', 'Images referenced by each container in the template.', (deployment) =>
      containersText(templateOf(deployment), 'image'),
    ),
  ),
  wide(
    text('Selector', 'Label selector for pods.', (deployment) =>
      selectorOrNone(objectAt(objectAt(deployment, 'spec'), 'selector')),
    ),
  ),
];

export const podColumns = [
  NAME,
  text('Ready', 'Containers that are ready, of all.', (pod) => {
    const ready = objectsAt(objectAt(pod, 'status'), 'containerStatuses').filter((each) => each['ready'] === true);
    return `${ready.length}/${objectsAt(objectAt(pod, 'spec'), 'containers').length}`;
  }),
  text('Status', 'The aggregate state of the containers in this pod.', statusOf),
  text('Restarts', 'How often the containers in this pod were restarted.', (pod) =>
    String(
      objectsAt(objectAt(pod, 'status'), 'containerStatuses').reduce(
        (sum, each) => sum + (numberAt(each, 'restartCount') ?? 0),
        0,
      ),
    ),
  ),
  AGE,
  wide(text('IP', 'Address of the pod.', (pod) => textAt(objectAt(pod, 'status'), 'podIP') || '<none>')),
  wide(text('Node', 'Where the pod runs.', (pod) => textAt(objectAt(pod, 'spec'), 'nodeName') || '<none>')),
  wide(
    text(
      'Nominated Node',
      'Where the pod will run when others have gone.',
      (pod) => textAt(objectAt(pod, 'status'), 'nominatedNodeName') || '<none>',
    ),
  ),
  wide(text('Readiness Gates', 'Conditions the pod also waits for.', readinessGates)),
];

function statusOf(pod: JsonObject): string {
  const status = objectAt(pod, 'status');
  if (objectAt(pod, 'metadata')?.['deletionTimestamp'] !== undefined) return 'Terminating';
  for (const container of objectsAt(status, 'containerStatuses')) {
    const state = objectAt(container, 'state');
    const reason = textAt(objectAt(state, 'waiting'), 'reason') || textAt(objectAt(state, 'terminated'), 'reason');
    if (reason !== '') return reason;
  }
  return textAt(status, 'reason') || textAt(status, 'phase') || 'Unknown';
}

function readinessGates(pod: JsonObject): string {
  const gates = objectsAt(objectAt(pod, 'spec'), 'readinessGates');
  if (gates.length === 0) return '<none>';
  const conditions = objectsAt(objectAt(pod, 'status'), 'conditions');
  const met = gates.filter((gate) =>
    conditions.some((each) => each['type'] === gate['conditionType'] && each['status'] === 'True'),
  );
  return `${met.length}/${gates.length}`;
}

export function statusNumber(object: JsonObject, key: string): number {
  return numberAt(objectAt(object, 'status'), key) ?? 0;
}

function templateOf(object: JsonObject): JsonObject | undefined {
  return objectAt(objectAt(object, 'spec'), 'template');
}

/** A field of each container of a Pod template. */
export function containersText(template: JsonObject | undefined, key: string): string {
  return objectsAt(objectAt(template, 'spec'), 'containers')
    .map((each) => textAt(each, key))
    .join(',');
}

/** A LabelSelector in the syntax of `kubectl -l`; `<none>` for one that says nothing. */
export function selectorOrNone(selector: JsonObject | undefined): string {
  return selectorText(selector) || '<none>';
}
