import type { CertificateHeaderStep } from '../policy/certificate-header.ts';
import { FORWARDED_CERTIFICATE } from '../policy/client-certificate.ts';
import { certificateChainPem, certificateFacts, certificateHash } from './certificate-facts.ts';
import { connectionOfRequest } from './openssl.ts';
import { currentRequest } from './request.ts';
import type { RequestWork } from './work.ts';

const NAME = 'X-Forwarded-Client-Cert';

/** The route has a policy for clients, which was judged before. */
export function certificateHeaderWork({ mode, details }: CertificateHeaderStep): RequestWork {
  return () => {
    const hash = verifiedHash();
    if (hash === undefined) ngx.req.clear_header(NAME);
    else if (mode !== 'forward') {
      const told = mode === 'append' ? currentRequest.header(FORWARDED_CERTIFICATE) : undefined;
      const own = elementOf(hash, details);
      ngx.req.set_header(NAME, told === undefined || told === '' ? own : `${told},${own}`);
    }
    return undefined;
  };
}

function verifiedHash(): string | undefined {
  const connection = connectionOfRequest();
  if (connection === undefined || ngx.var['ssl_client_verify'] !== 'SUCCESS') return undefined;
  return certificateHash(connection);
}

function elementOf(hash: string, details: CertificateHeaderStep['details']): string {
  let element = `Hash=${hash}`;
  for (const detail of details) {
    if (detail === 'Cert') element = `${element};Cert="${ngx.var['ssl_client_escaped_cert'] ?? ''}"`;
    else if (detail === 'Chain') element = element + chainText();
    else if (detail === 'Subject') element = `${element};Subject=${quoted(ngx.var['ssl_client_s_dn'] ?? '')}`;
    else element = element + namesText(detail);
  }
  return element;
}

function chainText(): string {
  const connection = connectionOfRequest();
  const pem = connection === undefined ? undefined : certificateChainPem(connection);
  return pem === undefined ? '' : `;Chain="${ngx.escape_uri(pem)}"`;
}

function namesText(detail: 'URI' | 'DNS'): string {
  const connection = connectionOfRequest();
  const facts = connection === undefined ? undefined : certificateFacts(connection);
  if (facts === undefined) return '';
  let text = '';
  for (const { of, value } of facts.names) {
    if (of === (detail === 'URI' ? 'uri' : 'dns')) text = `${text};${detail}=${quoted(value)}`;
  }
  return text;
}

/** Authorities may sign any text: none of it ends the value, or the header. */
function quoted(text: string): string {
  const [visible] = string.gsub(text, '%c', '');
  const [escaped] = string.gsub(visible, '["\\\\]', '\\%0');
  return `"${escaped}"`;
}
