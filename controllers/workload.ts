import { isOperatedFor } from '@causeway/apis/gateway/operator-labels';
import { type KubernetesObject, keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { WorkloadIR } from '@causeway/ir/gateway';
import { done, type Reconcile, type ReconcileResult } from '@causeway/reconcile/reconcile';
import type { DaemonSet, Deployment } from '@causeway/resources/kinds';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { View } from '@causeway/resources/view';
import { withChanges } from '@causeway/targets/infra/change';
import { renderWorkload, WORKLOAD_KINDS, type WorkloadKind } from '@causeway/targets/infra/workload';
import type { ApiTargets } from '@causeway/targets/objects/api-targets';
import { diffDefaultedObjects, type ObjectChanges } from '@causeway/targets/objects/diff';
import { isRefusal } from '@causeway/targets/objects/refusal';
import { nginxWorkloadOf, translateNginxWorkload } from '@causeway/translate/gateway/ingress-nginx/workload';
import type { Problem } from '@causeway/translate/gateway/problem';
import { translateWorkload, type WorkloadTranslation } from '@causeway/translate/gateway/workload';
import { classWorkloadOf } from '@causeway/translate/gateway-api/class/merged-class';
import {
  gatewayWorkloadOf,
  LABEL_GATEWAY_NAME,
  translateClassWorkload,
  translateGatewayWorkload,
} from '@causeway/translate/gateway-api/gateway/gateway-workload';
import { workloadMetadata } from './derived-metadata.ts';
import type { ProblemEvents } from './problem-events.ts';
import type { WorkloadRefusals } from './workload-refusals.ts';

export interface WorkloadControllerOptions {
  readonly snapshot: Snapshot;
  readonly targets: ApiTargets;
  readonly problems: ProblemEvents;
  /** Of our programs. */
  readonly image: string;
  readonly now: () => Date;
}

const POD_KINDS = ['Deployment', 'DaemonSet'] as const;
const LOOK_AGAIN_MS = 500;
/** What is refused today may be allowed tomorrow: a port that is taken, a quota. */
const TRY_AGAIN_MS = 30_000;
/** Beyond what its Pods may take to end. */
const PATIENCE_SECONDS = 60;

/** What data planes are made for: ALB2s, or others. */
interface WorkloadOwners {
  readonly queue: string;
  readonly kind: 'ALB2' | 'Gateway' | 'GatewayClass' | 'IngressNginx';
  readonly translate: (view: View, key: ObjectKey, image: string) => WorkloadTranslation;
  /** By which the objects that are made know whose they are. */
  readonly ownerOf: (key: ObjectKey) => ObjectKey;
}

const OF_ALBS: WorkloadOwners = {
  queue: 'workload',
  kind: 'ALB2',
  translate: translateWorkload,
  ownerOf: (key) => key,
};

export const OF_INGRESS_NGINX: WorkloadOwners = {
  queue: 'nginxWorkload',
  kind: 'IngressNginx',
  translate: translateNginxWorkload,
  ownerOf: nginxWorkloadOf,
};

export const OF_GATEWAYS: WorkloadOwners = {
  queue: 'gatewayWorkload',
  kind: 'Gateway',
  translate: translateGatewayWorkload,
  ownerOf: gatewayWorkloadOf,
};

/** GatewayClasses whose Gateways share a data plane. */
export const OF_GATEWAY_CLASSES: WorkloadOwners = {
  queue: 'gatewayClassWorkload',
  kind: 'GatewayClass',
  translate: translateClassWorkload,
  ownerOf: classWorkloadOf,
};

/**
 * On a cluster: ALB2, IngressNginx, Gateway or GatewayClass -> Deployment, Services, ConfigMaps and access rights of its data planes. An object of such a name
 * that does not carry our labels for it is somebody else's and is not touched. What the API server refuses stays as it is, and is told.
 *
 * @param refused is told what the API server refuses of an owner; absent: nobody but events
 */
export function workloadController(
  { snapshot, targets, problems, image, now }: WorkloadControllerOptions,
  { queue, kind: ownerKind, translate, ownerOf }: WorkloadOwners = OF_ALBS,
  refused?: WorkloadRefusals,
): Reconcile<ObjectKey> {
  return async (key) => {
    const owner = `${queue}/${objectKeyText(key)}`;
    const view = snapshot.view(owner);
    const { workload, keep, problems: found } = translate(view, key, image);
    const owners = { kind: ownerKind, ownerOf };
    const own = storedObjects(view, owners, key);
    const rendered = workload === undefined ? [] : renderWorkload(workload);
    const foreign = rendered.filter((object) => isForeign(view, object, owners, key));
    const want = rendered.filter((each) => !foreign.includes(each));
    const object = { kind: ownerKind, key };
    const told = [...found, ...foreign.map((each) => taken(object, each))];
    const refusals = workload === undefined || keep ? [] : await write(workload, want, own, targets);
    problems.put(owner, [...told, ...refusals.map((message) => refusal(object, message))]);
    refused?.put(key, [...foreign.map(takenText), ...refusals]);
    if (refusals.length > 0) return { requeueAfterMs: TRY_AGAIN_MS };
    if (workload === undefined && !keep && own.length > 0) return end(own, targets, now());
    if (view.get(ownerKind, key) === undefined) {
      problems.forget(owner);
      snapshot.forget(owner);
    }
    return done;
  };
}

/**
 * Writes what is wanted, and takes away what is not wanted any more once all of that is there.
 *
 * @returns what is refused and why
 */
async function write(
  workload: WorkloadIR,
  want: readonly KubernetesObject[],
  own: readonly KubernetesObject[],
  { workloads }: ApiTargets,
): Promise<readonly string[]> {
  const managed = workloadMetadata(own);
  const refusals: string[] = [];
  const rest: (readonly [WorkloadKind, readonly KubernetesObject[]])[] = [];
  for (const kind of WORKLOAD_KINDS) {
    const ofKind = (object: KubernetesObject) => object.kind === kind;
    try {
      const wanted = want.filter(ofKind).map((object) => withChanges(object, workload));
      const changes = diffDefaultedObjects(wanted, own.filter(ofKind), managed);
      await workloads[kind].put(workload.scaling === undefined ? changes : withoutReplicas(changes));
      rest.push([kind, changes.remove]);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refusals.push(`${kind} ${want.find(ofKind)?.metadata.name ?? ''}: ${error.message}`);
    }
  }
  if (refusals.length === 0) for (const [kind, objects] of rest) await workloads[kind].remove(objects);
  return refusals;
}

/** How many pods there are, the HorizontalPodAutoscaler says. */
function withoutReplicas(changes: ObjectChanges): ObjectChanges {
  const update = changes.update.map(({ object, patch }) => {
    const { spec } = patch;
    if (typeof spec !== 'object' || spec === null || !('replicas' in spec) || spec.replicas !== null)
      return { object, patch };
    const { replicas: _, ...others } = spec;
    return { object, patch: { ...patch, spec: others } };
  });
  return { ...changes, update };
}

/**
 * Data planes first, and their rights when they have ended, since in the end they still tell what becomes of them. Who does not end in his time,
 * on a machine that is lost, is not waited for.
 */
async function end(own: readonly KubernetesObject[], { workloads }: ApiTargets, now: Date): Promise<ReconcileResult> {
  const remove = async (...kinds: readonly WorkloadKind[]): Promise<void> => {
    for (const kind of kinds) await workloads[kind].remove(own.filter((object) => object.kind === kind));
  };
  await remove('HorizontalPodAutoscaler', 'PodDisruptionBudget', 'Service', 'ConfigMap');
  const pods = own.find((object): object is DaemonSet | Deployment => POD_KINDS.some((kind) => kind === object.kind));
  if (pods === undefined) {
    await remove('ClusterRoleBinding', 'ClusterRole', 'ServiceAccount');
    return done;
  }
  const { deletionTimestamp } = pods.metadata;
  const seconds = (pods.spec?.template.spec?.terminationGracePeriodSeconds ?? 30) + PATIENCE_SECONDS;
  if (deletionTimestamp === undefined) {
    for (const kind of POD_KINDS) if (pods.kind === kind) await workloads[kind].remove([pods], 'Foreground');
  } else if (now.getTime() - Date.parse(deletionTimestamp) > seconds * 1000) await remove(...POD_KINDS);
  return { requeueAfterMs: LOOK_AGAIN_MS };
}

/** Whether anything of a workload is left. */
export function hasWorkload(view: View, key: ObjectKey, owners: WorkloadOwners = OF_ALBS): boolean {
  return storedObjects(view, owners, key).length > 0;
}

type Owners = Pick<WorkloadOwners, 'kind' | 'ownerOf'>;

function storedObjects(view: View, owners: Owners, key: ObjectKey): readonly KubernetesObject[] {
  const owner = objectKeyText(owners.ownerOf(key));
  return WORKLOAD_KINDS.flatMap<KubernetesObject>((kind) => view.by(kind, 'workload', owner)).filter(
    (object) => !isOfNamesake(view, object, owners, key),
  );
}

function isForeign(view: View, { kind, metadata }: KubernetesObject, owners: Owners, key: ObjectKey): boolean {
  const found = WORKLOAD_KINDS.find((each) => each === kind);
  const stored = found && view.get(found, { namespace: metadata.namespace ?? '', name: metadata.name });
  if (stored === undefined) return false;
  return !isOperatedFor(stored, owners.ownerOf(key)) || isOfNamesake(view, stored, owners, key);
}

/** An ALB2 `web-gateway` and a Gateway `web` want objects of one name, and know them by one label: who came first has them. */
function isOfNamesake(view: View, { metadata }: KubernetesObject, { kind, ownerOf }: Owners, key: ObjectKey): boolean {
  const isOfGateway = metadata.labels?.[LABEL_GATEWAY_NAME] !== undefined;
  if (kind !== 'Gateway') return isOfGateway;
  return !isOfGateway && view.get('ALB2', ownerOf(key)) !== undefined;
}

function refusal(owner: Problem['object'], message: string): Problem {
  return { object: owner, reason: 'InvalidField', message, severity: 'Warning' };
}

function taken(owner: Problem['object'], object: KubernetesObject): Problem {
  return { object: owner, reason: 'Conflicted', message: takenText(object), severity: 'Warning' };
}

function takenText(object: KubernetesObject): string {
  return `${object.kind} ${objectKeyText(keyOf(object))} belongs to somebody else and is not touched`;
}
