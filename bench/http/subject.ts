import type { BenchFeature } from '../features/feature.ts';
import type { WorkloadRule } from './workload.ts';

/** A proxy under test, running. */
export interface Subject {
  readonly name: string;
  readonly url: string;
  /** The processes that handle requests. */
  readonly workerPids: readonly number[];
  stop(): Promise<void>;
}

/** A certificate as the proxies want it. */
export interface SubjectTls {
  readonly chainPem: string;
  readonly keyPem: string;
  readonly chainFile: string;
  readonly keyFile: string;
  /** Both in one, for haproxy. */
  readonly bundleFile: string;
}

/** What every subject is given. */
export interface SubjectOptions {
  /** Own folder for configuration and logs. */
  readonly directory: string;
  readonly port: number;
  readonly backendPorts: readonly number[];
  readonly rules: readonly WorkloadRule[];
  /** Serves HTTPS, with HTTP/2 for clients that want it; absent: HTTP/1.1 in the clear. */
  readonly tls?: SubjectTls | undefined;
  /** What all rules have. */
  readonly feature?: BenchFeature | undefined;
}

export function urlOf({ port, tls }: SubjectOptions): string {
  return `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
}
