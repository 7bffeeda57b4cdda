/**
 * What is done for the requests of a route beside forwarding them: its steps (../policy/step.ts), compiled when the route arrives. Each
 * kind of step is a file of its own, which says when it acts:
 *
 * - `request`, in the "set" phase: quick, cannot wait, may end the request with an answer, or choose the group it goes to;
 * - `waiting`, in the access phase: may wait for others, may end the request;
 * - `response`, when the headers of the answer are known, also of our own answers;
 * - `log`, when the request is over, before it is counted.
 *
 * Routes without steps have no work and pay nothing for it.
 */
import { encode } from 'cjson.safe';
import { type AddressRanges, compileAddressRanges, isNamed, mayPass } from '../policy/address-ranges.ts';
import { compileAuthorization, isAuthorized } from '../policy/authorization.ts';
import { exceedsBodyLimit } from '../policy/body-limit.ts';
import type { ClientCertificateStep } from '../policy/client-certificate.ts';
import { hasPage } from '../policy/error-pages.ts';
import type { RouteAction } from '../policy/record.ts';
import type { FirewallStep, Step } from '../policy/step.ts';
import { answerAt } from '../policy/weighted-answer.ts';
import { accessLogWork } from './access-log.ts';
import { sendAnswer } from './answer.ts';
import { verifyApiKey } from './api-key.ts';
import { changeCookies, changeLocation } from './backend-answer.ts';
import { backendConnectionsWork, giveBackendConnection } from './backend-connections.ts';
import { forgetCall, readCall, takeCallBack } from './call-retry.ts';
import { canaryWork } from './canary.ts';
import { certificateHeaderWork } from './certificate-header.ts';
import { takeOffClientCertificate } from './client-certificate.ts';
import { clientConnectionsWork, closeDelayWork } from './client-connections.ts';
import { compressAnswer, forgetCompression, noteCoding } from './compression.ts';
import { answerPreflight, compileCors, preflightAnswer } from './cors.ts';
import { durationLimitWork } from './deadline.ts';
import { endpointConnectionsWork, giveEndpointConnection, moveConnection } from './endpoint-connections.ts';
import { endpointOverrideWork } from './endpoint-override.ts';
import { type Answer, currentExchange, type Exchange } from './exchange.ts';
import { abortWork, delayWork } from './fault.ts';
import { askService, passCookiesOn, takeOffIdentity } from './forward-auth.ts';
import { setConnection, setForwardedHeaders } from './forwarded-headers.ts';
import { aloneLimitWork, answerCostWork, togetherLimitWork } from './global-limit.ts';
import { addCheckedHeaders, checkByGrpc, forgetCheckedHeaders } from './grpc-auth.ts';
import { compileRequestChanges, compileResponseChanges } from './headers.ts';
import { inTurn, untilAnswered } from './in-turn.ts';
import { jwtWork } from './jwt.ts';
import { releaseConnection, requestLimitWork, responseSpeedWork } from './limit.ts';
import { mirrorRequest } from './mirror.ts';
import { announcesBody } from './nginx-request.ts';
import { forgetSignInCookies, oidcWork, setSignInCookies } from './oidc.ts';
import { verifyPassword } from './password-auth.ts';
import { compileRewrite, rewritePath } from './path-rewrite.ts';
import { forgetStanding, setRateHeaders } from './rate-headers.ts';
import { removeAnswerHeaders, removeRequestHeaders } from './remove-headers.ts';
import { beginRequest, currentRequest } from './request.ts';
import { requestDeadlineWork } from './request-deadline.ts';
import { clientFromHeader, slashesWork, underscoresWork } from './request-form-work.ts';
import { setSessionHeader } from './session-header.ts';
import { spareGroupWork } from './spare-group.ts';
import { beginTrace, endTrace, isSampled } from './tracing.ts';

export interface Work {
  /** Judged before anything is done. */
  readonly client: ClientCertificateStep | undefined;
  /** Asked before anything else is done. */
  readonly firewall: FirewallStep | undefined;
  /** After all of it another route may take the request (wait.ts). */
  readonly reroutes: boolean;
  /** Answers of our own wait until all of it has let the request in. */
  readonly guards: boolean;
  readonly request: RequestWork | undefined;
  readonly waiting: readonly WaitingWork[];
  readonly response: ResponseWork | undefined;
  readonly log: LogWork | undefined;
  /** When a further attempt goes to another endpoint. */
  readonly moves: ResponseWork | undefined;
  /** The location in which the request goes on; `''`: wherever it would go without work. */
  readonly exit: string;
  /** The same for requests that become spans: one that calls log work. */
  readonly sampledExit: string;
  /** Headers of nginx.conf are those of the request; headers about its certificate were taken off, in every spelling. */
  readonly ownsForwarded: boolean;
  readonly copiesHeaders: boolean;
}

