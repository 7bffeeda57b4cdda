/** Content phase of requests that the proxy answers itself: no match, no endpoints, `respond` actions. */
import { currentExchange } from './exchange.ts';

/** gRPC clients expect their status in a header, with HTTP status 200. */
const GRPC_UNIMPLEMENTED = 12;
const GRPC_UNAVAILABLE = 14;

/**
 * Body of content_by_lua. The body shows no technology (spec ALB-110); the reason
 * is added by nginx.conf.
 */
export function answer(): void {
  const exchange = currentExchange();
  const status = exchange === undefined || exchange.status === 0 ? 500 : exchange.status;
  const contentType = ngx.var['content_type'];
  if (contentType !== undefined && string.sub(contentType, 1, 16) === 'application/grpc') {
    ngx.status = 200;
    ngx.header['content-type'] = 'application/grpc';
    ngx.header['grpc-status'] = status === 404 ? GRPC_UNIMPLEMENTED : GRPC_UNAVAILABLE;
    ngx.header['content-length'] = 0;
    ngx.exit(200);
    return;
  }
  const body = status >= 400 ? `X-Error: ${status}\n` : '';
  ngx.status = status;
  ngx.header['content-type'] = 'text/plain';
  ngx.header['content-length'] = body.length;
  ngx.print(body);
}
