/** Where a redirect leads, the same in nginx and in explain. Source: spec ALB-69. */
import { slice } from '#platform';
import { replacePathPrefix } from './path-prefix.ts';
import { encodePath } from './percent.ts';
import type { RequestView } from './request-view.ts';

/** Instead of forwarding. What is absent is taken from the request. */
export interface Redirect {
  readonly status: number;
  readonly to:
    | { readonly type: 'location'; readonly location: string }
    | {
        readonly type: 'parts';
        readonly scheme?: string;
        readonly host?: string;
        /** Absent: the usual one of the scheme, if the request does not name one or the scheme or host is given. */
        readonly port?: number;
        readonly path?:
          | { readonly type: 'full'; readonly path: string; readonly keepsQuery?: true }
          | { readonly type: 'prefix'; readonly prefix: string; readonly replacement: string };
        /** A slash at the very end of path and query of the request goes. */
        readonly trimsSlash?: true;
      };
}

/** Value of the Location header. */
export function redirectLocation(redirect: Redirect, request: RequestView): string {
  const { to } = redirect;
  if (to.type === 'location') return to.location;
  const scheme = to.scheme ?? request.scheme();
  const host = to.host ?? request.host();
  const port = to.port === undefined || isUsual(scheme, to.port) ? '' : `:${to.port}`;
  return `${scheme}://${host}${port}${to.trimsSlash === true ? trimmed(request.target()) : pathAndQuery(to.path, request)}`;
}

type RedirectPath = Extract<Redirect['to'], { type: 'parts' }>['path'];

function pathAndQuery(path: RedirectPath, request: RequestView): string {
  if (path === undefined) return request.target();
  if (path.type === 'full' && path.keepsQuery !== true) return path.path;
  const query = request.queryText();
  if (path.type === 'full') return query === '' ? path.path : `${path.path}?${query}`;
  const replaced = encodePath(replacePathPrefix(request.path(), path.prefix, path.replacement));
  return query === '' ? replaced : `${replaced}?${query}`;
}

function trimmed(target: string): string {
  const last = target.length - 1;
  return slice(target, last, target.length) === '/' ? slice(target, 0, last) : target;
}

function isUsual(scheme: string, port: number): boolean {
  return (scheme === 'http' && port === 80) || (scheme === 'https' && port === 443);
}
