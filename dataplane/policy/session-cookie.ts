/**
 * The cookie of a session: `<key>|<mark of its endpoint>`, of a canary's endpoints `<key>|<mark>|c`. The key is made at random for
 * each client; the mark is a hash, so that a cookie does not tell addresses. Source: LIM-07, IN-09.
 */
import { indexOf, slice } from '#platform';
import type { Peer } from './record.ts';
import { rehash, textHash } from './text-hash.ts';

export interface SessionCookie {
  readonly mode: 'balanced' | 'persistent';
  readonly ofCanary?: boolean;
  readonly path: string;
  readonly domain?: string;
  readonly maxAgeSeconds?: number;
  readonly expiresSeconds?: number;
  readonly sameSite?: 'None' | 'Lax' | 'Strict';
  readonly sameSiteNoneIfKnown?: boolean;
  /** Absent: on ports with TLS. */
  readonly secure?: boolean;
  readonly changeOnFailure?: boolean;
  /** In mode `balanced`: a value that we did not make is a key as it is, and stays. */
  readonly takesAnyValue?: boolean;
  /** A header carries it instead of a cookie. */
  readonly carrier?: 'header';
  /** It ends so long after it began. */
  readonly absoluteSeconds?: number;
}

export interface Session {
  readonly key: string;
  readonly mark: string;
  readonly ofCanary: boolean;
}

const CANARY = '|c';
const MARK_DIGITS = 16;
/** Longest key that is believed. */
const MAX_KEY = 64;
const DIGITS = '0123456789abcdef';

/** @returns undefined for what we did not make */
export function parseSession(value: string | undefined): Session | undefined {
  if (value === undefined) return undefined;
  const bar = indexOf(value, '|', 0);
  if (bar < 1 || bar > MAX_KEY) return undefined;
  const rest = slice(value, bar + 1, value.length);
  const mark = slice(rest, 0, MARK_DIGITS);
  const side = slice(rest, MARK_DIGITS, rest.length);
  if (mark.length < MARK_DIGITS || (side !== '' && side !== CANARY)) return undefined;
  return { key: slice(value, 0, bar), mark, ofCanary: side === CANARY };
}

/** Reports whether a session is over. The key tells when it began: who changes it has a longer session, and nothing else. */
export function isOver({ key }: Session, { absoluteSeconds }: SessionCookie, seconds: number): boolean {
  if (absoluteSeconds === undefined) return false;
  let began = 0;
  for (let i = 0; i < key.length; i++) {
    const digit = indexOf(DIGITS, slice(key, i, i + 1), 0);
    if (digit < 0 || digit > 9) break;
    began = began * 10 + digit;
  }
  return began + absoluteSeconds <= seconds || began > seconds + 1;
}

export function sessionValue({ key, mark, ofCanary }: Session): string {
  return `${key}|${mark}${ofCanary ? CANARY : ''}`;
}

/** What names an endpoint in cookies: 64 bits of hash. */
export function peerMark({ address, port }: Peer): string {
  const hash = textHash(`${address}:${port}`);
  return hexDigits(hash) + hexDigits(rehash(textHash(`${port} ${address}`), 1));
}

/** Value of the Set-Cookie header but for Expires, which the clock knows. */
export function cookieAttributes(cookie: SessionCookie, overTls: boolean, userAgent: string | undefined): string {
  const { maxAgeSeconds, domain, path, sameSite } = cookie;
  const leftOut = sameSite === 'None' && cookie.sameSiteNoneIfKnown === true && !knowsSameSiteNone(userAgent ?? '');
  return (
    (maxAgeSeconds === undefined ? '' : `; Max-Age=${maxAgeSeconds}`) +
    (sameSite === undefined || leftOut ? '' : `; SameSite=${sameSite}`) +
    (domain === undefined ? '' : `; Domain=${domain}`) +
    `; Path=${path}` +
    ((cookie.secure ?? overTls) ? '; Secure' : '') +
    '; HttpOnly'
  );
}

/**
 * Reports whether a browser knows `SameSite=None`; those that do not either refuse the cookie or take it for Strict.
 *
 * Source: chromium.org, "SameSite=None: Known Incompatible Clients".
 */
export function knowsSameSiteNone(userAgent: string): boolean {
  const has = (text: string): boolean => indexOf(userAgent, text, 0) >= 0;
  // WebKit of iOS 12, and of macOS 10.14 where it is Safari's or is embedded.
  if (has('CPU iPhone OS 12_') || has('iPad; CPU OS 12_')) return false;
  if (has('Macintosh; Intel Mac OS X 10_14') && has('AppleWebKit') && !has('Chrom')) return false;
  if (has('UCBrowser/') && !has('UCBrowser/13') && !has('UCBrowser/14')) return false;
  return !isOldChrome(userAgent);
}

/** Versions 51 to 66. */
function isOldChrome(userAgent: string): boolean {
  for (let version = 51; version <= 66; version++) {
    if (indexOf(userAgent, `Chrome/${version}.`, 0) >= 0 || indexOf(userAgent, `Chromium/${version}.`, 0) >= 0)
      return true;
  }
  return false;
}

function hexDigits(hash: number): string {
  let text = '';
  let rest = hash;
  for (let i = 0; i < MARK_DIGITS / 2; i++) {
    const digit = rest % 16;
    text = slice(DIGITS, digit, digit + 1) + text;
    rest = (rest - digit) / 16;
  }
  return text;
}
