import type { Condition } from '@causeway/apis/gateway/condition';
import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import { type Frontend, KIND_REFS } from '@causeway/resources/kinds';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { StatusWriter } from '@causeway/targets/status/status-writer';
import { type FrontendCondition, translateFrontendCondition } from '@causeway/translate/gateway/frontend-condition';
import { translateFrontendStatus } from '@causeway/translate/gateway/frontend-status';
import type { Problem } from '@causeway/translate/gateway/problem';
import type { ProblemEvents } from './problem-events.ts';

type Status = NonNullable<Frontend['status']>;

/** What instances report about a port, and what is known of its certificate -> status of its Frontend (ALB-125, ALB-108). */
export function frontendStatusController(
  snapshot: Snapshot,
  status: StatusWriter,
  problems: ProblemEvents,
  now: () => Date,
): Reconcile<ObjectKey> {
  return async (key) => {
    const owner = `frontendStatus/${objectKeyText(key)}`;
    const view = snapshot.view(owner);
    const frontend = view.get('Frontend', key);
    const want = translateFrontendStatus(view, key);
    if (frontend === undefined || want === undefined) {
      problems.forget(owner);
      snapshot.forget(owner);
      return done;
    }
    problems.put(owner, portConflicts(frontend, want));
    const time = now();
    const found = translateFrontendCondition(view, frontend, time.getTime());
    const stamped = withTimes(want, time);
    await status.put(KIND_REFS.Frontend, frontend, (stored) => ({
      ...stamped,
      ...(found && { conditions: [withTransition(found.condition, frontend, stored, time)] }),
    }));
    return found?.recheckMs === undefined ? done : { requeueAfterMs: found.recheckMs };
  };
}

function portConflicts(frontend: Frontend, status: Status): readonly Problem[] {
  const taken = Object.entries(status.instances ?? {}).filter(([, { conflict }]) => conflict);
  return taken.map(([instance, { msg }]) => ({
    object: { kind: 'Frontend', key: keyOf(frontend) },
    reason: 'PortConflict',
    message: `port ${frontend.spec.port} is taken on ${instance}${msg === undefined ? '' : `: ${msg}`}`,
    severity: 'Warning',
  }));
}

function withTimes(status: Status, time: Date): Status {
  const probeTime = Math.floor(time.getTime() / 1000);
  const instances = Object.entries(status.instances ?? {}).map(([name, found]) => [name, { ...found, probeTime }]);
  return { ...status, ...(status.instances === undefined ? {} : { instances: Object.fromEntries(instances) }) };
}

/** The time of the last transition is that of the stored condition as long as it says the same. */
function withTransition(
  condition: FrontendCondition['condition'],
  { metadata }: Frontend,
  stored: Status,
  time: Date,
): Condition {
  const before = stored.conditions?.find(({ type }) => type === condition.type);
  const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : undefined;
  return {
    ...condition,
    lastTransitionTime: lastTransitionTime ?? time.toISOString().replace(/\.\d+/, ''),
    ...(metadata.generation === undefined ? {} : { observedGeneration: metadata.generation }),
  };
}
