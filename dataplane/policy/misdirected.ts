import { slice } from '#platform';

const DOT = '.';

/**
 * Requests on connections that were made for another listener: clients use one connection for several hosts when its certificate is
 * for all of them, though the listeners of these hosts may differ in whatever else.
 *
 * Sources: RFC 9110 section 15.5.20 (421); Gateway API v1, Listener.hostname.
 *
 * @param apart hosts of the listeners (PortTls.apart)
 * @param serverName that the connection asked for, lower case; `''` for none, which says nothing
 * @param host of the request, lower case
 */
export function isMisdirected(apart: readonly string[], serverName: string, host: string): boolean {
  if (serverName === '' || serverName === host) return false;
  const wanted = listenerOf(apart, host);
  return wanted !== undefined && wanted !== listenerOf(apart, serverName);
}

function listenerOf(apart: readonly string[], name: string): string | undefined {
  for (const host of apart) {
    if (host === name || host === '') return host;
    const isEnding = slice(host, 0, 1) === DOT && name.length > host.length;
    if (isEnding && slice(name, name.length - host.length, name.length) === host) return host;
  }
  return undefined;
}
