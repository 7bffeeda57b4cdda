/** Content phase of requests that the proxy answers itself: no match, no endpoints, `respond` actions. */
import { CLOSED_STATUS } from '../policy/client-connections.ts';
import type { Content } from '../policy/content.ts';
import { templateText } from '../policy/template.ts';
import { type Answer, currentExchange, type Exchange } from './exchange.ts';
import { beginRequest, currentRequest } from './request.ts';

/** gRPC clients expect their status in a header, with HTTP status 200. */
const GRPC_UNAVAILABLE = 14;
/** Source: gRPC, "HTTP to gRPC Status Code Mapping". */
const GRPC_STATUS: Readonly<Record<number, number>> = { 400: 13, 401: 16, 403: 7, 404: 12 };
const NO_ANSWER: Answer = { status: 500, reason: '' };

/**
 * Body of content_by_lua. The body shows no technology (spec ALB-110); the reason
 * is added by nginx.conf.
 */
export function answer(): void {
  const exchange = currentExchange();
  if (exchange === undefined) ngx.exit(500);
  else sendAnswer(exchange, exchange.answer ?? NO_ANSWER);
}

/** Ends the request, also in the access phase. */
export function sendAnswer(exchange: Exchange, given: Answer): void {
  exchange.answer = given;
  const { status, grpcStatus } = given;
  if (status === CLOSED_STATUS) {
    ngx.exit(status);
    return;
  }
  if (given.reason !== '') ngx.var['causeway_reason'] = given.reason;
  const contentType = ngx.var['content_type'];
  const fails = status >= 400 || grpcStatus !== undefined;
  if (fails && contentType !== undefined && string.sub(contentType, 1, 16) === 'application/grpc') {
    ngx.status = 200;
    ngx.header['content-type'] = 'application/grpc';
    ngx.header['grpc-status'] = grpcStatus ?? GRPC_STATUS[status] ?? GRPC_UNAVAILABLE;
    ngx.header['content-length'] = 0;
    ngx.exit(200);
    return;
  }
  const { content } = given;
  let body = status >= 400 ? `X-Error: ${status}\n` : '';
  ngx.status = status;
  if (content !== undefined) body = contentText(content);
  if (status !== 204) {
    ngx.header['content-type'] = content === undefined ? 'text/plain' : content.contentType;
    ngx.header['content-length'] = body.length;
  }
  const { headers } = given;
  if (headers !== undefined) for (const name in headers) ngx.header[name] = headers[name];
  if (content !== undefined && content.headers !== undefined) {
    for (const name in content.headers) ngx.header[name] = content.headers[name];
  }
  if (content !== undefined && content.madeHeaders !== undefined) {
    beginRequest();
    for (const { name, value } of content.madeHeaders) {
      const text = templateText(value, currentRequest);
      if (text !== '') ngx.header[name] = text;
    }
  }
  ngx.print(body);
  ngx.exit(200);
}

function contentText({ text, template }: Content): string {
  if (template === undefined) return text;
  beginRequest();
  return templateText(template, currentRequest);
}
