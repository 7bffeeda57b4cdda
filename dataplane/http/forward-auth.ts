/**
 * Asks another service whether a request may pass.
 *
 * Source: spec ALB-82 to ALB-90.
 */
import { decode, encode } from 'cjson.safe';
import type { ForwardAuthStep } from '../policy/auth.ts';
import { headerText, signinLocation, urlText } from '../policy/auth-url.ts';
import { templateText } from '../policy/template.ts';
import { remember, remembered } from './auth-memory.ts';
import type { Answer } from './exchange.ts';
import { originalQuestion, questionText } from './original-question.ts';
import { plainName, takeOffPlain } from './plain-name.ts';
import { beginRequest, currentRequest } from './request.ts';
import { toldBody } from './request-body.ts';
import { sealed } from './secret-key.ts';
import { requestService, type ServiceAnswer, TIMEOUT_MS } from './service-request.ts';
import { askVerified } from './verified-service.ts';

/** What is needed of an answer, also when it comes from memory. */
interface Decision {
  readonly status: number;
  /** For the backend, by name as written in the step. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly challenges: readonly string[];
  /** Where the client is sent. */
  readonly location?: string;
}

const TOO_LARGE: Answer = { status: 413, reason: 'RequestTooLarge : the body is larger than allowed' };

/** A remembered decision that is longer than this is not remembered. */
const MAX_REMEMBERED_BYTES = 8192;

/** Takes off what only the service may say, also where a backend would read `_` as `-`. */
export function takeOffIdentity(step: ForwardAuthStep): undefined {
  if (step.upstreamHeaders === 'all' || step.upstreamHeaders.length === 0) return undefined;
  const names = new LuaTable<string, boolean>();
  for (const name of step.upstreamHeaders) names.set(plainName(name), true);
  takeOffPlain(names);
  return undefined;
}

/** @returns what ends the request. Waits. */
export function askService(step: ForwardAuthStep): Answer | undefined {
  const key = step.cache === undefined ? undefined : memoryKey(step, step.cache.key);
  const known = key === undefined ? undefined : remembered(key);
  if (known !== undefined) return follow(step, decode(known)[0] as Decision, undefined);

  let body: string | undefined;
  if (step.bodyBytes !== undefined) {
    body = toldBody(step.bodyBytes, step.cutsBody);
    beginRequest();
    if (body === undefined) return TOO_LARGE;
  }
  const service = step.services === undefined ? undefined : step.services[math.random(step.services.length) - 1];
  const host = service === undefined ? templateText(step.host, currentRequest) : service.host;
  if (host === '') return failed(step, 'build-auth-request-fail : no host');
  const method = step.method === '' ? currentRequest.method() : step.method;
  const [answer, problem] = answerOf(step, service ?? step, host, method, body);
  beginRequest();
  if (answer === undefined) return failed(step, `send-auth-request-fail : ${problem}`);
  if (step.failedStatus !== undefined && answer.status >= 500) {
    return failed(step, `auth-service-status: ${answer.status}`);
  }
  const decision = decisionOf(step, answer);
  const cookies = answer.headers.get('set-cookie');
  if (key !== undefined && step.cache !== undefined && cookies === undefined) {
    const seconds = step.cache.seconds[`${answer.status}`];
    const [text] = encode(decision);
    if (seconds !== undefined && text !== undefined && text.length <= MAX_REMEMBERED_BYTES) {
      remember(key, text, seconds);
    }
  }
  return follow(step, decision, cookies);
}

function answerOf(
  step: ForwardAuthStep,
  { port, tls }: Pick<ForwardAuthStep, 'port' | 'tls'>,
  host: string,
  method: string,
  body: string | undefined,
): ReturnType<typeof requestService> {
  const { original, timeoutMs } = step;
  const question =
    original && originalQuestion(step, original.headers, forwardedFor(currentRequest.sourceAddress()), body);
  if (tls !== undefined && question !== undefined) {
    return askVerified({ host, port, tls, timeoutMs: timeoutMs ?? TIMEOUT_MS }, question);
  }
  return requestService({
    secure: step.secure,
    host,
    port,
    method,
    timeoutMs,
    lines: question === undefined ? questionLines(step, host, method) : questionText(question),
    connections: step.connections,
    requestsPerConnection: step.requestsPerConnection,
    idleSeconds: step.idleSeconds,
  });
}

