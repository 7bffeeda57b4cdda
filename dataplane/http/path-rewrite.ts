/** Sends another path to the backend (spec ALB-72). What nginx.conf says by $request_uri stays that of the client. */
import { compilePathRewrite, type PathRewrite, type PathRewriteStep, rewrittenPath } from '../policy/path-rewrite.ts';
import { encodePath } from '../policy/percent.ts';
import { currentRequest } from './request.ts';

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
  if (rewritten !== undefined) ngx.req.set_uri(rewritten, false, true);
  return undefined;
}
