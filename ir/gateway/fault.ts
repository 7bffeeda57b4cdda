/** Lets requests fail on purpose. Source: GW-45. */
export interface FaultIR {
  readonly type: 'fault';
  readonly delay?: { readonly ms: number; readonly share: number };
  readonly abort?: { readonly status: number; readonly share: number };
}
