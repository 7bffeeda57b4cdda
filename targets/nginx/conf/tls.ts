/** How a server speaks TLS with clients. */

/** ALB-97: AEAD only. DHE is left out: its suites need parameters that take seconds to make, and no client needs them. */
const TLS12_CIPHERS = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-CCM',
  'ECDHE-ECDSA-AES256-CCM',
];

/** For the key exchange, the cheapest first; ADR 0009. */
const CURVES = ['X25519', 'prime256v1', 'secp384r1'];

export function tlsPart(port: number): string {
  return `ssl_certificate placeholder.crt;
ssl_certificate_key placeholder.key;
ssl_certificate_by_lua_block { causeway.certificate(${port}) }
ssl_protocols TLSv1.2 TLSv1.3;
ssl_prefer_server_ciphers on;
ssl_ciphers ${TLS12_CIPHERS.join(':')};
ssl_ecdh_curve ${CURVES.join(':')};
ssl_session_tickets off;
ssl_session_cache shared:causeway_tls:10m;
ssl_session_timeout 10m;`;
}
