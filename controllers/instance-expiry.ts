import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { DerivedObjects } from '@causeway/targets/objects/derived-objects';

/** An agent writes its heartbeat every 30 s; one that is silent for this long is gone. */
const SILENT_MS = 120_000;
const LOOK_MS = 30_000;

interface Heard {
  readonly uid: string;
  readonly heartbeat: string;
  /** By our clock, so that clocks of machines need not agree. */
  readonly at: number;
}

/**
 * Removes Instances whose agent went without a word, so that what it last said about ports does not stand in the status
 * of Frontends and ALB2s for ever (ALB-125). An agent that comes back makes its Instance again.
 */
export function instanceExpiryController(
  snapshot: Snapshot,
  instances: DerivedObjects,
  now: () => Date,
): Reconcile<ObjectKey> {
  const heard = new Map<string, Heard>();
  return async (key) => {
    const text = objectKeyText(key);
    // Heartbeats alone make nobody stale: this looks by itself.
    const instance = snapshot.present.get('Instance', key);
    if (instance === undefined) {
      heard.delete(text);
      return done;
    }
    const { uid = '' } = instance.metadata;
    const heartbeat = instance.status?.heartbeatTime ?? '';
    const before = heard.get(text);
    const at = now().getTime();
    if (before?.uid !== uid || before.heartbeat !== heartbeat) heard.set(text, { uid, heartbeat, at });
    else if (at - before.at >= SILENT_MS) await instances.remove([instance]);
    return { requeueAfterMs: LOOK_MS };
  };
}
