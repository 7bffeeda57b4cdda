import type { Snapshot } from '@causeway/resources/snapshot';
import type { View } from '@causeway/resources/view';

/** Reads the present state without becoming a reader: nothing goes stale because of it. */
export function peek<T>(snapshot: Snapshot, read: (view: View) => T): T {
  const reader = 'peek/';
  const result = read(snapshot.view(reader));
  snapshot.forget(reader);
  return result;
}
