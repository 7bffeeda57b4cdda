import type { AskingIR, ServiceAddressIR } from './auth.ts';

/** Who takes spans, lines of logs or metrics by gRPC. */
export interface CollectorIR {
  /** At least one. What one does not take the next one is given. */
  readonly services: readonly ServiceAddressIR[];
  /** Absent: as usual. After any failure they are asked again: `retry.statuses` mean nothing here. */
  readonly asking?: AskingIR;
  /** Of each export; absent: none. */
  readonly headers?: readonly { readonly name: string; readonly value: string }[];
}
