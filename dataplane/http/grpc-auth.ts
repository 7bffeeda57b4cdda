/**
 * Another service is asked by gRPC whether a request may pass. The agent speaks HTTP/2 to it; a worker tells the agent about the request, and
 * does what the service wants done.
 *
 * Source: GW-38; Envoy, envoy.service.auth.v3.
 */
import type { CheckedHeader, CheckResult, GrpcAuthStep } from '../policy/grpc-auth.ts';
import { askAgent } from './agent-question.ts';
import type { Answer, Exchange } from './exchange.ts';
import { beginRequest, currentRequest } from './request.ts';
import { toldBody } from './request-body.ts';

/** Less than the agent reads. */
const MAX_QUESTION_BYTES = 1_000_000;
/** The agent says itself that time is up. */
const MORE_MS = 1000;
/** Headers of the backend's answer, of requests under way. */
const addedToAnswer: LuaTable<Exchange, readonly CheckedHeader[]> = new LuaTable();

const TOO_LARGE: Answer = { status: 413, reason: 'RequestTooLarge : the body is larger than allowed' };
const FAILED: Answer = { status: 403, reason: 'AuthFail : the authorization service cannot be asked' };

/** @returns what ends the request. Waits. */
export function checkByGrpc(step: GrpcAuthStep, exchange: Exchange): Answer | undefined {
  let body: string | undefined = '';
  if (step.bodyBytes !== undefined) {
    body = toldBody(step.bodyBytes, step.cutsBody);
    beginRequest();
    if (body === undefined) return TOO_LARGE;
  }
  const { services, timeoutMs, extensions } = step;
  const request = {
    method: currentRequest.method(),
    scheme: currentRequest.scheme(),
    host: currentRequest.header('host') ?? '',
    target: currentRequest.target(),
    protocol: ngx.var['server_protocol'] ?? '',
    headers: toldHeaders(step.headers),
    client: currentRequest.sourceAddress(),
    port: currentRequest.port(),
    body: body === '' ? undefined : ngx.encode_base64(body),
  };
  const answer = askAgent(
    { op: 'check', service: { services, timeoutMs, extensions }, request },
    MAX_QUESTION_BYTES,
    timeoutMs + MORE_MS,
  );
  beginRequest();
  if (answer === undefined || answer.verdict !== 'yes' || answer.check === undefined) {
    return step.failOpen ? undefined : FAILED;
  }
  return follow(answer.check, exchange);
}

/** Body of a response step: what the service adds to the answer. */
export function addCheckedHeaders(exchange: Exchange): void {
  const added = addedToAnswer.get(exchange);
  if (added === undefined) return;
  for (const { name, value, append } of added) {
    const present = ngx.header[name];
    ngx.header[name] = append && present !== undefined ? valuesWith(present, value) : value;
  }
}

/** The request is over. */
export function forgetCheckedHeaders(exchange: Exchange): void {
  addedToAnswer.delete(exchange);
}

function valuesWith(present: string | readonly string[] | number, value: string): readonly string[] {
  const values: string[] = [];
  if (typeof present === 'object') for (const one of present) values.push(one);
  else values.push(`${present}`);
  values.push(value);
  return values;
}

function toldHeaders(names: readonly string[] | undefined): Record<string, string> {
  const told: Record<string, string> = {};
  if (names === undefined) {
    for (const name in ngx.req.get_headers(0)) told[name] = currentRequest.header(name) ?? '';
  } else {
    for (const name of names) {
      const value = currentRequest.header(name);
      if (value !== undefined) told[name] = value;
    }
  }
  return told;
}

function follow(
  { status, body, headers, removed, responseHeaders }: CheckResult,
  exchange: Exchange,
): Answer | undefined {
  if (status !== undefined) return denied(status, body ?? '', headers);
  for (const name of removed) ngx.req.clear_header(name);
  for (const { name, value, append } of headers) {
    const present = append ? ngx.req.get_headers(0)[string.lower(name)] : undefined;
    if (present === undefined || typeof present === 'boolean') ngx.req.set_header(name, value);
    else ngx.req.set_header(name, valuesWith(present, value));
  }
  if (responseHeaders.length > 0) addedToAnswer.set(exchange, responseHeaders);
  beginRequest();
  return undefined;
}

function denied(status: number, body: string, headers: readonly CheckedHeader[]): Answer {
  const own: Record<string, readonly string[]> = {};
  for (const { name, value } of headers) {
    const lower = string.lower(name);
    const present = own[lower];
    own[lower] = present === undefined ? [value] : valuesWith(present, value);
  }
  const content = body === '' ? undefined : { text: body, contentType: 'text/plain' };
  return { status, content, headers: own, reason: `AuthFail : auth-service-status: ${status}` };
}
