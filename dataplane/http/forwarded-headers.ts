/**
 * What the backend is told about the client (spec ALB-75), for routes that change some of it; for all others nginx.conf says the same
 * (targets/nginx/conf/forwarded-headers.ts).
 */
import { currentRequest } from './request.ts';

/** Instead of what the client says under these names. */
export function setForwardedHeaders(): undefined {
  const { set_header: set } = ngx.req;
  const target = currentRequest.target();
  const scheme = currentRequest.scheme();
  const host = ngx.var['http_host'] ?? '';
  set('X-Forwarded-For', ngx.var['causeway_forwarded_for'] ?? forwardedFor());
  set('X-Real-IP', currentRequest.sourceAddress());
  set('X-Forwarded-Proto', scheme);
  set('X-Scheme', scheme);
  set('X-Forwarded-Host', host);
  set('X-Forwarded-Port', currentRequest.port());
  set('X-Original-URI', target);
  set('X-Original-URL', `${scheme}://${host}${target}`);
  set('X-Original-Method', ngx.req.get_method());
  return undefined;
}

/** Without trusted proxies; nginx's own variable for it cannot be read from here. */
function forwardedFor(): string {
  const received = currentRequest.header('x-forwarded-for');
  const peer = currentRequest.sourceAddress();
  return received === undefined || received === '' ? peer : `${received}, ${peer}`;
}

/** The Connection header that the backend gets, also of requests that want an upgrade. */
export function setConnection(value: string): undefined {
  ngx.var['causeway_new_connection'] = value;
  return undefined;
}
