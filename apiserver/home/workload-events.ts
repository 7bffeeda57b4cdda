import type { Core } from '../core.ts';
import { storedTarget } from '../lifecycle/amend.ts';
import { ownWrite } from '../lifecycle/own-write.ts';
import { type ApiObject, microTimestamp, timestamp } from '../object.ts';
import type { Resource } from '../registry/resource.ts';
import { type Entry, objectOf } from '../storage/entry.ts';
import { createObject } from '../verbs/create.ts';
import { NO_RUNTIME_MESSAGE, NO_RUNTIME_REASON } from './no-container-runtime.ts';

const WORKLOADS: ReadonlySet<string> = new Set([
  'core/pods',
  'core/replicationcontrollers',
  'apps/daemonsets',
  'apps/deployments',
  'apps/replicasets',
  'apps/statefulsets',
  'batch/cronjobs',
  'batch/jobs',
]);

/**
 * Tells whoever applies a Pod, or what would make Pods, at home, by one Warning event, that nothing runs containers here.
 *
 * @param events the resource of the kind Event
 * @returns stops it
 */
export function reportWorkloads(core: Core, events: Resource): () => void {
  return core.store.subscribe((collection, { type, entry }) => {
    if (type !== 'ADDED' || !WORKLOADS.has(`${collection.group}/${collection.plural}`)) return;
    report(core, events, entry).catch((error: unknown) => {
      core.log.warn({ err: error, object: entry.key }, 'an event could not be stored');
    });
  });
}

async function report(core: Core, events: Resource, entry: Entry): Promise<void> {
  const { apiVersion, kind, metadata } = objectOf(entry);
  const now = core.now();
  const event: ApiObject = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${entry.name}.${entry.uid.slice(0, 8)}`, namespace: entry.namespace },
    involvedObject: {
      apiVersion,
      kind,
      namespace: entry.namespace,
      name: entry.name,
      uid: entry.uid,
      resourceVersion: metadata.resourceVersion ?? '',
    },
    type: 'Warning',
    reason: NO_RUNTIME_REASON,
    message: NO_RUNTIME_MESSAGE,
    source: { component: 'causeway' },
    firstTimestamp: timestamp(now),
    lastTimestamp: timestamp(now),
    eventTime: microTimestamp(now),
    count: 1,
    reportingComponent: 'causeway',
    reportingInstance: 'causeway-apiserver',
    action: 'Scheduling',
  };
  const target = storedTarget(events, { namespace: entry.namespace, name: '' });
  await createObject(core, target, event, ownWrite());
}
