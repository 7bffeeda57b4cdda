/**
 * Routes and what they do, as data-plane records. Pure: everything that the request path would have to compute per request is computed here,
 * once per change.
 *
 * What this target cannot do yet is answered, never left out: a route with such a filter, protocol or affinity becomes a 500 that names it in
 * the error header.
 */

import type { Branch } from '@causeway/dataplane/policy/branch';
import type { CanaryStep } from '@causeway/dataplane/policy/canary';
import type { ErrorPages, PageAnswer } from '@causeway/dataplane/policy/error-pages';
import type { Again, RouteAction, RouteRecord } from '@causeway/dataplane/policy/record';
import type { Step } from '@causeway/dataplane/policy/step';
import type { WeightedAnswer } from '@causeway/dataplane/policy/weighted-answer';
import type {
  AffinityIR,
  BackendIR,
  BackendProtocol,
  CanaryIR,
  FilterIR,
  ForwardIR,
  ListenerIR,
  OwnErrorIR,
  RespondIR,
  RouteActionIR,
  RouteIR,
  TransferIR,
} from '@causeway/ir/gateway';
import { backendClasses, weightOf } from './backend-class.ts';
import { takesHop } from './backend-hop.ts';
import { type ClientWays, clientWays } from './client-protocol.ts';
import { renderContent } from './content.ts';
import { type GroupSpec, groupBackends, groupSpec } from './group-record.ts';
import { isStream } from './listener-port.ts';
import { isOfCalls, profileOf, repeatsItself } from './profile.ts';
import { withRouteName } from './route-name.ts';
import { renderSteps, scopeHash } from './steps.ts';

/** An action and the group it forwards to. */
export interface RenderedAction {
  readonly action: RouteAction;
  readonly group?: GroupSpec;
  /** Further groups that its steps name. */
  readonly stepGroups?: readonly GroupSpec[];
}

export interface RenderedRoute {
  /** Absent: none of its listeners speaks HTTP. */
  readonly record?: RouteRecord;
  readonly group?: GroupSpec;
  /** Further groups that its steps name. */
  readonly stepGroups?: readonly GroupSpec[];
}

/** ALB-110: no endpoint, or all weights 0. */
const NO_PEER = 'InvalidBalancer : no peer';

/**
 * The record of one route, with the id of the route.
 *
 * @param listeners those of `route.listeners` that exist
 */
export function renderRoute(route: RouteIR, listeners: readonly ListenerIR[]): RenderedRoute {
  const ports = new Set(listeners.filter((listener) => !isStream(listener)).map(({ port }) => String(port)));
  if (ports.size === 0) return {};
  const named = withRouteName(route);
  const { action, group, stepGroups } = renderAction(named.action, named.filters);
  const record: RouteRecord = {
    type: 'route',
    id: route.id,
    ports: [...ports].sort(),
    match: route.match,
    priority: route.order.priority,
    specificity: route.order.specificity,
    tie: route.order.tie,
    action,
    name: route.name,
    sourceType: route.source.type,
    sourceNamespace: route.source.namespace,
    sourceName: route.source.name,
  };
  return { record, ...(group && { group }), ...(stepGroups && { stepGroups }) };
}

