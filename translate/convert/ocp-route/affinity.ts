import type { SessionPersistence } from '@causeway/apis/gateway-api/session-persistence';
import { annotationField } from '../message.ts';
import { annotationOf, HAPROXY, ROUTER, type RouteReading } from './route-reading.ts';

const NAME = `${ROUTER}cookie_name`;
const SAME_SITE = `${ROUTER}cookie-same-site`;
const DISABLE = `${HAPROXY}disable_cookies`;
/** A permanent cookie needs an end, which the guide leaves out. */
const PERMANENT_FOR = '24h';

/** Requests of a session go to one pod. Source: spec MG-08. */
export function sessionPersistence(reading: RouteReading): SessionPersistence | undefined {
  const { options, tell } = reading;
  if (annotationOf(reading, SAME_SITE) !== undefined) {
    tell('W206', annotationField(SAME_SITE), 'not converted: a gateway chooses SameSite itself');
  }
  if (annotationOf(reading, DISABLE)?.toLowerCase() === 'true') return undefined;
  const name = annotationOf(reading, NAME);
  if (name === undefined) {
    if (options.routerDefaults) return { type: 'Cookie', cookieConfig: { lifetimeType: 'Session' } };
    tell('I205', annotationField(NAME), 'absent: the router sets a cookie all the same, a gateway does not');
    return undefined;
  }
  const valid = /^[A-Za-z0-9_-]{1,128}$/.test(name);
  if (!valid)
    tell('W205', annotationField(NAME), `${JSON.stringify(name)} is no name; a name is chosen, as by the router`);
  const named = valid ? { sessionName: name } : {};
  if (options.style === 'faithful') {
    return { type: 'Cookie', ...named, cookieConfig: { lifetimeType: 'Session' } };
  }
  tell(
    'W205',
    annotationField(NAME),
    `the cookie is permanent for ${PERMANENT_FOR}; that of the router ends with the session`,
  );
  return { type: 'Cookie', ...named, absoluteTimeout: PERMANENT_FOR, cookieConfig: { lifetimeType: 'Permanent' } };
}