/** @returns what ends the request */
export type RequestWork = (this: void, exchange: Exchange) => Answer | undefined;
/** Like {@link RequestWork}; after a wait `currentRequest` is another's until `beginRequest()`. */
export type WaitingWork = (this: void, exchange: Exchange) => Answer | undefined;
export type ResponseWork = (this: void, exchange: Exchange) => void;
export type LogWork = (this: void, exchange: Exchange) => void;

interface OpenWork {
  client: ClientCertificateStep | undefined;
  firewall: FirewallStep | undefined;
  guards: boolean;
  /** Somebody is asked who the client is, or what it may, in {@link waiting}. */
  judges: boolean;
  readonly request: RequestWork[];
  readonly waiting: WaitingWork[];
  /** After all of {@link waiting}: of requests that nobody has refused. */
  readonly copying: WaitingWork[];
  readonly response: ResponseWork[];
  /** After all of {@link response}. */
  readonly late: ResponseWork[];
  ownsForwarded: boolean;
  /** X-Forwarded-Client-Cert is not taken off first. */
  forwardsCertificate: boolean;
  /** The backend may get another Host. */
  renames: boolean;
  /** Others than the backend get headers of the request. */
  copiesHeaders: boolean;
  readonly moves: ResponseWork[];
  /** For every request. */
  readonly log: LogWork[];
  /** For those that become spans. */
  readonly sampled: LogWork[];
}

/** The reason is the one that nginx.conf gives when nginx itself has counted. */
const TOO_LARGE: Answer = { status: 413, reason: 'RequestTooLarge : the body is larger than allowed' };

/** Compiled with the first request; forgotten with the action. */
const compiled = setmetatable(new LuaTable<RouteAction, Work>(), { __mode: 'k' });

/** @returns undefined when there is nothing to do */
export function workOf(action: RouteAction): Work | undefined {
  return action.steps === undefined ? undefined : (compiled.get(action) ?? compile(action, action.steps));
}

/** Of a request that comes from another route; forgotten with the actions. */
const compiledAfter = setmetatable(new LuaTable<RouteAction, LuaTable<RouteAction, Work>>(), { __mode: 'k' });

/**
 * What is still to be done for a request whose first route has let it in and looks for its route again. Steps of that route which it has
 * done are not done again where the second has the same; what they do to the answer is. Requests fail on purpose, or wait, as the first says: that
 * comes before anybody is asked.
 */
export function workAfter(first: RouteAction, action: RouteAction): Work {
  const known = compiledAfter.get(action) ?? setmetatable(new LuaTable<RouteAction, Work>(), { __mode: 'k' });
  compiledAfter.set(action, known);
  const work = known.get(first) ?? compileAfter(first, action);
  known.set(first, work);
  return work;
}

function compileAfter(first: RouteAction, action: RouteAction): Work {
  const before = workOf(first);
  const done = doneSteps(first.steps ?? []);
  const open = newWork();
  if (before?.ownsForwarded === true) open.ownsForwarded = true;
  for (const step of action.steps ?? []) {
    const name = nameOf(step);
    const same = done.get(name);
    if (step.type === 'fault') continue;
    if (same === undefined) addStep(open, step);
    else {
      done.delete(name);
      addAnswerPart(open, step);
    }
  }
  // What whoever was asked says to the client, and what ends with the request.
  for (const step of first.steps ?? []) {
    const left = done.get(nameOf(step));
    if (left !== undefined && ANSWERS.has(step.type)) addAnswerPart(open, step);
  }
  const takesOff =
    (open.copiesHeaders || open.ownsForwarded) &&
    (before === undefined || (!before.copiesHeaders && (open.copiesHeaders || !before.ownsForwarded)));
  return close(action, open, false, takesOff);
}

const ANSWERS: LuaSet<Step['type']> = new LuaSet();
for (const type of ['oidc', 'grpcAuth', 'forwardAuth', 'tracing'] as const) ANSWERS.add(type);

/** Those up to where the route is looked for again. */
function doneSteps(steps: readonly Step[]): LuaTable<string, Step> {
  const done = new LuaTable<string, Step>();
  for (const step of steps) {
    if (step.type === 'reroute') break;
    done.set(nameOf(step), step);
  }
  return done;
}

