import type { Clock } from '@causeway/protocols/kubernetes/clock';
import type { Logger } from 'pino';
import type { Reconcile } from './reconcile.ts';

export interface WorkQueueOptions {
  /** For logs: `rule`, `frontend-status`. */
  readonly name: string;
  readonly reconcile: Reconcile<string>;
  /** Keys in progress at once; 1 by default. */
  readonly concurrency?: number;
  readonly log: Logger;
  readonly clock?: Clock;
}

export class WorkQueue {
  constructor(options: WorkQueueOptions) {
    throw new Error(`not written yet: ${options.name}`);
  }

  /** Runs `key` soon. A key that waits already is not queued twice; one that is running runs once more afterwards. */
  add(_key: string): void {}

  /** Runs `key` at the latest after `ms`. */
  addAfter(_key: string, _ms: number): void {}

  /** Keys queued or running, without those that wait for a time to come. */
  get pending(): number {
    return 0;
  }

  /** Calls `listener` each time `pending` falls to 0; the returned function ends that. */
  onIdle(_listener: () => void): () => void {
    return () => {};
  }

  /** Drops what is queued, aborts what is running and waits for it. */
  async stop(): Promise<void> {}
}
