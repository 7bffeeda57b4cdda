import { hash } from 'node:crypto';
import type { SessionPersistence } from '@causeway/apis/gateway-api/session-persistence';
import type { SessionIR } from '@causeway/ir/gateway';
import { parseDuration } from '../duration.ts';

export interface SessionOptions {
  /** Names the rule: what sessions are called where the user gives no name. */
  readonly rule: string;
  /** Path that all requests of the rule begin with. */
  readonly path: string;
}

/** Names of cookies and headers. Source: RFC 9110 section 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Headers that say how a message is carried, or whom it is for. */
const TAKEN: ReadonlySet<string> = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'set-cookie']);
/** What can be an attribute of a cookie as it is. Source: RFC 6265 section 4.1.1. */
const COOKIE_PATH = /^\/[\x21-\x3a\x3c-\x7e]*$/;

/**
 * Requests of a session go to one endpoint, which a cookie or header of ours names.
 *
 * Source: GW-28; GEP-1619.
 *
 * @returns text: what cannot be served, with the name of the field
 */
export function translateSession(
  { type = 'Cookie', sessionName, absoluteTimeout, cookieConfig }: SessionPersistence,
  { rule, path }: SessionOptions,
): SessionIR | string {
  const name = sessionName ?? `causeway-${hash('sha256', rule).slice(0, 12)}`;
  if (!TOKEN.test(name) || (type === 'Header' && TAKEN.has(name.toLowerCase()))) {
    return `sessionPersistence.sessionName: Invalid value: ${JSON.stringify(name)}: not the name of a ${type.toLowerCase()}`;
  }
  const ms = absoluteTimeout === undefined ? undefined : parseDuration(absoluteTimeout);
  const seconds = ms === undefined || ms === 0 ? undefined : Math.ceil(ms / 1000);
  const lasts = seconds === undefined ? {} : { absoluteSeconds: seconds };
  const session = { type: 'session', mode: 'persistent', ...lasts } as const;
  if (type === 'Header') {
    return { ...session, name: name.toLowerCase(), carrier: 'header', cookie: { path: '/', changeOnFailure: true } };
  }
  const isPermanent = cookieConfig?.lifetimeType === 'Permanent' && seconds !== undefined;
  return {
    ...session,
    name,
    cookie: {
      path: COOKIE_PATH.test(path) ? path : '/',
      ...(isPermanent ? { maxAgeSeconds: seconds, expiresSeconds: seconds } : {}),
      changeOnFailure: true,
    },
  };
}
