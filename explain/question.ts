import { requestView } from '@causeway/dataplane/policy/request-facts';
import type { RequestView } from '@causeway/dataplane/policy/request-view';

/** A request that a user asks about; nothing is sent. */
export interface RequestQuestion {
  /** `http` or `https`, absolute. */
  readonly url: URL;
  /** Upper case. */
  readonly method: string;
  /** In the order given; a Host header wins over the host of the URL. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Address from which the connection comes. */
  readonly sourceAddress: string;
  /** Milliseconds since 1970: certificates end. */
  readonly now: number;
}

export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}

/** The request as the rule engine of the data plane sees it. */
export function requestViewOf({ url, method, headers, sourceAddress }: Omit<RequestQuestion, 'now'>): RequestView {
  const byName: Record<string, string[]> = { host: [url.host] };
  const given = new Set<string>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    const earlier = given.has(key) ? (byName[key] ?? []) : [];
    byName[key] = [...earlier, value];
    given.add(key);
  }
  return requestView({
    host: (byName['host']?.[0] ?? '').replace(/:\d*$/, '').toLowerCase(),
    path: normalizedPath(url.pathname),
    method,
    headers: byName,
    query: url.search.slice(1),
    sourceAddress,
    target: `${url.pathname}${url.search}`,
    scheme: url.protocol === 'https:' ? 'https' : 'http',
    port: portOf(url),
  });
}

/** All values of a header, joined; undefined when it is absent. @param name lower case */
export function headerOf({ headers }: RequestQuestion, name: string): string | undefined {
  const values = headers.flatMap(([key, value]) => (key.toLowerCase() === name ? value : []));
  return values.length === 0 ? undefined : values.join(', ');
}

/**
 * Percent-decoded, without dot segments and repeated slashes, as nginx's `$uri`.
 *
 * @param pathname as the URL parser gives it, percent-encoded
 */
function normalizedPath(pathname: string): string {
  const bytes = pathname.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  const decoded = Buffer.from(bytes, 'latin1').toString('utf8');
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
