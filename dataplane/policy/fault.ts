/** Requests fail on purpose; shares are from 0 to 1. */
export interface FaultStep {
  readonly type: 'fault';
  readonly delay?: { readonly ms: number; readonly share: number };
  /** gRPC calls get `grpcStatus` where there is one. */
  readonly abort?: { readonly status: number; readonly grpcStatus?: number; readonly share: number };
}
