import type { ForwardedCertificate } from '@causeway/apis/envoy-gateway/client-traffic-policy';
import type { CertificateHeaderIR, ClientPolicyIR } from '@causeway/ir/gateway';
import type { Tell } from './tell.ts';

const MODES = {
  ForwardOnly: 'forward',
  AppendForward: 'append',
  SanitizeSet: 'set',
  AlwaysForwardOnly: 'always',
} as const;

/** GW-42. @returns undefined: no backend gets X-Forwarded-Client-Cert */
export function certificateHeaderOf(
  { mode = 'Sanitize', certDetailsToAdd = [] }: ForwardedCertificate,
  tell: Tell,
): CertificateHeaderIR | undefined {
  const details = new Set<'Subject' | 'Cert'>();
  for (const [index, detail] of certDetailsToAdd.entries()) {
    if (detail === 'Subject' || detail === 'Cert') details.add(detail);
    else
      tell(`headers.xForwardedClientCert.certDetailsToAdd[${index}]`, `${detail} is not served, only Subject and Cert`);
  }
  // Upstream writes them in this order.
  return mode === 'Sanitize'
    ? undefined
    : { type: 'certificateHeader', mode: MODES[mode], details: [...details].sort() };
}

/** Where nobody asks clients for certificates none of them has been verified. */
export function judgedHeader(
  header: CertificateHeaderIR | undefined,
  clients: ClientPolicyIR | undefined,
): readonly CertificateHeaderIR[] {
  if (header === undefined) return [];
  const isAsked = clients !== undefined && clients.verify !== 'off' && clients.verify !== 'closed';
  return isAsked || header.mode === 'always' ? [header] : [];
}
