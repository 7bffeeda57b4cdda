import { urlText } from '@causeway/dataplane/policy/auth-url';
import type { HostTlsRecord, TlsSettings } from '@causeway/dataplane/policy/client-certificate';
import type { RequestView } from '@causeway/dataplane/policy/request-view';
import { type CertificateIdentityIR, type ClientCertificateIR, hostsOf } from '@causeway/ir/gateway';
import type { AlbPolicies } from './alb/policies.ts';

/** What a client would have to show; explanations have no certificate. */
export function explainClientCertificate({ policy }: ClientCertificateIR, request: RequestView): readonly string[] {
  if (policy.verify === 'off') return [];
  if (policy.verify === 'closed') return [`answered with ${policy.status}: ${policy.reason}`];
  const { verify, inHandshake, authorities, depth, errorPage, commonName, identity, crlPem, passCertificate } = policy;
  const refused =
    errorPage === undefined ? 'answered with 400' : `redirected with 302 to ${urlText(errorPage, request)}`;
  const without = inHandshake === true ? 'the connection fails' : `the request is ${refused}`;
  const known = `of ${authorities} (depth ${depth}${crlPem === undefined ? '' : ', revocations'})`;
  const asked = {
    on: `wants a certificate of the client from the authorities ${known}; without it ${without}`,
    optional: `a certificate of the client must be from the authorities ${known}, else the request is ${refused}; none is needed`,
    optional_insecure: `takes any certificate of the client, and none; the backend is told whether it is good, by the authorities ${known}`,
    optional_no_ca: `takes any certificate of the client; the backend is told whether it is from the authorities ${known}`,
  };
  const lines = [asked[verify]];
  if (request.scheme() === 'http') {
    lines.push(`without TLS there is no certificate${verify === 'on' ? `: ${refused}` : ''}`);
  }
  if (commonName !== undefined) lines.push(`its common name must match ${commonName}, else answered with 403`);
  if (identity !== undefined)
    lines.push(`it must be one of those wanted (${identityText(identity)}), else answered with 400`);
  const headers = ['verify', 'subject-dn', 'issuer-dn', ...(passCertificate ? ['cert'] : [])];
  return [...lines, `headers of the request, ssl-client-${headers.join(', -')}: what the proxy knows`];
}

function identityText({ names, hashes }: CertificateIdentityIR): string {
  const named = names.map(({ of, test }) => `${of} ${test.op} ${test.op === 'regex' ? test.pattern : test.value}`);
  const hashed = hashes.map(({ of, sha256 }) => `SHA-256 of the ${of} ${sha256}`);
  return [named, hashed].flatMap((list) => (list.length === 0 ? [] : list.join(' or '))).join(', and ');
}

/**
 * What a host of a port asks of TLS connections. Source: the data plane's dataplane/http/host-tls.ts.
 *
 * @param policies of that port
 * @param name lower case, `''` without SNI
 */
export function explainHostTls(policies: AlbPolicies, name: string): readonly string[] {
  const [port] = policies.ports.flatMap((one) => (one.type === 'port' ? one : []));
  const setting = <K extends keyof TlsSettings>(key: K): TlsSettings[K] | undefined => {
    const having = policies.hostTls.filter((record) => record[key] !== undefined);
    return (findHost(policies, having, name) ?? port?.tls)?.[key];
  };
  const id = setting('policy');
  const policy = policies.clientPolicies.find((one) => one.id === id);
  const ciphers = setting('ciphers');
  const prefer = setting('preferServerCiphers');
  return [
    ...(policy === undefined || policy.depth === undefined
      ? []
      : [`the client is asked for a certificate (${policy.verify}); all requests for this host are judged by it`]),
    ...(policy?.verify === 'closed' ? ['all requests for this host are refused: clients cannot be verified'] : []),
    ...(ciphers === undefined ? [] : [`ciphers of TLS 1.2: ${ciphers}`]),
    ...(prefer === undefined ? [] : [`the order of ciphers is that of the ${prefer ? 'server' : 'client'}`]),
  ];
}

function findHost({ routes }: AlbPolicies, records: readonly HostTlsRecord[], name: string): HostTlsRecord | undefined {
  const served = new Set(routes.flatMap(({ match }) => hostsOf(match) ?? []));
  const dots = [...name].flatMap((letter, index) => (letter === '.' ? index : []));
  const [first] = dots;
  const places = [
    name,
    ...(first === undefined ? [] : [`*${name.slice(first)}`]),
    ...dots.map((dot) => name.slice(dot)),
  ];
  for (const host of places) {
    const found = records.find((record) => record.host === host);
    if (found !== undefined || served.has(host)) return found;
  }
  return records.find(({ host }) => host === '');
}
