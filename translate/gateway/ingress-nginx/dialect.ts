import type { FilterIR, RedirectIR, RouteActionIR, RouteIR } from '@causeway/ir/gateway';
import type { IngressReader } from '../ingress-reader.ts';
import type { IngressNginxSettings } from './settings.ts';

/** What ingress-nginx does otherwise than ALB when the same is asked for. */
interface Dialect {
  readonly read: IngressReader;
  readonly settings: IngressNginxSettings;
  readonly side: 'http' | 'https';
  /** Names the path of the Ingress, whatever the side. */
  readonly location: string;
}

/** Annotations that have an effect here and none under an ALB. */
export const DIALECT_ANNOTATIONS: ReadonlySet<string> = new Set(['relative-redirects', 'use-port-in-redirects']);

const UNAVAILABLE = 503;
const BROKEN = 500;

/** A route as ALB would have it, as ingress-nginx has it. Source: IN-06; ingress-nginx, end-to-end tests. */
export function inDialect(
  { action, filters }: Pick<RouteIR, 'action' | 'filters'>,
  dialect: Dialect,
): Pick<RouteIR, 'action' | 'filters'> {
  return { action: actionIn(action, dialect), filters: filters.map((filter) => filterIn(filter, dialect)) };
}

/**
 * The regular expression that `rewrite-target` replaces: whatever it takes of a path, the whole path is replaced, in any case of letters.
 * A path is decoded and may have line feeds, which `.` takes too.
 */
export function rewriteBase(path: string): string {
  return `(?is)^(?:${path === '' ? '/' : path}).*`;
}

/** What users are told of a route that is refused. */
export function messageInDialect(message: string): string {
  return message.replace('requests are answered 500', `requests are answered ${UNAVAILABLE}`);
}

/** Where ALB says 500, since it has nobody to ask or cannot protect, ingress-nginx says 503. */
function actionIn(action: RouteActionIR, dialect: Dialect): RouteActionIR {
  switch (action.type) {
    case 'forward':
      return { ...action, noEndpoints: { ...action.noEndpoints, status: UNAVAILABLE } };
    case 'respond':
      return action.reason.startsWith('InvalidBalancer') ? { ...action, status: UNAVAILABLE } : action;
    case 'redirect':
      return redirectIn(action, dialect);
  }
}

/** On the way to https a slash at the end goes; a URL without host gets that of the request. */
function redirectIn(redirect: RedirectIR, { read, settings, side }: Dialect): RedirectIR {
  const { to } = redirect;
  const wantsPort = read.value('use-port-in-redirects') === true;
  if (to.type === 'parts') {
    if (to.path !== undefined || to.scheme !== 'https') return redirect;
    const trimsSlash = read.value('preserve-trailing-slash') !== true;
    const port = wantsPort ? { port: settings.https.spec.port } : {};
    return { ...redirect, to: { ...to, ...port, ...(trimsSlash ? { trimsSlash } : {}) } };
  }
  const isWritten = [read.value('permanent-redirect'), read.value('temporal-redirect')].includes(to.location);
  if (!isWritten || !/^\/(?!\/)/.test(to.location) || read.value('relative-redirects') === true) return redirect;
  const port = wantsPort ? { port: settings[side].spec.port } : {};
  return { ...redirect, to: { type: 'parts', scheme: side, ...port, path: { type: 'full', path: to.location } } };
}

function filterIn(filter: FilterIR, { location }: Dialect): FilterIR {
  switch (filter.type) {
    case 'refuse':
      return filter.status === BROKEN ? { ...filter, status: UNAVAILABLE } : filter;
    case 'cors':
      return filter.allowOrigins === 'any' ? { ...filter, allowOrigins: '*' } : filter;
    case 'forwardAuth':
      return { ...filter, scope: location };
    default:
      return filter;
  }
}
