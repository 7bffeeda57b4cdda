import { isIP } from 'node:net';
import { certificateHosts } from '@causeway/dataplane/policy/certificate-host';
import type { AlbPolicies, DescribedCertificate } from './alb/policies.ts';
import { explainHostTls } from './client-certificate.ts';

/** Which certificate a TLS port shows to a client. */
export interface ExplainedCertificate {
  /** What the client sends as SNI: the host of the URL, `''` for an address. */
  readonly serverName: string;
  /** Absent: the handshake fails. */
  readonly certificate?: DescribedCertificate;
  /** In words. */
  readonly why: string;
  /** What else is particular about the handshake. */
  readonly terms: readonly string[];
}

/**
 * By SNI: the exact name, then the wildcard of one label and those of many, then what the port shows for unknown names; without SNI the default
 * certificate of the port.
 *
 * Source: spec ALB-109; the data plane's dataplane/http/certificate.ts.
 *
 * @param policies of that port
 */
export function explainCertificate(policies: AlbPolicies, urlHost: string): ExplainedCertificate {
  const { ports, serverNames, certificates } = policies;
  const bare = urlHost.replace(/^\[|\]$/g, '');
  const serverName = isIP(bare) === 0 ? bare.toLowerCase() : '';
  const terms = explainHostTls(policies, serverName);
  const [port] = ports.flatMap((one) => (one.type === 'port' ? one : []));
  const answer = (id: string | undefined, why: string): ExplainedCertificate => {
    const certificate = certificates.find((one) => one.id === id);
    return certificate === undefined
      ? { serverName, why: `${why}, and there is none: the handshake fails`, terms }
      : { serverName, certificate, why, terms };
  };
  // A name that ends in a digit is an address for the data plane.
  if (serverName === '' || /\d$/.test(serverName)) return answer(port?.tls?.fallback, 'the default of the port');
  for (const host of certificateHosts(serverName)) {
    const found = serverNames.find((one) => one.host === host);
    if (found !== undefined) return answer(found.certificate, `for ${host}`);
  }
  return answer(port?.tls?.forUnknown, 'no name fits: the one for unknown names');
}
