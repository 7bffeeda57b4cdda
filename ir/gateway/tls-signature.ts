/** What servers and clients sign handshakes with. Source: RFC 8446 section 4.2.3. */
export const TLS_SIGNATURES = [
  'ecdsa_secp256r1_sha256',
  'ecdsa_secp384r1_sha384',
  'ecdsa_secp521r1_sha512',
  'ed25519',
  'rsa_pkcs1_sha256',
  'rsa_pkcs1_sha384',
  'rsa_pkcs1_sha512',
  'rsa_pss_rsae_sha256',
  'rsa_pss_rsae_sha384',
  'rsa_pss_rsae_sha512',
] as const;
export type TlsSignatureIR = (typeof TLS_SIGNATURES)[number];
