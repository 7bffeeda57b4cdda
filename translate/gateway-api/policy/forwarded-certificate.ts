import type { ForwardedCertificate } from '@causeway/apis/envoy-gateway/client-traffic-policy';
import type { CertificateHeaderIR, ClientPolicyIR } from '@causeway/ir/gateway';
import type { Tell } from './tell.ts';

const MODES = { Sanitize: 'remove', ForwardOnly: 'forward', AppendForward: 'append', SanitizeSet: 'set' } as const;

/** GW-42. @returns undefined: X-Forwarded-Client-Cert is passed on as clients send it */
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
  return mode === 'AlwaysForwardOnly'
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
  return [isAsked ? header : { ...header, mode: 'remove' }];
}
