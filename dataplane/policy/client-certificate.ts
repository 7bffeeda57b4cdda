/** Certificates of clients: what is asked of them, as records. */
import { byteAt, byteText, indexOf, slice } from '#platform';
import type { CertificateIdentity } from './certificate-identity.ts';
import type { TemplatePart } from './template.ts';

/** Which certificate clients must show; hosts and steps name it by id. */
export interface ClientPolicyRecord {
  readonly type: 'clientPolicy';
  /** Hash of the other fields. */
  readonly id: string;
  /** off: nothing is asked; closed: nobody gets through; the others as in `VerifyClientIR`. */
  readonly verify: 'on' | 'optional' | 'optional_no_ca' | 'optional_insecure' | 'off' | 'closed';
  /** on: the handshake fails without a good one. */
  readonly inHandshake?: true;
  /** closed. */
  readonly status?: number;
  readonly reason?: string;
  /** Of the authorities; but off and closed. */
  readonly caPem?: string;
  readonly crlPem?: string;
  /** Authorities between are not looked up in {@link crlPem}. */
  readonly crlOfLeafAlone?: true;
  /** Absent: every good certificate is right. */
  readonly identity?: CertificateIdentity;
  /** Authorities between these and the client at most. */
  readonly depth?: number;
  /** Where clients are sent that are refused; absent: 400. */
  readonly errorPage?: readonly TemplatePart[];
  /** Regular expression for the common name. */
  readonly commonName?: string;
  /** The certificate itself goes to the backend. */
  readonly passCertificate?: true;
}

/** What holds for TLS connections that ask for a host of a port. */
export interface HostTlsRecord extends TlsSettings {
  readonly type: 'hostTls';
  /** `<port id>/<host>`. */
  readonly id: string;
  /** Id of a `PortRecord`. */
  readonly port: string;
  /** Lower case; `*.a.com` for one label before `.a.com`, `.a.com` for any number of them, `''` for names that no route names. */
  readonly host: string;
}

export interface TlsSettings {
  /** Id of a {@link ClientPolicyRecord}. */
  readonly policy?: string;
  /** OpenSSL cipher list for TLS 1.2. */
  readonly ciphers?: string;
  readonly preferServerCiphers?: boolean;
}

/** The client must meet a policy, and the backend is told about its certificate. */
export interface ClientCertificateStep {
  readonly type: 'clientCertificate';
  /** Id of a {@link ClientPolicyRecord}. */
  readonly policy: string;
}

/** What proxies tell each other about the certificate of a client (certificate-header.ts). */
export const FORWARDED_CERTIFICATE = 'x-forwarded-client-cert';

/** What backends are told in them is what the proxy knows; those of clients are taken off. */
export const CLIENT_CERTIFICATE_HEADERS = [
  FORWARDED_CERTIFICATE,
  'ssl-client-verify',
  'ssl-client-subject-dn',
  'ssl-client-issuer-dn',
  'ssl-client-cert',
] as const;

/** The same, and what some backends take for them: there `_` and `-` are one. */
export const CLIENT_CERTIFICATE_SPELLINGS: readonly string[] = spellings();

function spellings(): readonly string[] {
  const all: string[] = [];
  for (const name of CLIENT_CERTIFICATE_HEADERS) addSpellings(all, name, '', 0);
  return all;
}

function addSpellings(all: string[], name: string, begun: string, from: number): void {
  const dash = indexOf(name, '-', from);
  if (dash < 0) {
    all.push(begun + slice(name, from, name.length));
    return;
  }
  const word = begun + slice(name, from, dash);
  addSpellings(all, name, `${word}-`, dash + 1);
  addSpellings(all, name, `${word}_`, dash + 1);
}

const BACKSLASH = 92;
const COMMA = 44;
const PLUS = 43;

/**
 * The common names in a distinguished name; what somebody put into another attribute is none.
 *
 * Source: RFC 2253, as OpenSSL writes it: special characters and bytes above 127 behind a backslash.
 */
export function commonNamesIn(name: string): readonly string[] {
  const found: string[] = [];
  let begin = 0;
  let position = 0;
  while (position <= name.length) {
    const byte = byteAt(name, position);
    if (byte === BACKSLASH) {
      position += 2;
    } else if (byte === undefined || byte === COMMA || byte === PLUS) {
      if (slice(name, begin, begin + 3) === 'CN=') found.push(unescaped(slice(name, begin + 3, position)));
      begin = position + 1;
      position += 1;
    } else {
      position += 1;
    }
  }
  return found;
}

function unescaped(value: string): string {
  let text = '';
  let position = 0;
  while (position < value.length) {
    const byte = byteAt(value, position) ?? 0;
    if (byte !== BACKSLASH) {
      text = text + byteText(byte);
      position += 1;
    } else {
      const high = hexDigit(byteAt(value, position + 1));
      const low = hexDigit(byteAt(value, position + 2));
      if (high >= 0 && low >= 0) {
        text = text + byteText(high * 16 + low);
        position += 3;
      } else {
        text = text + slice(value, position + 1, position + 2);
        position += 2;
      }
    }
  }
  return text;
}

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 48 && byte <= 57) return byte - 48;
  if (byte >= 65 && byte <= 70) return byte - 55;
  return byte >= 97 && byte <= 102 ? byte - 87 : -1;
}