/** Body of a response step: cookies of the service, for the answers that get them (spec ALB-86). */
export function passCookiesOn(step: ForwardAuthStep): void {
  const cookies = ngx.var['causeway_auth_cookies'];
  if (cookies === undefined || cookies === '') return;
  if (!step.alwaysSetCookie && COOKIE_STATUSES[`${ngx.status}`] !== true) return;
  const values: string[] = [];
  const present = ngx.header['set-cookie'];
  if (typeof present === 'object') for (const one of present) values.push(one);
  else if (present !== undefined) values.push(`${present}`);
  for (const [cookie] of string.gmatch(cookies, '[^\n]+')) if (cookie !== undefined) values.push(cookie);
  ngx.header['set-cookie'] = values;
}

const COOKIE_STATUSES: Readonly<Record<string, boolean>> = {
  '200': true,
  '201': true,
  '204': true,
  '206': true,
  '301': true,
  '302': true,
  '303': true,
  '304': true,
  '307': true,
  '308': true,
};

function failed({ failedStatus, failOpen }: ForwardAuthStep, reason: string): Answer | undefined {
  if (failOpen === true) return undefined;
  return { status: failedStatus ?? 500, reason: `AuthFail : ${reason}` };
}

/** Parts are kept apart: what one variable says cannot be mistaken for what another does. */
function memoryKey(step: ForwardAuthStep, key: NonNullable<ForwardAuthStep['cache']>['key']): string {
  let text = step.id;
  for (const part of key) {
    const value = templateText([part], currentRequest);
    text = `${text}\n${value.length} ${value}`;
  }
  return sealed(text);
}

function decisionOf(step: ForwardAuthStep, answer: ServiceAnswer): Decision {
  const headers: Record<string, readonly string[]> = {};
  const { status } = answer;
  if (status >= 200 && status < 300) {
    if (step.upstreamHeaders === 'all') {
      for (const [name, values] of answer.headers) if (OF_ANSWER[name] !== true) headers[name] = values;
    } else {
      for (const name of step.upstreamHeaders) {
        const values = answer.headers.get(string.lower(name));
        if (values !== undefined) headers[name] = values;
      }
    }
  }
  const challenges = status === 401 ? (answer.headers.get('www-authenticate') ?? []) : [];
  const location = step.original === undefined ? undefined : answer.headers.get('location')?.[0];
  return location === undefined ? { status, headers, challenges } : { status, headers, challenges, location };
}

/** About an answer itself, or its connection: no request has them. */
const OF_ANSWER: Readonly<Record<string, boolean>> = {
  'accept-ranges': true,
  age: true,
  allow: true,
  connection: true,
  'content-encoding': true,
  'content-language': true,
  'content-length': true,
  'content-location': true,
  'content-range': true,
  'content-type': true,
  date: true,
  etag: true,
  expires: true,
  host: true,
  'keep-alive': true,
  'last-modified': true,
  server: true,
  'set-cookie': true,
  te: true,
  trailer: true,
  'transfer-encoding': true,
  upgrade: true,
  vary: true,
};

function follow(step: ForwardAuthStep, decision: Decision, cookies: readonly string[] | undefined): Answer | undefined {
  const { status } = decision;
  const passes = step.original === undefined ? status >= 200 && status < 300 : status === 200;
  if (cookies !== undefined && (passes || step.alwaysSetCookie)) {
    ngx.var['causeway_auth_cookies'] = table.concat(cookies as string[], '\n');
  }
  if (passes) {
    for (const name in decision.headers) {
      const values = decision.headers[name] ?? [];
      ngx.req.set_header(name, values.length === 1 ? (values[0] ?? '') : values);
    }
    return undefined;
  }
  const reason = `AuthFail : auth-service-status: ${status}`;
  if (step.original !== undefined) return denied(decision, reason);
  if (status === 403) return { status, reason };
  if (status !== 401) return { status: 500, reason };
  if (step.signin !== undefined) {
    return { status: 302, reason: '', headers: { location: signinLocation(step.signin, currentRequest) } };
  }
  return decision.challenges.length === 0
    ? { status, reason }
    : { status, reason, headers: { 'www-authenticate': table.concat(decision.challenges as string[], ', ') } };
}

