/** X-Forwarded-Client-Cert. Source: Envoy, "x-forwarded-client-cert". */
export interface CertificateHeaderStep {
  readonly type: 'certificateHeader';
  /** remove: always; forward, append, set: of clients whose certificate was verified, for others it is removed. */
  readonly mode: 'remove' | 'forward' | 'append' | 'set';
  readonly details: readonly ('Subject' | 'Cert')[];
}
