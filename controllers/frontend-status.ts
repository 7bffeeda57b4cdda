import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import { type Frontend, KIND_REFS } from '@causeway/resources/kinds';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { StatusWriter } from '@causeway/targets/status/status-writer';
import { translateFrontendStatus } from '@causeway/translate/gateway/frontend-status';
import type { Problem } from '@causeway/translate/gateway/problem';
import type { ProblemEvents } from './problem-events.ts';

type Status = NonNullable<Frontend['status']>;

/** What instances report about a port -> status of its Frontend (ALB-125). */
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
    const stamped = withTimes(want, now());
    await status.put(KIND_REFS.Frontend, frontend, () => stamped);
    return done;
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