/** As the service said; a success that is none for us is an error of the service. */
function denied({ status, challenges, location }: Decision, reason: string): Answer {
  if (status < 300) return { status: 500, reason };
  const headers: Record<string, string> = {};
  if (challenges.length > 0) headers['www-authenticate'] = table.concat(challenges as string[], ', ');
  if (location !== undefined) headers['location'] = location;
  return { status, reason, headers };
}

/** Of one connection, of the body that is not sent, or set by us: not passed on from the client. */
const OWN_NAMES: readonly string[] = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
  'host',
  'expect',
  'http2-settings',
  'forwarded',
  'x-original-uri',
  'x-original-url',
  'x-original-method',
  'x-scheme',
  'x-sent-from',
  'x-real-ip',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-uri',
  'x-forwarded-method',
  'x-forwarded-server',
  'x-forwarded-scheme',
  'x-forwarded-prefix',
];
const IDENTITY_PREFIX = 'x-auth-request-';

function questionLines(step: ForwardAuthStep, host: string, method: string): readonly string[] {
  const usual = step.port === (step.secure ? 443 : 80);
  const lines: string[] = [
    `${method} ${urlText(step.target, currentRequest)} HTTP/1.1\r\n`,
    `Host: ${host}${usual ? '' : `:${step.port}`}\r\n`,
  ];
  const taken = new LuaTable<string, boolean>();
  for (const name of OWN_NAMES) taken.set(name, true);
  const named = currentRequest.header('connection') ?? '';
  for (const [token] of string.gmatch(named, '[^%s,]+')) if (token !== undefined) taken.set(plainName(token), true);
  for (const { name } of step.headers) taken.set(plainName(name), true);
  const sent = ngx.req.get_headers(0, true);
  for (const name in sent) {
    const value = sent[name];
    const plain = plainName(name);
    if (taken.get(plain) === true || string.sub(plain, 1, IDENTITY_PREFIX.length) === IDENTITY_PREFIX) continue;
    if (typeof value === 'string') lines.push(`${name}: ${value}\r\n`);
    else if (typeof value === 'object') for (const one of value) lines.push(`${name}: ${one}\r\n`);
    else lines.push(`${name}:\r\n`);
  }
  const target = currentRequest.target();
  const scheme = currentRequest.scheme();
  const asked = currentRequest.header('host') ?? '';
  const from = currentRequest.sourceAddress();
  lines.push(`X-Original-URI: ${target}\r\nX-Original-URL: ${scheme}://${asked}${target}\r\n`);
  lines.push(`X-Original-Method: ${currentRequest.method()}\r\nX-Scheme: ${scheme}\r\nX-Sent-From: alb\r\n`);
  lines.push(`X-Real-IP: ${from}\r\nX-Forwarded-For: ${forwardedFor(from)}\r\n`);
  lines.push(`X-Forwarded-Proto: ${scheme}\r\nX-Forwarded-Host: ${asked}\r\n`);
  lines.push(`X-Forwarded-Port: ${currentRequest.port()}\r\n`);
  let redirects = false;
  for (const { name, value } of step.headers) {
    if (string.lower(name) === 'x-auth-request-redirect') redirects = true;
    lines.push(`${name}: ${headerText(value, currentRequest)}\r\n`);
  }
  if (!redirects) lines.push(`X-Auth-Request-Redirect: ${target}\r\n`);
  lines.push(method === 'GET' || method === 'HEAD' ? '\r\n' : 'Content-Length: 0\r\n\r\n');
  return lines;
}

/** What the backend gets: the client's header, and the peer behind it. */
function forwardedFor(from: string): string {
  const present = currentRequest.header('x-forwarded-for');
  return ngx.var['causeway_forwarded_for'] ?? (present === undefined ? from : `${present}, ${from}`);
}