/** Equal for equal steps. A trace begins once, whatever a second route says of it. */
function nameOf(step: Step): string {
  return step.type === 'tracing' ? 'tracing' : (encode(step)[0] ?? '');
}

function compile(action: RouteAction, steps: readonly Step[]): Work {
  const open = newWork();
  let reroutes = false;
  for (const step of steps) {
    // From there on another route may have the request; but preflights are answered before anybody is asked.
    if (reroutes && step.type !== 'cors') addAnswerPart(open, step);
    else addStep(open, step);
    if (step.type === 'reroute') reroutes = true;
  }
  const work = close(action, open, reroutes, open.copiesHeaders || open.ownsForwarded);
  compiled.set(action, work);
  return work;
}

/** Of a step that is not done, what it does to the answer and in the end. */
function addAnswerPart(open: OpenWork, step: Step): void {
  const { client, guards, forwardsCertificate, response, late, moves, log, sampled } = addedAlone(step);
  if (client !== undefined) open.client = client;
  if (guards) open.guards = true;
  if (forwardsCertificate) open.forwardsCertificate = true;
  for (const each of response) open.response.push(each);
  for (const each of late) open.late.push(each);
  for (const each of moves) open.moves.push(each);
  for (const each of log) open.log.push(each);
  for (const each of sampled) open.sampled.push(each);
}

function addedAlone(step: Step): OpenWork {
  const open = newWork();
  addStep(open, step);
  return open;
}

function newWork(): OpenWork {
  return {
    client: undefined,
    firewall: undefined,
    guards: false,
    judges: false,
    request: [],
    waiting: [],
    copying: [],
    response: [],
    late: [],
    ownsForwarded: false,
    forwardsCertificate: false,
    renames: false,
    copiesHeaders: false,
    moves: [],
    log: [],
    sampled: [],
  };
}

/** @param takesOff headers about the certificate of the client, before anything else */
function close(action: RouteAction, open: OpenWork, reroutes: boolean, takesOff: boolean): Work {
  for (const each of open.late) open.response.push(each);
  for (const each of open.copying) open.waiting.push(each);
  const log: LogWork[] = [];
  for (const each of open.log) log.push(each);
  for (const each of open.sampled) log.push(each);
  if (takesOff) {
    const takeOff = takeOffClientCertificate({
      everySpelling: open.copiesHeaders,
      isJudged: open.client !== undefined,
      isForwarded: open.forwardsCertificate,
    });
    table.insert(open.request, 1, takeOff);
  }
  return {
    client: open.client,
    firewall: open.firewall,
    reroutes,
    guards: open.guards,
    request: untilAnswered(open.request),
    waiting: open.waiting,
    response: inTurn(open.response),
    log: inTurn(log),
    moves: inTurn(open.moves),
    exit: locationOf(action, open, open.log.length > 0),
    sampledExit: locationOf(action, open, true),
    ownsForwarded: open.ownsForwarded,
    copiesHeaders: open.copiesHeaders,
  };
}

