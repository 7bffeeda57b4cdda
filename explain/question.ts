import { bytes, lowerCase } from '@causeway/dataplane/policy/platform';
import { cookieValue, queryValues } from '@causeway/dataplane/policy/request-values';
import type { RequestView } from '@causeway/dataplane/policy/request-view';

/** A request that a user asks about; nothing is sent. */
export interface RequestQuestion {
  /** `http` or `https`, absolute. */
  readonly url: URL;
  /** Upper case. */
  readonly method: string;
  /** In the order given; a Host header wins over the host of the URL. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Address of the client. */
  readonly sourceAddress: string;
}

export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}

/** The request as the rule engine of the data plane sees it. */
export function requestViewOf(question: RequestQuestion): RequestView {
  const headers = new Map<string, string>();
  for (const [name, value] of question.headers) {
    const key = lowerCase(bytes(name));
    const earlier = headers.get(key);
    headers.set(key, earlier === undefined ? bytes(value) : `${earlier}, ${bytes(value)}`);
  }
  const host = hostWithoutPort(headers.get('host') ?? bytes(question.url.host));
  const path = normalizedPath(question.url.pathname);
  const query = question.url.search.slice(1);
  const cookies = headers.get('cookie') ?? '';
  return {
    host: () => host,
    path: () => path,
    method: () => question.method,
    header: (name) => (name === 'host' ? (headers.get('host') ?? bytes(question.url.host)) : headers.get(name)),
    query: (name) => queryValues(query, name),
    cookie: (name) => cookieValue(cookies, name),
    sourceAddress: () => question.sourceAddress,
  };
}

function hostWithoutPort(host: string): string {
  return lowerCase(host.replace(/:\d*$/, ''));
}

/**
 * Percent-decoded, without dot segments and repeated slashes, as nginx's `$uri`.
 *
 * @param pathname as the URL parser gives it, percent-encoded
 */
function normalizedPath(pathname: string): string {
  const decoded = pathname.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  const segments: string[] = [];
  const parts = decoded.split('/').slice(1);
  for (const [index, part] of parts.entries()) {
    const last = index === parts.length - 1;
    if (part === '..') segments.pop();
    if (part === '..' || part === '.' || part === '') {
      if (last) segments.push('');
    } else {
      segments.push(part);
    }
  }
  return `/${segments.join('/')}`;
}
