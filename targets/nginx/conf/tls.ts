/** How a server speaks TLS with clients. */
import { TLS_SIGNATURES, type TlsCurveIR, type TlsProtocolIR } from '@causeway/ir/gateway';
import { oneOf } from './directive.ts';
import type { ServedPort } from './listen.ts';

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
const CURVES: readonly TlsCurveIR[] = ['X25519', 'prime256v1', 'secp384r1'];
const CURVE_WORDS: ReadonlySet<string> = new Set([...CURVES, 'secp521r1']);
const PROTOCOLS: readonly TlsProtocolIR[] = ['TLSv1.2', 'TLSv1.3'];
const PROTOCOL_WORDS: ReadonlySet<string> = new Set(PROTOCOLS);

const SIGNATURE_WORDS: ReadonlySet<string> = new Set(TLS_SIGNATURES);

export function tlsPart({
  port,
  tlsProtocols = PROTOCOLS,
  tlsCurves = CURVES,
  tlsSignatures = [],
}: ServedPort): string {
  const signatures = tlsSignatures.map((word) => oneOf(SIGNATURE_WORDS, word)).join(':');
  return `ssl_certificate placeholder.crt;
ssl_certificate_key placeholder.key;
ssl_certificate_by_lua_block { causeway.certificate(${port}) }
ssl_protocols ${tlsProtocols.map((word) => oneOf(PROTOCOL_WORDS, word)).join(' ')};
ssl_prefer_server_ciphers on;
ssl_ciphers ${TLS12_CIPHERS.join(':')};
ssl_ecdh_curve ${tlsCurves.map((word) => oneOf(CURVE_WORDS, word)).join(':')};${signatures === '' ? '' : `\nssl_conf_command SignatureAlgorithms ${signatures};`}
ssl_session_tickets off;
ssl_session_cache shared:causeway_tls:10m;
ssl_session_timeout 10m;`;
}
