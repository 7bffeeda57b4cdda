/** X-Forwarded-Client-Cert. Source: Envoy, "x-forwarded-client-cert". */
export interface CertificateHeaderStep {
  readonly type: 'certificateHeader';
  /** always: it stays as it is; forward, append, set: of clients whose certificate was verified, for others it is removed. */
  readonly mode: 'always' | 'forward' | 'append' | 'set';
  readonly details: readonly ('Cert' | 'Chain' | 'Subject' | 'URI' | 'DNS')[];
}
