/** Requests fail on purpose; shares are from 0 to 1. */
export interface FaultStep {
  readonly type: 'fault';
  /** `withinMs`: what the request may take in all, the delay included; absent: as long as it takes. */
  readonly delay?: { readonly ms: number; readonly share: number; readonly withinMs?: number };
  /** gRPC calls get `grpcStatus` where there is one. */
  readonly abort?: { readonly status: number; readonly grpcStatus?: number; readonly share: number };
}
