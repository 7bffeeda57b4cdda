/**
 * Which certificate a TLS port shows.
 *
 * Source: spec ALB-109.
 */
import { clear_certs, server_name, set_cert, set_priv_key } from 'ngx.ssl';
import type { Certificate } from './certificate-pem.ts';
import { hasHostTls, prepareHandshake } from './host-tls.ts';
import { live } from './live.ts';
import type { Port } from './state.ts';

const DIGIT_0 = 48;
const DIGIT_9 = 57;

/** Body of ssl_certificate_by_lua; without a fitting certificate the handshake fails. */
export function certificate(portNumber: number): void {
  const port = live.state.ports.get(portNumber);
  if (port !== undefined && hasHostTls(port) && !prepareHandshake(port, nameAskedFor())) {
    ngx.exit(ngx.ERROR);
    return;
  }
  const chosen = port === undefined ? undefined : chooseCertificate(port);
  if (chosen === undefined) {
    if (isSelfSigned(port)) return;
    ngx.exit(ngx.ERROR);
    return;
  }
  clear_certs();
  const [chainSet, chainProblem] = set_cert(chosen.chain);
  const [keySet, keyProblem] = set_priv_key(chosen.key);
  if (chainSet !== true || keySet !== true) {
    ngx.log(ngx.ERR, 'certificate not set: ', chainProblem ?? keyProblem);
    ngx.exit(ngx.ERROR);
  }
}

/** nginx shows what its configuration names. */
function isSelfSigned(port: Port | undefined): boolean {
  return port?.record?.tls?.selfSigned === true;
}

/** Lower case, `''` for none. */
function nameAskedFor(): string {
  const [received] = server_name();
  return received === undefined ? '' : string.lower(received);
}

function chooseCertificate(port: Port): Certificate | undefined {
  const [received] = server_name();
  const tls = port.record === undefined ? undefined : port.record.tls;
  if (received === undefined || isAddress(received)) {
    return tls === undefined ? undefined : certificateById(tls.fallback);
  }
  const name = string.lower(received);
  const [dot] = string.find(name, '.', 1, true);
  const found =
    certificateById(port.certificates.get(name)) ??
    (dot === undefined ? undefined : certificateById(port.certificates.get('*' + string.sub(name, dot))));
  if (found !== undefined) return found;
  const ofDomain = dot === undefined ? undefined : certificateOfDomain(port, string.sub(name, dot));
  if (ofDomain !== undefined) return ofDomain;
  return tls === undefined ? undefined : certificateById(tls.forUnknown);
}

/** @param suffix begins with a dot */
function certificateOfDomain(port: Port, suffix: string): Certificate | undefined {
  const found = certificateById(port.certificates.get('**' + suffix));
  if (found !== undefined) return found;
  const [dot] = string.find(suffix, '.', 2, true);
  return dot === undefined ? undefined : certificateOfDomain(port, string.sub(suffix, dot));
}

function certificateById(id: string | undefined): Certificate | undefined {
  return id === undefined ? undefined : live.state.certificates.get(id);
}

/** A name that ends in a digit is an address (no top-level domain does). */
function isAddress(name: string): boolean {
  const last = string.byte(name, -1) ?? DIGIT_0;
  return last >= DIGIT_0 && last <= DIGIT_9;
}
