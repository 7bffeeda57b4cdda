import { isOperatedFor } from '@causeway/apis/gateway/operator-labels';
import { type KubernetesObject, keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile, type ReconcileResult } from '@causeway/reconcile/reconcile';
import type { Deployment } from '@causeway/resources/kinds';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { View } from '@causeway/resources/view';
import { renderWorkload, type WorkloadKind, workloadObjects } from '@causeway/targets/infra/workload';
import type { ApiTargets } from '@causeway/targets/objects/api-targets';
import { diffDefaultedObjects } from '@causeway/targets/objects/diff';
import { nginxWorkloadOf, translateNginxWorkload } from '@causeway/translate/gateway/ingress-nginx/workload';
import type { Problem } from '@causeway/translate/gateway/problem';
import { translateWorkload, type WorkloadTranslation } from '@causeway/translate/gateway/workload';
import { gatewayWorkloadOf, translateGatewayWorkload } from '@causeway/translate/gateway-api/gateway-workload';
import { workloadMetadata } from './derived-metadata.ts';
import type { ProblemEvents } from './problem-events.ts';

export interface WorkloadControllerOptions {
  readonly snapshot: Snapshot;
  readonly targets: ApiTargets;
  readonly problems: ProblemEvents;
  /** Of our programs. */
  readonly image: string;
  readonly now: () => Date;
}

const LOOK_AGAIN_MS = 500;
/** Beyond what its Pods may take to end. */
const PATIENCE_SECONDS = 60;

/** What data planes are made for: ALB2s, or others. */
interface WorkloadOwners {
  readonly queue: string;
  readonly kind: 'ALB2' | 'Gateway' | 'IngressNginx';
  readonly translate: (view: View, key: ObjectKey, image: string) => WorkloadTranslation;
  /** Of the objects that are made. */
  readonly ownerOf: (key: ObjectKey) => Parameters<typeof workloadObjects>[0];
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
  ownerOf: (key) => ({ ...nginxWorkloadOf(key), clusterPrefix: `${key.namespace}-` }),
};

export const OF_GATEWAYS: WorkloadOwners = {
  queue: 'gatewayWorkload',
  kind: 'Gateway',
  translate: translateGatewayWorkload,
  ownerOf: (key) => ({ ...gatewayWorkloadOf(key), clusterPrefix: `${key.namespace}-` }),
};

/**
 * On a cluster: ALB2, IngressNginx or Gateway -> Deployment, Services, ConfigMaps and access rights of its data planes. An object of such a name
 * that does not carry our labels for it is somebody else's and is not touched.
 */
export function workloadController(
  { snapshot, targets, problems, image, now }: WorkloadControllerOptions,
  { queue, kind: ownerKind, translate, ownerOf }: WorkloadOwners = OF_ALBS,
): Reconcile<ObjectKey> {
  return async (key) => {
    const owner = `${queue}/${objectKeyText(key)}`;
    const view = snapshot.view(owner);
    const { workload, keep, problems: found } = translate(view, key, image);
    const objects = ownerOf(key);
    const stored = storedObjects(view, objects);
    const foreign = stored.filter((object) => !isOperatedFor(object, objects));
    const own = stored.filter((object) => isOperatedFor(object, objects));
    const conflicts = foreign.map((object) => taken({ kind: ownerKind, key }, object));
    problems.put(owner, [...found, ...(workload === undefined ? [] : conflicts)]);
    if (!keep) {
      const isForeign = (name: string, kind: string) =>
        foreign.some((object) => object.kind === kind && object.metadata.name === name);
      if (workload === undefined && own.length > 0) return end(own, targets, now());
      const want = (workload === undefined ? [] : renderWorkload(workload)).filter(
        ({ kind, metadata }) => !isForeign(metadata.name, kind),
      );
      const managed = workloadMetadata(own);
      for (const kind of new Set(workloadObjects(objects).map((each) => each.kind))) {
        const ofKind = <T extends { readonly kind: string }>(objects: readonly T[]) =>
          objects.filter((object) => object.kind === kind);
        const changes = diffDefaultedObjects(ofKind(want), ofKind(own), managed);
        await targets.workloads[kind].put(changes);
        await targets.workloads[kind].remove(changes.remove);
      }
    }
    if (view.get(ownerKind, key) === undefined) {
      problems.forget(owner);
      snapshot.forget(owner);
    }
    return done;
  };
}

/**
 * Data planes first, and their rights when they have ended, since in the end they still tell what becomes of them. Who does not end in his time,
 * on a machine that is lost, is not waited for.
 */
async function end(own: readonly KubernetesObject[], { workloads }: ApiTargets, now: Date): Promise<ReconcileResult> {
  const remove = async (...kinds: readonly WorkloadKind[]): Promise<void> => {
    for (const kind of kinds) await workloads[kind].remove(own.filter((object) => object.kind === kind));
  };
  await remove('Service', 'ConfigMap');
  const deployment = own.find((object): object is Deployment => object.kind === 'Deployment');
  if (deployment === undefined) {
    await remove('ClusterRoleBinding', 'ClusterRole', 'ServiceAccount');
    return done;
  }
  const { deletionTimestamp } = deployment.metadata;
  const seconds = (deployment.spec?.template.spec?.terminationGracePeriodSeconds ?? 30) + PATIENCE_SECONDS;
  if (deletionTimestamp === undefined) await workloads.Deployment.remove([deployment], 'Foreground');
  else if (now.getTime() - Date.parse(deletionTimestamp) > seconds * 1000) await remove('Deployment');
  return { requeueAfterMs: LOOK_AGAIN_MS };
}

/** Whether anything of a workload is left. */
export function hasWorkload(view: View, key: ObjectKey, { ownerOf }: WorkloadOwners = OF_ALBS): boolean {
  const owner = ownerOf(key);
  return storedObjects(view, owner).some((object) => isOperatedFor(object, owner));
}

function storedObjects(view: View, owner: Parameters<typeof workloadObjects>[0]) {
  return workloadObjects(owner).flatMap(({ kind, namespace, name }) => view.get(kind, { namespace, name }) ?? []);
}

function taken(owner: Problem['object'], object: Parameters<typeof keyOf>[0]): Problem {
  const message = `${object.kind} ${objectKeyText(keyOf(object))} belongs to somebody else and is not touched`;
  return { object: owner, reason: 'Conflicted', message, severity: 'Warning' };
}
