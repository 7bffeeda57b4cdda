/**
 * What the backend is told about the client, as lines of nginx.conf. Routes that change one of these headers go through a location
 * without them: there the data plane writes them, where they can still be changed (dataplane/http/forwarded-headers.ts).
 *
 * Source: spec ALB-75.
 */
import {
  CLIENT_CERTIFICATE_HEADERS,
  CLIENT_CERTIFICATE_SPELLINGS,
} from '@causeway/dataplane/policy/client-certificate';
import type { RequestHeadersIR } from '@causeway/ir/gateway';

export interface ForwardedHeaders {
  /** As it is, or a variable. */
  readonly scheme: 'http' | 'https' | `$${string}`;
  readonly port: number | `$${string}`;
  /** Whether there are proxies whose word about the client is taken. */
  readonly trustsProxies: boolean;
}

const FORWARDED = [
  'X-Real-IP',
  'X-Forwarded-For',
  'X-Forwarded-Proto',
  'X-Scheme',
  'X-Forwarded-Host',
  'X-Forwarded-Port',
  'X-Original-URI',
  'X-Original-URL',
  'X-Original-Method',
] as const;

const NAMES: ReadonlySet<string> = new Set(FORWARDED.map((name) => name.toLowerCase()));
const OF_CLIENT_CERTIFICATE: ReadonlySet<string> = new Set(CLIENT_CERTIFICATE_HEADERS);

export function changesForwarded({ changes }: RequestHeadersIR): boolean {
  return changes.some(({ name }) => {
    const lower = name.toLowerCase();
    return OF_CLIENT_CERTIFICATE.has(lower) || NAMES.has(lower);
  });
}

export function forwardedHeaderLines(directive: 'proxy' | 'grpc', options: ForwardedHeaders): string {
  return FORWARDED.map((name) => `${directive}_set_header ${name} ${headerValue(name, options)};`).join('\n');
}

/**
 * What clients say about their own certificates goes to nobody (LIM-03). An empty value costs a request nothing.
 *
 * @param toldByDataplane those that it sets for routes that ask for certificates stay
 */
export function clientCertificateLines(directive: 'proxy' | 'grpc', toldByDataplane = false): string {
  const names = CLIENT_CERTIFICATE_SPELLINGS.filter((name) => !toldByDataplane || !OF_CLIENT_CERTIFICATE.has(name));
  return names.map((name) => `${directive}_set_header ${name} "";`).join('\n');
}

/** Port and scheme are literals: a variable costs every request a hundred instructions and more. */
function headerValue(header: (typeof FORWARDED)[number], { scheme, port, trustsProxies }: ForwardedHeaders): string {
  switch (header) {
    case 'X-Real-IP':
      return trustsProxies ? '$causeway_client' : '$remote_addr';
    case 'X-Forwarded-For':
      // The last element is the peer, also where $remote_addr is the client that a trusted proxy named.
      return trustsProxies ? '$causeway_forwarded_for' : '$proxy_add_x_forwarded_for';
    case 'X-Forwarded-Proto':
    case 'X-Scheme':
      return scheme;
    case 'X-Forwarded-Host':
      return '$http_host';
    case 'X-Forwarded-Port':
      return String(port);
    case 'X-Original-URI':
      return '$request_uri';
    case 'X-Original-URL':
      return `${scheme}://$http_host$request_uri`;
    case 'X-Original-Method':
      return '$request_method';
  }
}