export function renderAction(action: RouteActionIR, filters: readonly FilterIR[]): RenderedAction {
  if (action.type === 'respond') return withSteps(respondWith(action), renderSteps(filters));
  if (action.type === 'redirect') {
    return withSteps({ action: { type: 'redirect', redirect: action } }, renderSteps(filters));
  }

  const ways = clientWays(action);
  if (ways !== undefined) return renderWays(ways, filters);
  const classes = backendClasses(action.backends);
  if (classes.length > 1) return renderSplit(action, classes, filters);
  const [backends = []] = classes;
  const redirect = backends[0]?.redirect;
  if (redirect !== undefined) {
    return withSteps(
      { action: { type: 'redirect', redirect } },
      renderSteps([...filters, ...(backends[0]?.filters ?? [])]),
    );
  }
  const problem = unsupported(backends);
  if (problem !== undefined) return respond(500, problem);

  const valid = groupBackends(backends);
  if (valid.length === 0) {
    const answer = withoutBackend(backends);
    return filters.some(({ type }) => type === 'guarded') ? withSteps(answer, renderSteps(filters)) : answer;
  }

  const all = [...filters, ...(backends[0]?.filters ?? [])];
  const host = rewrittenHost(all);
  const way = profileOf({ ...action, backends }, filters)?.id ?? httpProtocol(backends[0]?.protocol);
  const group = groupSpec(backends, action);
  const rendered: RouteAction = {
    type: 'forward',
    group: group.id,
    ...(way === undefined ? {} : { way }),
    ...(host !== undefined && { host }),
    connectMs: action.timeouts.connectMs,
    sendMs: action.timeouts.sendMs,
    readMs: action.timeouts.readMs,
    attempts: action.retry.attempts,
    ...againOf({ ...action, backends }, filters),
    ...(action.retryBudget && {
      retryBudget: { ...action.retryBudget, scope: scopeHash(action.retryBudget.scope) },
    }),
  };
  const steps = stepsTo(backends[0], all, action);
  const canary = action.canary && renderCanary(action, action.canary);
  const spare = action.spareBackends && groupSpec(action.spareBackends, { ...action, affinity: IN_TURN });
  const instead = groupInstead(backends, action);
  const own: readonly Step[] = [
    ...weightedAnswers(backends),
    ...(instead === undefined
      ? []
      : [{ type: 'spareGroup', group: instead.id, insteadOf: group.id, orAvoided: true } as const]),
    ...sessionHeader(action.affinity),
    ...compression(action.transfer),
    ...(canary === undefined ? [] : [canary.step]),
    ...(spare === undefined
      ? []
      : [
          {
            ...({ type: 'spareGroup', group: spare.id, insteadOf: group.id } as const),
            ...(action.errorOrigin === undefined ? {} : { origin: action.errorOrigin }),
          },
        ]),
    // Answers that are taken back get nothing done to them afterwards.
    ...(rendered.again?.ofCalls === true ? [callRetryStep(action.retry)] : []),
  ];
  const pages = renderErrorPages(action);
  const stepGroups = [
    ...(canary === undefined ? [] : [canary.group]),
    ...(spare === undefined ? [] : [spare]),
    ...(instead === undefined ? [] : [instead]),
    ...(pages?.group === undefined ? [] : [pages.group]),
  ];
  return {
    group,
    ...(stepGroups.length > 0 && { stepGroups }),
    ...withSteps(
      { action: pages === undefined ? rendered : { ...rendered, errors: pages.errors } },
      own.length === 0 ? steps : [...(steps ?? []), ...own],
    ),
  };
}

/** Unless it says from which size on: as with gzip. */
const LEAST_COMPRESSED_BYTES = 256;

function compression(transfer: TransferIR | undefined): readonly Step[] {
  if (transfer?.compression === undefined) return [];
  const { codings, leastBytes = LEAST_COMPRESSED_BYTES } = transfer.compression;
  return [{ type: 'compression', codings, leastBytes }];
}

function callRetryStep({ calls = [] }: ForwardIR['retry']): Step {
  return { type: 'callRetry', statuses: calls.map(String) };
}

/** Of an action whose attempts are repeated by the data plane. */
function againOf(action: ForwardIR, filters: readonly FilterIR[]): { readonly again?: Again } {
  if (!repeatsItself(action)) return {};
  const { backends, retry } = action;
  const { baseMs = 0, maxMs = 0 } = retry.backoff ?? {};
  const lastWay = profileOf(action, filters, 'last')?.id ?? httpProtocol(backends[0]?.protocol) ?? 'http';
  const { withinMs, parallel, bounded } = retry;
  return {
    again: {
      ...{ lastWay, baseMs, maxMs },
      ...(withinMs === undefined ? {} : { withinMs }),
      ...(isOfCalls(backends) ? { ofCalls: true as const } : {}),
      ...(parallel === undefined ? {} : { parallel: { ...parallel, scope: scopeHash(parallel.scope) } }),
      ...(bounded && { bounded }),
    },
  };
}

/** An action for clients of each version of HTTP. */
function renderWays(ways: ClientWays, filters: readonly FilterIR[]): RenderedAction {
  const [http1, http2] = [renderAction(ways.http1, filters), renderAction(ways.http2, filters)];
  const stepGroups = [
    ...(http1.stepGroups ?? []),
    ...(http2.group === undefined || http2.group.id === http1.group?.id ? [] : [http2.group]),
    ...(http2.stepGroups ?? []),
  ];
  return {
    action: { ...http1.action, http2: http2.action },
    ...(http1.group && { group: http1.group }),
    ...(stepGroups.length > 0 && { stepGroups }),
  };
}

/** Backends that are reached in different ways: an action for each. */
function renderSplit(
  action: ForwardIR,
  classes: readonly (readonly BackendIR[])[],
  filters: readonly FilterIR[],
): RenderedAction {
  const groups: GroupSpec[] = [];
  let weightUpTo = 0;
  const branches = classes.map((backends): Branch => {
    const rendered = renderAction({ ...action, backends }, filters);
    groups.push(...(rendered.group === undefined ? [] : [rendered.group]), ...(rendered.stepGroups ?? []));
    weightUpTo += weightOf(backends);
    return { weightUpTo, action: rendered.action };
  });
  const [group, ...stepGroups] = groups;
  return { action: { type: 'split', branches }, ...(group && { group }), ...(stepGroups.length > 0 && { stepGroups }) };
}

