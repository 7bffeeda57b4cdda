import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '@causeway/apiserver/schema/json';
import { numberAt, objectAt, objectsAt, textAt } from '@causeway/apiserver/schema/json';
import type { TestClient } from '@causeway/apiserver/testing/server';

const LOOK_MS = 100;

/**
 * Says of workloads what a cluster would say that runs them well, for clients that wait for that: Jobs are complete, Pods have
 * succeeded, Deployments are available. Nothing is run.
 *
 * @returns what ends it
 */
export function playWorkloads(api: TestClient): () => Promise<void> {
  const stop = new AbortController();
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      for (const [list, status] of KINDS) {
        for (const object of objectsAt((await api.get(list)).body, 'items')) await play(api, list, object, status);
      }
      await sleep(LOOK_MS, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  };
  const running = run();
  return () => {
    stop.abort();
    return running;
  };
}

type StatusOf = (object: JsonObject) => JsonObject | undefined;

const KINDS: readonly (readonly [string, StatusOf])[] = [
  ['/apis/batch/v1/jobs', jobStatus],
  ['/api/v1/pods', podStatus],
  ['/apis/apps/v1/deployments', deploymentStatus],
];

async function play(api: TestClient, list: string, object: JsonObject, statusOf: StatusOf): Promise<void> {
  const status = statusOf(object);
  if (status === undefined) return;
  if (statusOf === deploymentStatus) await addReplicaSet(api, object, status);
  const metadata = objectAt(object, 'metadata');
  const [prefix = '', plural = ''] = list.split(/\/(?=[a-z]+$)/);
  const place = `${prefix}/namespaces/${textAt(metadata, 'namespace')}/${plural}/${textAt(metadata, 'name')}/status`;
  await api.patch(place, { status });
}

/** Makes the one of the newest template, or finds it: some clients count its Pods, not those of the Deployment. */
async function addReplicaSet(api: TestClient, deployment: JsonObject, status: JsonObject): Promise<void> {
  const { name = '', namespace = '', uid = '' } = objectAt(deployment, 'metadata') as Record<string, string>;
  const { selector, template, replicas } = objectAt(deployment, 'spec') ?? {};
  const list = `/apis/apps/v1/namespaces/${namespace}/replicasets`;
  const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name, uid, controller: true };
  const { labels = {} } = objectAt(objectAt(objectAt(deployment, 'spec'), 'template'), 'metadata') ?? {};
  const own = `${name}-${createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 8)}`;
  await api.post(list, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: own, labels, ownerReferences: [owner] },
    spec: { selector: selector ?? {}, template: template ?? {}, replicas: replicas ?? 1 },
  });
  const { replicas: count = 1 } = status;
  const ready = { replicas: count, readyReplicas: count, availableReplicas: count, observedGeneration: 1 };
  await api.patch(`${list}/${own}/status`, { status: ready });
}

/** A time stamp that API servers take. */
function now(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}

function jobStatus(job: JsonObject): JsonObject | undefined {
  if (textAt(objectAt(job, 'status'), 'completionTime') !== '') return undefined;
  const times = { lastProbeTime: now(), lastTransitionTime: now() };
  const conditions = ['SuccessCriteriaMet', 'Complete'].map((type) => ({ type, status: 'True', ...times }));
  return { conditions, startTime: now(), completionTime: now(), succeeded: 1, ready: 0 };
}

function podStatus(pod: JsonObject): JsonObject | undefined {
  return textAt(objectAt(pod, 'status'), 'phase') === 'Succeeded' ? undefined : { phase: 'Succeeded' };
}

function deploymentStatus(deployment: JsonObject): JsonObject | undefined {
  const generation = numberAt(objectAt(deployment, 'metadata'), 'generation') ?? 1;
  const replicas = numberAt(objectAt(deployment, 'spec'), 'replicas') ?? 1;
  const status = objectAt(deployment, 'status');
  if (numberAt(status, 'observedGeneration') === generation && numberAt(status, 'availableReplicas') === replicas) {
    return undefined;
  }
  const times = { lastUpdateTime: now(), lastTransitionTime: now() };
  return {
    observedGeneration: generation,
    replicas,
    updatedReplicas: replicas,
    readyReplicas: replicas,
    availableReplicas: replicas,
    conditions: [
      { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', ...times },
      { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', ...times },
    ],
  };
}
