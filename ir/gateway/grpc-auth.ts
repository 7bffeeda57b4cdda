import type { ServiceAddressIR } from './auth.ts';

/** Asks a service by gRPC whether a request may pass. Source: GW-38; Envoy, envoy.service.auth.v3.Authorization. */
export interface GrpcAuthIR {
  readonly type: 'grpcAuth';
  /** Not empty; each is asked as often. */
  readonly services: readonly ServiceAddressIR[];
  readonly timeoutMs: number;
  /** Requests pass while it cannot be asked; else they get 403. */
  readonly failOpen: boolean;
  /** Headers that it is told, in lower case; absent: all. */
  readonly headers?: readonly string[];
  /** It gets the body too; a longer one is answered 413. */
  readonly bodyBytes?: number;
  /** Of a longer body it gets the beginning instead. */
  readonly cutsBody?: true;
  /** Further facts for it. */
  readonly extensions: Readonly<Record<string, string>>;
}
