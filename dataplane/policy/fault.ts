/** Requests fail on purpose; shares are from 0 to 1. */
export interface FaultStep {
  readonly type: 'fault';
  readonly delay?: { readonly ms: number; readonly share: number };
  readonly abort?: { readonly status: number; readonly share: number };
}
