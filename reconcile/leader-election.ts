import type { ObjectKey } from '@causeway/apis/meta/object';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import type { Clock } from '@causeway/protocols/kubernetes/clock';
import type { Logger } from 'pino';

export interface LeaderElectionOptions {
  readonly client: KubernetesClient;
  readonly lease: ObjectKey;
  /** Unique per process, e.g. `<host name>_<random>`. */
  readonly identity: string;
  /** Called at each election won; `term` is aborted as soon as this term ends. */
  readonly onStarted: (term: AbortSignal) => void;
  /** Called at the end of each term; the lease is not given away before it resolves. */
  readonly onStopped: () => void | Promise<void>;
  /** Aborted: step down, release the lease, resolve. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Others may take over after this long without a renewal; 15 s. */
  readonly leaseDurationMs?: number;
  /** The leader steps down after this long without a renewal; 10 s. */
  readonly renewDeadlineMs?: number;
  /** Between attempts to renew or to acquire; 2 s. */
  readonly retryPeriodMs?: number;
  readonly clock?: Clock;
}

/** Resolves after `signal` was aborted and the lease, if held, was released. */
export function runLeaderElection(options: LeaderElectionOptions): Promise<void> {
  throw new Error(`not written yet: ${options.identity}`);
}
