/** A certificate chain with its key, ready to be shown to clients. */
export interface CertificateIR {
  readonly kind: 'certificate';
  /** `namespace/name` of the Secret. */
  readonly id: string;
  /** PEM, leaf first. */
  readonly chainPem: string;
  /** PEM. Secret: never logged, never in a status or an explanation. */
  readonly keyPem: string;
}
