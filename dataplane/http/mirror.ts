/**
 * Copies of requests. Each is sent by a timer while the request itself goes on, so that a mirror that is slow or dead costs the client
 * nothing; what waits is bounded, and what is too much is not copied.
 */
import { urlText } from '../policy/auth-url.ts';
import type { MirrorStep } from '../policy/mirror.ts';
import type { AskedRequest } from '../policy/question.ts';
import { askAgent } from './agent-question.ts';
import { isWhole, readCall } from './call-retry.ts';
import type { Exchange } from './exchange.ts';
import { beginRequest, currentRequest } from './request.ts';
import { hasBody, readBody } from './request-body.ts';
import { requestService, type ServiceRequest, TIMEOUT_MS } from './service-request.ts';
import { askVerified } from './verified-service.ts';

/** Copies under way at most, per worker. */
const MOST_UNDER_WAY = 128;
/** Requests with a longer body are not copied. */
const MAX_BODY_BYTES = 1_048_576;
/** The same where the agent sends the copy. */
const MAX_TOLD_BYTES = 524_288;
/** Less than the agent reads. */
const MAX_QUESTION_BYTES = 1_000_000;
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
export function mirrorRequest(step: MirrorStep, exchange: Exchange): undefined {
  if (underWay >= MOST_UNDER_WAY) return undefined;
  if (step.share !== undefined && math.random() >= step.share) return undefined;
  if (step.calls === true) {
    readCall(exchange);
    if (!isWhole(exchange)) return undefined;
  }
  let body: string | undefined = '';
  if (step.body && hasBody())
    body = readBody(step.tls === undefined && step.http2 === undefined ? MAX_BODY_BYTES : MAX_TOLD_BYTES);
  beginRequest();
  if (body === undefined) return undefined;
  const sending = step.tls === undefined && step.http2 === undefined ? sendLater(step, body) : tellLater(step, body);
  const [started] = ngx.timer.at(0, sending);
  if (started !== undefined) underWay++;
  return undefined;
}

type Sending = (this: void, premature: boolean) => void;

function sendLater(step: MirrorStep, body: string): Sending {
  const method = currentRequest.method();
  const lines: string[] = [`${method} ${urlText(step.path, currentRequest)} HTTP/1.1\r\n`];
  for (const [name, value] of copiedHeaders(step)) {
    lines.push(value === '' ? `${name}:\r\n` : `${name}: ${value}\r\n`);
  }
  lines.push(body === '' ? '\r\n' : `Content-Length: ${body.length}\r\n\r\n`);
  if (body !== '') lines.push(body);
  const request: ServiceRequest = {
    secure: step.secure,
    host: step.host,
    port: step.port,
    method,
    lines,
    connections: 0,
    requestsPerConnection: REQUESTS_PER_CONNECTION,
    idleSeconds: IDLE_SECONDS,
  };
  return (premature) => ending(premature, () => requestService(request));
}

/** By the agent, which verifies who gets it, and speaks HTTP/2. */
function tellLater(step: MirrorStep, body: string): Sending {
  const { host, port, tls } = step;
  const isByHttp2 = step.http2 === true;
  const request: AskedRequest = {
    method: currentRequest.method(),
    target: urlText(step.path, currentRequest),
    headers: copiedHeaders(step),
    // askVerified() encodes it itself.
    body: body === '' ? undefined : isByHttp2 ? ngx.encode_base64(body) : body,
  };
  if (isByHttp2) {
    const service = { host, port, tls };
    return (premature) => ending(premature, () => askAgent({ op: 'copy', service, request }, MAX_QUESTION_BYTES));
  }
  const service = { host, port, tls: tls ?? '', timeoutMs: TIMEOUT_MS };
  return (premature) => ending(premature, () => askVerified(service, request));
}

function ending(premature: boolean, send: (this: void) => void): void {
  if (!premature) {
    try {
      send();
    } catch (error) {
      ngx.log(ngx.ERR, 'mirror: ', tostring(error));
    }
  }
  underWay--;
}

function copiedHeaders({
  hostHeader,
}: Pick<MirrorStep, 'hostHeader'>): readonly (readonly [name: string, value: string])[] {
  const headers: (readonly [string, string])[] = [['Host', hostHeader ?? currentRequest.header('host') ?? '']];
  const own = new LuaTable<string, boolean>();
  for (const name of OWN_NAMES) own.set(name, true);
  const sent = ngx.req.get_headers(0, true);
  for (const name in sent) {
    const value = sent[name];
    if (own.get(string.lower(name)) === true) continue;
    if (typeof value === 'string') headers.push([name, value]);
    else if (typeof value === 'object') for (const one of value) headers.push([name, one]);
    else headers.push([name, '']);
  }
  headers.push(['X-Forwarded-For', currentRequest.sourceAddress()]);
  return headers;
}
