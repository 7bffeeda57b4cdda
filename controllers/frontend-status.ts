import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import { type Frontend, KIND_REFS } from '@causeway/resources/kinds';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { StatusWriter } from '@causeway/targets/status/status-writer';
import { translateFrontendStatus } from '@causeway/translate/gateway/frontend-status';

type Status = NonNullable<Frontend['status']>;

/** What instances report about a port -> status of its Frontend (ALB-125). */
export function frontendStatusController(
  snapshot: Snapshot,
  status: StatusWriter,
  now: () => Date,
): Reconcile<ObjectKey> {
  return async (key) => {
    const owner = `frontendStatus/${objectKeyText(key)}`;
    const view = snapshot.view(owner);
    const frontend = view.get('Frontend', key);
    const want = translateFrontendStatus(view, key);
    if (frontend === undefined || want === undefined) {
      snapshot.forget(owner);
      return done;
    }
    const stamped = withTimes(want, now());
    await status.put(KIND_REFS.Frontend, frontend, () => stamped);
    return done;
  };
}

function withTimes(status: Status, time: Date): Status {
  const probeTime = Math.floor(time.getTime() / 1000);
  const instances = Object.entries(status.instances ?? {}).map(([name, found]) => [name, { ...found, probeTime }]);
  return { ...status, ...(status.instances === undefined ? {} : { instances: Object.fromEntries(instances) }) };
}
