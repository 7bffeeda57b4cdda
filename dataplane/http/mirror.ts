/**
 * Copies of requests. Each is sent by a timer while the request itself goes on, so that a mirror that is slow or dead costs the client
 * nothing; what waits is bounded, and what is too much is not copied.
 */
import { urlText } from '../policy/auth-url.ts';
import type { MirrorStep } from '../policy/mirror.ts';
import { beginRequest, currentRequest } from './request.ts';
import { hasBody, readBody } from './request-body.ts';
import { requestService, type ServiceRequest } from './service-request.ts';

/** Copies under way at most, per worker. */
const MOST_UNDER_WAY = 128;
/** Requests with a longer body are not copied. */
const MAX_BODY_BYTES = 1_048_576;
const IDLE_SECONDS = 60;
const REQUESTS_PER_CONNECTION = 1000;

/** Of one connection, or set by us. */
const OWN_NAMES: readonly string[] = [
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

let underWay = 0;

/** Waits for the body, if it is copied too. */
export function mirrorRequest(step: MirrorStep): undefined {
  if (underWay >= MOST_UNDER_WAY) return undefined;
  if (step.share !== undefined && math.random() >= step.share) return undefined;
  let body: string | undefined = '';
  if (step.body && hasBody()) body = readBody(MAX_BODY_BYTES);
  beginRequest();
  if (body === undefined) return undefined;
  const method = currentRequest.method();
  const request: ServiceRequest = {
    secure: step.secure,
    host: step.host,
    port: step.port,
    method,
    lines: copyLines(step, method, body),
    connections: 0,
    requestsPerConnection: REQUESTS_PER_CONNECTION,
    idleSeconds: IDLE_SECONDS,
  };
  const [started] = ngx.timer.at(0, send, request);
  if (started !== undefined) underWay++;
  return undefined;
}

function send(premature: boolean, request: ServiceRequest): void {
  if (!premature) {
    try {
      requestService(request);
    } catch (error) {
      ngx.log(ngx.ERR, 'mirror: ', tostring(error));
    }
  }
  underWay--;
}

function copyLines(step: MirrorStep, method: string, body: string): readonly string[] {
  const host = step.hostHeader ?? currentRequest.header('host') ?? '';
  const lines: string[] = [`${method} ${urlText(step.path, currentRequest)} HTTP/1.1\r\nHost: ${host}\r\n`];
  const own = new LuaTable<string, boolean>();
  for (const name of OWN_NAMES) own.set(name, true);
  const sent = ngx.req.get_headers(0, true);
  for (const name in sent) {
    const value = sent[name];
    if (own.get(string.lower(name)) === true) continue;
    if (typeof value === 'string') lines.push(`${name}: ${value}\r\n`);
    else if (typeof value === 'object') for (const one of value) lines.push(`${name}: ${one}\r\n`);
    else lines.push(`${name}:\r\n`);
  }
  lines.push(`X-Forwarded-For: ${currentRequest.sourceAddress()}\r\n`);
  lines.push(body === '' ? '\r\n' : `Content-Length: ${body.length}\r\n\r\n`);
  if (body !== '') lines.push(body);
  return lines;
}
