import { parseAddress } from '../meta/address.ts';

/** RFC 1123 section 2.1, with the underscores that are in use. */
const LABEL = /^[a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9_])?$/i;
const MAX_NAME_LENGTH = 253;

/** A host name or an address (IPv6 in brackets), without port. */
export function isHost(text: string): boolean {
  if (text.startsWith('[')) return text.endsWith(']') && parseAddress(text) !== undefined;
  return text.length <= MAX_NAME_LENGTH && text.split('.').every((label) => LABEL.test(label));
}

/** The value of a Host header: a host and perhaps a port. Nothing else may get there: it is written into requests. */
export function isHostHeader(text: string): boolean {
  const [, host = '', port] = /^(.*?)(?::(\d{1,5}))?$/s.exec(text) ?? [];
  return isHost(host) && (port === undefined || (Number(port) >= 1 && Number(port) <= 65_535));
}

/** A host name, or one with `*` for its first label. */
export function isHostPattern(text: string): boolean {
  return isHost(text.startsWith('*.') ? text.slice(2) : text);
}
