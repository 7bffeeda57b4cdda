import type { ForwardedCertificate } from '@causeway/apis/envoy-gateway/client-traffic-policy';
import type { CertificateHeaderIR, ClientPolicyIR } from '@causeway/ir/gateway';

const MODES = {
  ForwardOnly: 'forward',
  AppendForward: 'append',
  SanitizeSet: 'set',
  AlwaysForwardOnly: 'always',
} as const;

/** In the order that Envoy writes them in. */
const DETAILS = ['Cert', 'Chain', 'Subject', 'URI', 'DNS'] as const;

/** GW-42. @returns undefined: no backend gets X-Forwarded-Client-Cert */
export function certificateHeaderOf({
  mode = 'Sanitize',
  certDetailsToAdd = [],
}: ForwardedCertificate): CertificateHeaderIR | undefined {
  return mode === 'Sanitize'
    ? undefined
    : {
        type: 'certificateHeader',
        mode: MODES[mode],
        details: DETAILS.filter((detail) => certDetailsToAdd.includes(detail)),
      };
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
