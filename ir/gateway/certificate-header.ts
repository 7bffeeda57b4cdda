/**
 * What backends are told about the certificate of the client in X-Forwarded-Client-Cert; without it what clients send is taken off.
 *
 * Source: Envoy, "x-forwarded-client-cert"; design D12.
 */
export interface CertificateHeaderIR {
  readonly type: 'certificateHeader';
  /**
   * always: what the client says; the others only of a client whose certificate was verified, of any other nothing. forward: what it says;
   * append: that, and its own certificate; set: its own certificate.
   */
  readonly mode: 'always' | 'forward' | 'append' | 'set';
  /** Beside its hash. */
  readonly details: readonly ('Cert' | 'Chain' | 'Subject' | 'URI' | 'DNS')[];
}