function addStep(work: OpenWork, step: Step): void {
  switch (step.type) {
    case 'accessLog':
      work.log.push(accessLogWork(step));
      break;
    case 'backendName':
      work.request.push(() => {
        ngx.var['causeway_backend_name'] = step.name;
        return undefined;
      });
      break;
    case 'bodyLimit':
      work.request.push(() =>
        announcesBody() && exceedsBodyLimit(step.bytes, currentRequest) ? TOO_LARGE : undefined,
      );
      break;
    case 'clientCertificate':
      work.client = step;
      ownForwarded(work);
      break;
    case 'connection':
      ownForwarded(work);
      work.request.push(() => setConnection(step.value));
      break;
    case 'hostFromHeader':
      work.renames = true;
      afterJudges(work).push(() => takeHost(step.header));
      break;
    case 'location':
      work.response.push((exchange) => changeLocation(step, exchange));
      break;
    case 'setCookie':
      work.response.push((exchange) => changeCookies(step, exchange));
      break;
    case 'cors': {
      const preflight = preflightAnswer(step);
      work.request.push(() => answerPreflight(preflight));
      work.response.push(compileCors(step));
      break;
    }
    case 'pathRewrite': {
      const rewrite = compileRewrite(step);
      if (rewrite !== undefined) afterJudges(work).push(() => rewritePath(rewrite, step.log === true));
      break;
    }
    case 'firewall':
      work.firewall = step;
      break;
    case 'requestHeaders':
      if (step.ownsForwarded === true) ownForwarded(work);
      afterJudges(work).push(compileRequestChanges(step.changes));
      break;
    case 'responseHeaders':
      (step.late === true ? work.late : work.response).push(compileResponseChanges(step.changes));
      break;
    case 'requestLimit':
      afterJudges(work).push(requestLimitWork(step));
      if (step.connections !== undefined) work.log.push(releaseConnection);
      break;
    case 'globalLimit':
      if (step.store === undefined) afterJudges(work).push(aloneLimitWork(step));
      else work.waiting.push(togetherLimitWork(step, step.store));
      if (step.responseCost !== undefined) work.log.push(answerCostWork(step, step.responseCost));
      if (step.rateHeaders !== undefined) {
        work.response.push(setRateHeaders);
        work.log.push(forgetStanding);
      }
      break;
    case 'mirror':
      work.copiesHeaders = true;
      work.copying.push((exchange) => mirrorRequest(step, exchange));
      if (step.calls === true) work.log.push(forgetCall);
      break;
    case 'responseSpeed':
      work.request.push(responseSpeedWork(step));
      break;
    case 'canary':
      work.request.push(canaryWork(step));
      break;
    case 'spareGroup':
      work.request.push(spareGroupWork(step));
      break;
    case 'weightedAnswers':
      afterJudges(work).push(() => answerAt(step.answers, math.random() * step.totalWeight));
      break;
    case 'compression':
      afterJudges(work).push(noteCoding(step));
      work.late.push(compressAnswer(step));
      work.log.push(forgetCompression);
      break;
    case 'sessionHeader':
      work.response.push((exchange) => setSessionHeader(exchange, step.name));
      break;
    case 'tracing':
      work.request.push((exchange) => beginTrace(step, exchange));
      work.sampled.push(endTrace);
      break;
    case 'refuse': {
      const refusal: Answer = { status: step.status, reason: step.reason };
      work.request.push(() => refusal);
      break;
    }
    case 'sourceRange': {
      const ranges = compileAddressRanges(step.ranges);
      work.request.push(() => (mayPass(ranges, currentRequest.sourceAddress()) ? undefined : FORBIDDEN));
      break;
    }
    case 'passwordAuth': {
      work.judges = true;
      const exempt = exemption(step.exempt);
      work.waiting.push(() => (exempt() ? undefined : verifyPassword(step)));
      break;
    }
    case 'authorization': {
      const rules = compileAuthorization(step);
      afterJudges(work).push(() => (isAuthorized(rules, currentRequest) ? undefined : UNAUTHORIZED));
      break;
    }
    case 'fault':
      if (step.delay !== undefined) work.waiting.push(delayWork(step.delay));
      if (step.abort !== undefined) {
        (step.delay === undefined ? work.request : work.waiting).push(abortWork(step.abort));
      }
      break;
    case 'removeHeaders':
      if (step.of === 'request') work.request.push(removeRequestHeaders(step));
      else work.late.push(removeAnswerHeaders(step));
      break;
    case 'requestForm':
      if (step.rejectsUnderscores === true) work.request.push(underscoresWork());
      if (step.slashes !== undefined) work.request.push(slashesWork(step.slashes));
      break;
    case 'durationLimit':
      work.request.push(durationLimitWork(step));
      break;
    case 'requestDeadline':
      work.waiting.push(requestDeadlineWork(step));
      break;
    case 'clientConnections':
      work.guards = true;
      work.request.push(clientConnectionsWork(step));
      if (step.closeDelayMs !== undefined) work.waiting.push(closeDelayWork(step, step.closeDelayMs));
      break;
    case 'clientFromHeader':
      work.request.push(clientFromHeader(step));
      break;
    case 'certificateHeader':
      ownForwarded(work);
      work.forwardsCertificate = true;
      if (step.mode !== 'always') work.request.push(certificateHeaderWork(step));
      break;
    case 'backendConnections':
      work.waiting.push(backendConnectionsWork(step));
      work.log.push(giveBackendConnection);
      break;
    case 'endpointConnections':
      work.waiting.push(endpointConnectionsWork(step));
      work.moves.push(moveConnection(step.scope));
      work.log.push(giveEndpointConnection);
      break;
    case 'callRetry':
      work.waiting.push(readCall);
      work.response.push(takeCallBack(step));
      work.log.push(forgetCall);
      break;
    case 'endpointOverride':
      work.waiting.push(endpointOverrideWork(step));
      break;
    case 'reroute':
      // compile() knows.
      break;
    case 'guarded':
      work.guards = true;
      break;
    case 'apiKey':
      work.judges = true;
      work.waiting.push(() => verifyApiKey(step));
      break;
    case 'grpcAuth':
      if (step.headers === undefined) work.copiesHeaders = true;
      work.judges = true;
      work.waiting.push((exchange) => checkByGrpc(step, exchange));
      work.response.push(addCheckedHeaders);
      work.log.push(forgetCheckedHeaders);
      break;
    case 'oidc': {
      const signIn = oidcWork(step);
      work.judges = true;
      work.waiting.push((exchange) => signIn(exchange));
      work.response.push(setSignInCookies);
      work.log.push(forgetSignInCookies);
      break;
    }
    case 'jwt': {
      const verify = jwtWork(step);
      work.judges = true;
      work.waiting.push(() => verify());
      break;
    }
    case 'forwardAuth': {
      work.copiesHeaders = true;
      const exempt = exemption(step.exempt);
      work.request.push(() => takeOffIdentity(step));
      work.judges = true;
      work.waiting.push(() => (exempt() ? undefined : askService(step)));
      work.response.push(() => passCookiesOn(step));
      break;
    }
  }
}

