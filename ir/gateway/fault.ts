/** Lets requests fail on purpose. Source: GW-45. */
export interface FaultIR {
  readonly type: 'fault';
  readonly delay?: { readonly ms: number; readonly share: number };
  /** gRPC calls get `grpcStatus` where there is one. */
  readonly abort?: { readonly status: number; readonly grpcStatus?: number; readonly share: number };
}
