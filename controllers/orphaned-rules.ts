import { type ObjectKey, parseObjectKey } from '@causeway/apis/meta/object';
import { INDEXES } from '@causeway/resources/indexes';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { Queues } from './queues.ts';

/** Kinds arrive on separate streams: an Ingress that is not there yet comes well within this time. */
const LATE_MS = 1_000;

/**
 * Runs the `ingress` queue for Ingresses that are gone while Rules made from them are there. Nobody reads on behalf of
 * such an Ingress: it went while no leader ran, or the last Rule of it was seen after its deletion had been dealt with.
 */
export function followOrphanedRules(queues: Queues, snapshot: Snapshot): void {
  const look = (ingresses: readonly string[]): void => {
    for (const text of ingresses) {
      if (!snapshot.has('Ingress', parseObjectKey(text))) queues.addAfter('ingress', text, LATE_MS);
    }
  };
  snapshot.onChange('Rule', (key: ObjectKey) => {
    const rule = snapshot.present.get('Rule', key);
    if (rule !== undefined) look(INDEXES.Rule.ingress(rule));
  });
  look(snapshot.values('Rule', 'ingress'));
}