const UNAUTHORIZED: Answer = { status: 403, reason: 'AccessDenied : the rules of authorization' };
const FORBIDDEN: Answer = { status: 403, reason: 'AccessDenied : the address of the client' };

/** @returns whether the client of the request need not be authenticated */
function exemption(exempt: AddressRanges | undefined): (this: void) => boolean {
  if (exempt === undefined) return () => false;
  const ranges = compileAddressRanges(exempt);
  return () => isNamed(ranges, currentRequest.sourceAddress());
}

function takeHost(this: void, header: string): undefined {
  const host = currentRequest.header(string.lower(header));
  if (host !== undefined && host !== '') ngx.var['causeway_new_host'] = host;
  return undefined;
}

/**
 * Where what is quick is done for a request, so that judges see it as the client sent it, and nobody else learns what comes of it.
 * Source: Envoy Gateway v1.7, EnvoyProxySpec.filterOrder.
 */
function afterJudges(work: OpenWork): RequestWork[] {
  return work.guards && work.judges ? work.waiting : work.request;
}

/** From here on the headers of nginx.conf are those of the request. */
function ownForwarded(work: OpenWork): void {
  if (work.ownsForwarded) return;
  work.ownsForwarded = true;
  work.request.push(setForwardedHeaders);
}

function locationOf(action: RouteAction, work: OpenWork, logged: boolean): string {
  const { waiting, response, ownsForwarded, renames } = work;
  const way = action.way ?? 'http';
  if (ownsForwarded) return `@causeway_${way}_headers`;
  if (waiting.length > 0) return `@causeway_${way}_waiting`;
  if (response.length > 0 || logged) return `@causeway_${way}_response`;
  return renames ? `@causeway_${way}` : '';
}

/** Where the request goes on; `''`: wherever it would go without work. */
export function exitOf(work: Work, exchange: Exchange): string {
  return isSampled(exchange) ? work.sampledExit : work.exit;
}

/** The request part. @returns what ends the request */
export function beginWork(work: Work, exchange: Exchange): Answer | undefined {
  return work.request?.(exchange);
}

/** Does the waiting part, in locations that wait. @returns whether the request goes on */
export function waitFor(exchange: Exchange, work: Work): boolean {
  const answer = waitingFrom(work.waiting, 0, exchange);
  if (answer !== undefined) endWith(exchange, answer);
  return answer === undefined;
}

function waitingFrom(steps: readonly WaitingWork[], position: number, exchange: Exchange): Answer | undefined {
  const step = steps[position];
  if (step === undefined) return undefined;
  beginRequest();
  const answer = step(exchange);
  if (answer !== undefined) return answer;
  return waitingFrom(steps, position + 1, exchange);
}

/** Ends a request of a route that may have pages of its own for errors, in a phase that may wait. */
export function endWith(exchange: Exchange, answer: Answer): void {
  const { action } = exchange;
  if (action === undefined || !hasPage(action.errors, answer.status)) {
    sendAnswer(exchange, answer);
    return;
  }
  exchange.answer = answer;
  ngx.exec(`@causeway_error_${answer.status}`);
}

/** Body of header_filter_by_lua, in locations that change answers. */
export function amend(): void {
  const exchange = currentExchange();
  const response = exchange?.work?.response;
  if (exchange === undefined || response === undefined) return;
  beginRequest();
  response(exchange);
}

/** Part of the body of log_by_lua, in locations that requests with work go through. */
export function endWork(exchange: Exchange): void {
  exchange.work?.log?.(exchange);
}
