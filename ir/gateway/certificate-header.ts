/** What backends are told about the certificate of the client in X-Forwarded-Client-Cert. Source: Envoy, "x-forwarded-client-cert". */
export interface CertificateHeaderIR {
  readonly type: 'certificateHeader';
  /**
   * remove: nothing; the others only of a client whose certificate was verified, of any other nothing. forward: what the client says; append: that,
   * and its own certificate; set: its own certificate.
   */
  readonly mode: 'remove' | 'forward' | 'append' | 'set';
  /** Beside its hash. */
  readonly details: readonly ('Subject' | 'Cert')[];
}
