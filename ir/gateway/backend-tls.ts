/** TLS towards backends. Routes whose settings differ never share a connection or a TLS session. */
export interface BackendTlsIR {
  /** Name the certificate must be for, with `trustPem`, unless {@link names} says another; sent to the backend with `sendName`. */
  readonly name: string;
  readonly sendName: boolean;
  /** Not empty: the certificate must have one of these instead of {@link name}. */
  readonly names?: readonly CertificateNameIR[];
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

/** An alternative name of a certificate. */
export interface CertificateNameIR {
  readonly of: 'dns' | 'uri';
  /** dns: lower case; with `*.` at its beginning the certificate must say so too. */
  readonly value: string;
}

export type TlsProtocolIR = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
