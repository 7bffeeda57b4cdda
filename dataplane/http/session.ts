/** Sessions tied to endpoints by a cookie of ours (../policy/session-cookie.ts). */
import { type HashCircle, peerOfKey } from '../policy/consistent-hash.ts';
import { nextPeer } from '../policy/round-robin.ts';
import {
  cookieAttributes,
  isOver,
  parseSession,
  type Session,
  type SessionCookie,
  sessionValue,
} from '../policy/session-cookie.ts';
import { textHash } from '../policy/text-hash.ts';
import { isAvoided, nextChoice } from './choice.ts';
import { currentExchange } from './exchange.ts';
import type { Group } from './group.ts';
import { beginRequest, currentRequest } from './request.ts';
import { tellSession } from './session-header.ts';
import type { Sessions } from './session-marks.ts';

const KEY_RANDOM = 999_999;

/** What the request's cookie says. @param name of the cookie */
export function currentSession(name: string): Session | undefined {
  return parseSession(currentRequest.cookie(name));
}

/** Reports whether the request's session belongs to an endpoint of a group. */
export function hasSessionIn(group: Group, sessions: Sessions): boolean {
  const session = sessionIn(group, sessions);
  return session !== undefined && sessions.peerOfMark.has(session.mark);
}

/** The session of the request, unless it is over. */
function sessionIn({ attribute }: Group, { cookie }: Sessions): Session | undefined {
  const session =
    cookie.carrier === 'header' ? parseSession(currentRequest.header(attribute)) : currentSession(attribute);
  return session !== undefined && isOver(session, cookie, ngx.time()) ? undefined : session;
}

/** Index of the peer for the first attempt; the answer sets the cookie where it is not the client's already. */
export function sessionPeer(group: Group, sessions: Sessions, circle: HashCircle): number {
  const { cookie, marks } = sessions;
  const session = sessionIn(group, sessions);
  const foreign = session === undefined ? foreignKey(group, cookie) : undefined;
  if (cookie.carrier === 'header') tell(undefined);
  const key = session === undefined ? (foreign ?? newKey()) : session.key;
  const place = placeOf(group, sessions, circle, session, key);
  const peer = group.ring.peers[place];
  let chosen = place;
  if (peer !== undefined && isAvoided(group, peer, place)) chosen = nextChoice(group, place);
  if (foreign !== undefined) return chosen;
  const named = cookie.changeOnFailure === true ? chosen : place;
  if (session === undefined || session.mark !== marks[named]) setCookie(group, sessions, key, named);
  // A later attempt may have to set it, for which the request must not be in the plain location.
  else if (cookie.changeOnFailure === true && cookie.carrier === undefined) ngx.var['causeway_exit'] = '@causeway_http';
  return chosen;
}

/** What a cookie says that is none of ours. */
function foreignKey({ attribute }: Group, { takesAnyValue }: SessionCookie): string | undefined {
  if (takesAnyValue !== true) return undefined;
  const value = currentRequest.cookie(attribute);
  return value === '' ? undefined : value;
}

/** An attempt failed, the next one goes to this peer. */
export function sessionMoved(group: Group, sessions: Sessions, place: number): void {
  if (sessions.cookie.changeOnFailure !== true) return;
  beginRequest();
  setCookie(group, sessions, sessionIn(group, sessions)?.key ?? newKey(), place);
}

/** Where the session belongs, whether or not that endpoint works. */
function placeOf(
  group: Group,
  sessions: Sessions,
  circle: HashCircle,
  session: Session | undefined,
  key: string,
): number {
  if (sessions.cookie.mode === 'balanced') return peerOfKey(circle, textHash(key));
  return (session === undefined ? undefined : sessions.peerOfMark.get(session.mark)) ?? nextPeer(group.ring);
}

/** Only outside of the plain location answers set cookies. */
function setCookie(group: Group, { cookie, marks }: Sessions, key: string, place: number): void {
  const value = sessionValue({ key, mark: marks[place] ?? '', ofCanary: cookie.ofCanary === true });
  if (cookie.carrier === 'header') {
    tell(value);
    return;
  }
  const expires =
    cookie.expiresSeconds === undefined ? '' : `; Expires=${ngx.cookie_time(ngx.time() + cookie.expiresSeconds)}`;
  const overTls = currentRequest.scheme() === 'https';
  const attributes = cookieAttributes(cookie, overTls, currentRequest.header('user-agent'));
  ngx.var['causeway_cookie'] = `${group.attribute}=${value}${expires}${attributes}`;
  ngx.var['causeway_exit'] = '@causeway_http';
}

/** Of a session in a header: the route has a step for it, and with that its location. */
function tell(value: string | undefined): void {
  const exchange = currentExchange();
  if (exchange !== undefined) tellSession(exchange, value);
}

function newKey(): string {
  return `${ngx.now()}.${ngx.worker.pid()}.${math.random(KEY_RANDOM)}`;
}
