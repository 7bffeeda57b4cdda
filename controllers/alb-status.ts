import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import { type ALB2, type Instance, KIND_REFS } from '@causeway/resources/kinds';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { StatusWriter } from '@causeway/targets/status/status-writer';
import { addressesOf } from '@causeway/translate/gateway/alb-address';
import { translateAlbStatus } from '@causeway/translate/gateway/alb-status';
import type { Problem } from '@causeway/translate/gateway/problem';
import type { ProblemEvents } from './problem-events.ts';
import { WithdrawnAddresses } from './withdrawn-addresses.ts';

type Status = NonNullable<ALB2['status']>;

export interface AlbStatusOptions {
  readonly snapshot: Snapshot;
  readonly status: StatusWriter;
  readonly problems: ProblemEvents;
  /** Data planes are Deployments. */
  readonly onCluster: boolean;
  readonly now: () => Date;
}

/** What instances report -> status of the ALB2 (spec ALB section 2.1). */
export function albStatusController(options: AlbStatusOptions): Reconcile<ObjectKey> {
  const { snapshot, status, problems, onCluster, now } = options;
  const withdrawn = new WithdrawnAddresses(snapshot);
  return async (key) => {
    const owner = `albStatus/${objectKeyText(key)}`;
    const view = snapshot.view(owner);
    const alb = view.get('ALB2', key);
    const want = translateAlbStatus(view, key, { onCluster });
    if (alb === undefined || want === undefined) {
      problems.forget(owner);
      snapshot.forget(owner);
      return done;
    }
    const instances = view.by('Instance', 'alb', objectKeyText(key));
    problems.put(owner, [...portConflicts(key, want), ...instances.flatMap((instance) => warnings(key, instance))]);
    const addresses = { kind: 'ALB2', key, current: addressesOf(alb) } as const;
    const { published, lookAgainMs } = withdrawn.stillPublished(
      addresses,
      want.detail?.address?.published ?? [],
      now(),
    );
    const stamped = withTimes(withPublished(want, published), now());
    await status.put(KIND_REFS.ALB2, alb, () => stamped);
    return lookAgainMs === undefined ? done : { requeueAfterMs: lookAgainMs };
  };
}

function portConflicts(key: ObjectKey, status: Status): readonly Problem[] {
  return Object.entries(status.detail?.alb?.portstatus ?? {}).map(([port, { msg }]) => ({
    object: { kind: 'ALB2', key },
    reason: 'PortConflict',
    message: `port ${port}: ${msg ?? 'conflict'}`,
    severity: 'Warning',
  }));
}

function warnings(key: ObjectKey, { status }: Instance): readonly Problem[] {
  return (status?.warnings ?? []).map((text) => ({
    object: { kind: 'ALB2', key },
    reason: 'InstanceWarning',
    message: `${status?.node ?? ''}: ${text}`,
    severity: 'Warning',
  }));
}

function withPublished(status: Status, published: readonly string[]): Status {
  const { published: _all, ...address } = { ok: true, ...status.detail?.address };
  return {
    ...status,
    detail: { ...status.detail, address: published.length === 0 ? address : { ...address, published } },
  };
}

function withTimes(status: Status, time: Date): Status {
  const probeTimeStr = `${time.toISOString().slice(0, 19)}Z`;
  const { deploy, alb } = status.detail ?? {};
  const ports = Object.entries(alb?.portstatus ?? {}).map(([port, found]) => [port, { ...found, probeTimeStr }]);
  return {
    ...status,
    probeTime: Math.floor(time.getTime() / 1000),
    probeTimeStr,
    detail: {
      ...status.detail,
      ...(deploy === undefined ? {} : { deploy: { ...deploy, probeTimeStr } }),
      ...(alb === undefined ? {} : { alb: { ...alb, portstatus: Object.fromEntries(ports) } }),
    },
  };
}
