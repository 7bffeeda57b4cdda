/** What is asked of a TLS connection by the name that it asks for, while its handshake is under way. */
import { verify_client } from 'ngx.ssl';
import type { HostTlsRecord } from '../policy/client-certificate.ts';
import { askedFor, type ClientPolicy } from './client-policy.ts';
import { live } from './live.ts';
import {
  connectionOfRequest,
  demandCertificate,
  forbidResumption,
  preferServerCiphers,
  setCiphers,
  setMark,
} from './openssl.ts';
import type { Port } from './state.ts';

/** Reports whether any host of the port asks for something. */
export function hasHostTls(port: Port): boolean {
  if (port.guards !== undefined || port.ciphers !== undefined) return true;
  const tls = port.record === undefined ? undefined : port.record.tls;
  return (
    tls !== undefined &&
    (tls.policy !== undefined || tls.ciphers !== undefined || tls.preferServerCiphers !== undefined)
  );
}

/**
 * Part of ssl_certificate_by_lua: not with a session that is resumed, which has its ciphers, and no certificate of a client.
 *
 * @param name lower case, `''` for none
 * @returns whether the handshake may go on
 */
export function prepareHandshake(port: Port, name: string): boolean {
  const connection = connectionOfRequest();
  if (connection === undefined) return false;
  const tls = port.record === undefined ? undefined : port.record.tls;
  const ciphers = find(port, port.ciphers, name) ?? tls;
  if (ciphers !== undefined) {
    if (ciphers.ciphers !== undefined && !setCiphers(connection, ciphers.ciphers)) return false;
    if (ciphers.preferServerCiphers !== undefined) preferServerCiphers(connection, ciphers.preferServerCiphers);
  }
  const policy = policyOf(port, name);
  if (policy === undefined || policy.trust === undefined) return true;
  const { record, trust } = policy;
  if (record.inHandshake === true) {
    if (!demandCertificate(connection, trust, record.depth ?? 1)) return false;
  } else {
    // Clients of unknown authorities are welcome: they are not told which ones are known.
    const welcome = record.verify === 'optional_no_ca' || record.verify === 'optional_insecure';
    const [asked, problem] = verify_client(welcome ? undefined : trust.authorities, record.depth ?? 1);
    if (asked !== true) {
      ngx.log(ngx.ERR, 'client certificate not asked for: ', problem);
      return false;
    }
  }
  forbidResumption(connection);
  setMark(connection, askedFor, policy.handle);
  return true;
}

/** The policy for the clients of a host; undefined: there is none. */
export function policyOf(port: Port, host: string): ClientPolicy | undefined {
  const id = policyIdOf(port, host);
  return id === undefined ? undefined : live.state.clientPolicies.get(id);
}

/** @param host lower case, `''` for none */
export function policyIdOf(port: Port, host: string): string | undefined {
  const found = find(port, port.guards, host);
  if (found !== undefined) return found.policy;
  const tls = port.record === undefined ? undefined : port.record.tls;
  return tls === undefined ? undefined : tls.policy;
}

/** As servers of nginx are found: what is said for a name counts alone where routes know that name, then wildcards, then all others. */
function find(
  { index }: Port,
  hosts: LuaTable<string, HostTlsRecord> | undefined,
  name: string,
): HostTlsRecord | undefined {
  if (hosts === undefined) return undefined;
  const exact = hosts.get(name);
  if (exact !== undefined || index.exactHosts[name] !== undefined) return exact;
  const [first] = string.find(name, '.', 1, true);
  let dot = first;
  if (dot !== undefined) {
    const suffix = string.sub(name, dot);
    const wildcard = hosts.get(`*${suffix}`);
    if (wildcard !== undefined || index.oneLabel[suffix] !== undefined) return wildcard;
  }
  while (dot !== undefined) {
    const suffix = string.sub(name, dot);
    const wildcard = hosts.get(suffix);
    if (wildcard !== undefined || index.manyLabels[suffix] !== undefined) return wildcard;
    [dot] = string.find(name, '.', dot + 1, true);
  }
  return hosts.get('');
}
