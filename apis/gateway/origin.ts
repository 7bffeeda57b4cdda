import { isHost } from './host.ts';

/**
 * An origin as browsers say it, `https://a.com:8443`; with `*` for its first label, then also without scheme: `*.a.com`.
 *
 * Source: RFC 6454 section 6.2; spec ALB-76.
 */
export function isOrigin(text: string): boolean {
  if (text === 'null') return true;
  const parts = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(\*\.)?([^:*]+|\[.*\])(?::(\d{1,5}))?$/.exec(text);
  if (parts === null) return false;
  const [, scheme, star, host = '', port] = parts;
  if (scheme === undefined && star === undefined) return false;
  return isHost(host) && (port === undefined || (Number(port) >= 1 && Number(port) <= 65_535));
}
