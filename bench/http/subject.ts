import type { WorkloadRule } from './workload.ts';

/** A proxy under test, running. */
export interface Subject {
  readonly name: string;
  readonly url: string;
  /** The processes that handle requests. */
  readonly workerPids: readonly number[];
  stop(): Promise<void>;
}

/** What every subject is given. */
export interface SubjectOptions {
  /** Own folder for configuration and logs. */
  readonly directory: string;
  readonly port: number;
  readonly backendPorts: readonly number[];
  readonly rules: readonly WorkloadRule[];
}
