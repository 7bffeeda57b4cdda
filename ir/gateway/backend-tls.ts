/** TLS towards backends. Routes whose settings differ never share a connection or a TLS session. */
export interface BackendTlsIR {
  /** Name the certificate must be for, with `trustPem`; sent to the backend with `sendName`. */
  readonly name: string;
  readonly sendName: boolean;
  /** Certificates one of which must have signed that of the backend, PEM; absent: any certificate will do. */
  readonly trustPem?: string;
  /** Instead of these, the authorities that the machine of the data plane trusts. */
  readonly trustsSystem?: true;
  /** Longest chain of certificates; absent: 1. */
  readonly verifyDepth?: number;
  /** What is shown to backends that ask for it, PEM. The key is secret: never logged, never in a status or an explanation. */
  readonly certificate?: { readonly chainPem: string; readonly keyPem: string };
  /** Absent: 1.2 and 1.3. */
  readonly protocols?: readonly TlsProtocolIR[];
  /** OpenSSL cipher list that OpenSSL takes; absent: its default. */
  readonly ciphers?: string;
}

export type TlsProtocolIR = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
