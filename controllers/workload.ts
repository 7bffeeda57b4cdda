import { isOperatedFor } from '@causeway/apis/gateway/operator-labels';
import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { View } from '@causeway/resources/view';
import { renderWorkload, workloadObjects } from '@causeway/targets/infra/workload';
import type { ApiTargets } from '@causeway/targets/objects/api-targets';
import { diffDefaultedObjects } from '@causeway/targets/objects/diff';
import type { Problem } from '@causeway/translate/gateway/problem';
import { translateWorkload } from '@causeway/translate/gateway/workload';
import { albMetadata } from './derived.ts';
import type { ProblemEvents } from './problem-events.ts';

export interface WorkloadControllerOptions {
  readonly snapshot: Snapshot;
  readonly targets: ApiTargets;
  readonly problems: ProblemEvents;
  /** Of our programs. */
  readonly image: string;
}

/**
 * On a cluster: ALB2 -> Deployment, Services, ConfigMaps and access rights of its data planes. An object of such a name
 * that does not carry our labels for this ALB is somebody else's and is not touched.
 */
export function workloadController({
  snapshot,
  targets,
  problems,
  image,
}: WorkloadControllerOptions): Reconcile<ObjectKey> {
  return async (key) => {
    const owner = `workload/${objectKeyText(key)}`;
    const view = snapshot.view(owner);
    const { workload, keep, problems: found } = translateWorkload(view, key, image);
    const stored = storedObjects(view, key);
    const foreign = stored.filter((object) => !isOperatedFor(object, key));
    const own = stored.filter((object) => isOperatedFor(object, key));
    problems.put(owner, [...found, ...(workload === undefined ? [] : foreign.map((object) => taken(key, object)))]);
    if (!keep) {
      const isForeign = (name: string, kind: string) =>
        foreign.some((object) => object.kind === kind && object.metadata.name === name);
      const want = (workload === undefined ? [] : renderWorkload(workload)).filter(
        ({ kind, metadata }) => !isForeign(metadata.name, kind),
      );
      for (const kind of new Set(workloadObjects(key).map((each) => each.kind))) {
        const ofKind = <T extends { readonly kind: string }>(objects: readonly T[]) =>
          objects.filter((object) => object.kind === kind);
        const changes = diffDefaultedObjects(ofKind(want), ofKind(own), albMetadata);
        await targets.workloads[kind].put(changes);
        await targets.workloads[kind].remove(changes.remove);
      }
    }
    if (view.get('ALB2', key) === undefined) {
      problems.forget(owner);
      snapshot.forget(owner);
    }
    return done;
  };
}

/** Whether anything of the workload of an ALB is left. */
export function hasWorkload(view: View, alb: ObjectKey): boolean {
  return storedObjects(view, alb).some((object) => isOperatedFor(object, alb));
}

function storedObjects(view: View, alb: ObjectKey) {
  return workloadObjects(alb).flatMap(({ kind, namespace, name }) => view.get(kind, { namespace, name }) ?? []);
}

function taken(alb: ObjectKey, object: Parameters<typeof keyOf>[0]): Problem {
  const message = `${object.kind} ${objectKeyText(keyOf(object))} belongs to somebody else and is not touched`;
  return { object: { kind: 'ALB2', key: alb }, reason: 'Conflicted', message, severity: 'Warning' };
}