function pageAnswer({ status, as = status, content, redirect }: OwnErrorIR): PageAnswer {
  return {
    status,
    as,
    ...(content === undefined ? {} : { content: renderContent(content) }),
    ...(redirect === undefined ? {} : { redirect }),
  };
}

/** Not while all weights of their backends are 0. */
function renderErrorPages(action: ForwardIR): { readonly errors: ErrorPages; readonly group?: GroupSpec } | undefined {
  const { customErrors, errorOrigin } = action;
  if (customErrors?.answers !== undefined) {
    return { errors: { statuses: customErrors.statuses, answers: customErrors.answers.map(pageAnswer) } };
  }
  if (customErrors === undefined || errorOrigin === undefined) return undefined;
  if (groupBackends(customErrors.backends).length === 0) return undefined;
  const group = groupSpec(customErrors.backends, { ...action, affinity: IN_TURN });
  return { errors: { group: group.id, statuses: customErrors.statuses, origin: errorOrigin }, group };
}

function stepsTo(
  backend: BackendIR | undefined,
  filters: readonly FilterIR[],
  action: ForwardIR,
): RouteAction['steps'] {
  const name = backend === undefined || takesHop(backend, action) ? '' : (backend.tls?.name ?? '');
  const steps = renderSteps(filters, httpProtocol(backend?.protocol));
  return name === '' ? steps : [{ type: 'backendName', name }, ...(steps ?? [])];
}

const IN_TURN: AffinityIR = { type: 'roundRobin' };

function sessionHeader(affinity: AffinityIR): readonly Step[] {
  if (affinity.type !== 'session' || affinity.carrier !== 'header') return [];
  return [{ type: 'sessionHeader', name: affinity.name }];
}

/** What stands in for the others also where only the data plane knows that none of them is well. */
function groupInstead(backends: readonly BackendIR[], action: ForwardIR): GroupSpec | undefined {
  const fallbacks = backends.filter(({ fallback }) => fallback === true);
  const hasOthers = groupBackends(backends).some(({ fallback }) => fallback !== true);
  return fallbacks.length > 0 && hasOthers ? groupSpec(fallbacks, action) : undefined;
}

/** The shares of backends that cannot be reached, while others can. */
function weightedAnswers(backends: readonly BackendIR[]): readonly Step[] {
  const answers: WeightedAnswer[] = [];
  let weightUpTo = 0;
  for (const { target, weight } of backends) {
    if (target.type !== 'invalid') continue;
    weightUpTo += weight;
    answers.push({ weightUpTo, status: target.status, reason: target.reason });
  }
  if (answers.length === 0) return [];
  return [{ type: 'weightedAnswers', totalWeight: weightOf(backends), answers }];
}

function renderCanary(action: ForwardIR, canary: CanaryIR): { readonly step: CanaryStep; readonly group: GroupSpec } {
  const { backends, affinity, header, cookie, weight, total, sticky } = canary;
  const group = groupSpec(backends, { ...action, affinity });
  const step: CanaryStep = {
    type: 'canary',
    group: group.id,
    ...(header && { header }),
    ...(cookie !== undefined && { cookie }),
    ...{ weight, total, sticky },
  };
  return { step, group };
}

function withSteps(rendered: RenderedAction, steps: RouteAction['steps']): RenderedAction {
  return steps === undefined ? rendered : { ...rendered, action: { ...rendered.action, steps } };
}

/** The first thing of a forward that this target cannot do, as text for the error header. */
function unsupported(backends: readonly BackendIR[]): string | undefined {
  const stream = backends.find(({ protocol }) => httpProtocol(protocol) === undefined);
  return stream && `InvalidUpstream : backend protocol ${stream.protocol}`;
}

function httpProtocol(protocol: BackendProtocol | undefined): string | undefined {
  return protocol === 'tcp' || protocol === 'udp' ? undefined : protocol;
}

/** No backend can take requests: the answer of the first. */
function withoutBackend(backends: readonly BackendIR[]): RenderedAction {
  for (const { target } of backends) {
    if (target.type === 'invalid') return respond(target.status, target.reason);
  }
  return respond(500, NO_PEER);
}

function respond(status: number, reason: string): RenderedAction {
  return { action: { type: 'respond', status, reason } };
}

function respondWith({ status, reason, content }: RespondIR): RenderedAction {
  if (content === undefined) return respond(status, reason);
  return { action: { type: 'respond', status, reason, content: renderContent(content) } };
}

function rewrittenHost(filters: readonly FilterIR[]): string | undefined {
  let host: string | undefined;
  for (const filter of filters) if (filter.type === 'hostRewrite') host = filter.host;
  return host;
}
