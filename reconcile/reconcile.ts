/**
 * Makes the world right for one key, from the present state only: it is never
 * told what changed. Running it twice changes nothing; a deleted object is one
 * that is absent. A throw means the world failed and the key is retried with
 * backoff; a user's mistake is not a throw.
 *
 * @param signal aborted when the program stops
 */
export type Reconcile<K> = (key: K, signal: AbortSignal) => Promise<ReconcileResult>;

export interface ReconcileResult {
  /** Run the key again after this time even if nothing changes. */
  readonly requeueAfterMs?: number;
}

/** Nothing left to do until something changes. */
export const done: ReconcileResult = Object.freeze({});
