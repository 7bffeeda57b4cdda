/** Sends another path to the backend (spec ALB-72). What nginx.conf says by $request_uri stays that of the client. */
import { band, bnot } from 'bit';
import { copy } from 'ffi';
import { compilePathRewrite, type PathRewrite, type PathRewriteStep, rewrittenPath } from '../policy/path-rewrite.ts';
import { encodePath } from '../policy/percent.ts';
import { requestStructure } from './nginx-request.ts';
import { nginx } from './nginx-structure.ts';
import { currentRequest } from './request.ts';

/** `valid_location` and `valid_unparsed_uri`: both speak of the path as the client sent it. */
const AS_SENT = 0x1800;

/** @returns undefined, and a line in the log, for a pattern that PCRE refuses: the path is passed on as it is */
export function compileRewrite(step: PathRewriteStep): PathRewrite | undefined {
  const rewrite = compilePathRewrite(step);
  if (rewrite === undefined) ngx.log(ngx.ERR, 'a rewrite is skipped: its regular expression cannot be compiled');
  return rewrite;
}

export function rewritePath(rewrite: PathRewrite, log: boolean): undefined {
  const path = currentRequest.path();
  const rewritten = rewrittenPath(rewrite, path);
  if (log) ngx.log(ngx.WARN, 'rewrite: ', encodePath(path), ' to ', encodePath(rewritten ?? path));
  if (rewritten !== undefined) setPath(rewritten);
  return undefined;
}

/** What `ngx.req.set_uri` does, which LuaJIT cannot compile. */
export function setPath(path: string): void {
  const request = requestStructure();
  const bytes = request === undefined || path === '' ? undefined : nginx.ngx_pnalloc(request.pool, path.length);
  if (request === undefined || bytes === undefined) {
    ngx.req.set_uri(path, false, true);
    return;
  }
  copy(bytes, path, path.length);
  request.uri.data = bytes;
  request.uri.len = path.length;
  request.flags = band(request.flags, bnot(AS_SENT));
  nginx.ngx_http_set_exten(request);
}
