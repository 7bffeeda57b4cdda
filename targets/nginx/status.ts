import type { ListenerProtocol } from '@causeway/ir/gateway';

/** What an instance reports about itself. */
export interface InstanceStatus {
  /** nginx runs with the wanted configuration, and every accepting worker has the first full version or a later one. */
  readonly ready: boolean;
  /** The data-plane version that every accepting worker has acknowledged; 0: none. */
  readonly version: number;
  /** Of `InstanceIR.generation`: every accepting worker has what was asked for with it; absent: not yet, or none was said. */
  readonly observedGeneration?: number;
  /** The same for `InstanceIR.parts`. */
  readonly observedParts?: string;
  /** Workers that accept connections, in ascending order of pid. */
  readonly workers: readonly WorkerStatus[];
  /** Graceful reloads since the agent started. */
  readonly reloads: number;
  /** In ascending order. A port that is about to be bound is left out until the outcome is known. */
  readonly ports: readonly PortStatus[];
  /** The address that no other instance has; absent: it listens on the machine's. */
  readonly address?: string;
  /** More of them, where several were asked for. */
  readonly furtherAddresses?: readonly string[];
  /** Absent: the metrics port cannot be had. */
  readonly metrics?: MetricsPlace;
  /** What is missing though it serves. */
  readonly warnings: readonly string[];
  /** Where `access.log`, `stream.log` and `error.log` are, on this machine. */
  readonly logDirectory: string;
  /** Why nginx does not run, or not with the wanted configuration. */
  readonly message?: string;
  /** OpenID providers that never said where users sign in, so that requests get 500; absent: none. */
  readonly providers?: readonly ProviderProblem[];
}

export interface ProviderProblem {
  readonly issuer: string;
  /** `host:port` of the service that is asked; absent: that of the issuer. */
  readonly service?: string;
  readonly message: string;
}

export interface MetricsPlace {
  /** Some of those it listens on, loopback first. */
  readonly addresses: readonly string[];
  /** SHA-256 of the certificate shown there, hexadecimal with colons. */
  readonly certificateSha256: string;
}

export interface WorkerStatus {
  readonly pid: number;
  /** Acknowledged; 0: none yet. */
  readonly version: number;
}

export interface PortStatus {
  readonly port: number;
  /** `metrics` for the port of health and metrics. */
  readonly protocol: ListenerProtocol | 'metrics';
  readonly state: 'listening' | 'conflict';
  /** Why not; names address and holder. */
  readonly message?: string;
}
