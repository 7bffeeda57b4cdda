import type { TemplateIR } from './template.ts';

/** Sends a copy of the request elsewhere. Neither the answer nor its absence means anything to the client. */
export interface MirrorIR {
  readonly type: 'mirror';
  readonly scheme: 'http' | 'https';
  /** Name or address, IPv6 in brackets, see also `hostOfFamily`. */
  readonly host: string;
  readonly port: number;
  /** Path and query. */
  readonly path: TemplateIR;
  /** Absent: that of the request. */
  readonly hostHeader?: string;
  readonly body: boolean;
  /** Part of the requests, 0 to 1; absent: all. */
  readonly share?: number;
  /** Who says how TLS is spoken, see `ServiceAddressIR`; absent: nobody, and {@link scheme} says whether it is. */
  readonly tls?: string;
  /** It speaks HTTP/2. */
  readonly http2?: true;
  /** Also calls of gRPC are copied, if their client has said all soon. */
  readonly calls?: true;
}
