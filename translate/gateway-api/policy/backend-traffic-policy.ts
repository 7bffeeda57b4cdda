import type {
  BackendTimeout,
  BackendTrafficPolicySpec,
  Retry,
} from '@causeway/apis/envoy-gateway/backend-traffic-policy';
import type {
  CompressionIR,
  FilterIR,
  ForwardIR,
  ParallelRetriesIR,
  PoolIR,
  RetryConditionIR,
  RetryIR,
  TimeoutsIR,
  TransferIR,
} from '@causeway/ir/gateway';
import type { Gateway } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { limitStoreOf } from '../class/limit-store.ts';
import { parseDuration } from '../duration.ts';
import { backoffOf, canRepeat, repeatedAfter } from '../route/repetition.ts';
import { bytesOf } from './byte-size.ts';
import { breakersOf } from './circuit-breaker.ts';
import { durationLimit } from './duration-limit.ts';
import { faultOf } from './fault.ts';
import { type HealthField, healthOf } from './health-check.ts';
import { affinityOf, endpointOverrideOf, nearnessOf } from './load-balancer.ts';
import { tellNameRefresh } from './name-refresh.ts';
import type { Policy } from './policy-kind.ts';
import { limitsAbove, rateLimits } from './rate-limit.ts';
import { overridesOf } from './response-override.ts';
import { type RouteTracing, routeTracingOf } from './route-tracing.ts';
import { readSettings } from './settings.ts';
import type { Tell } from './tell.ts';
import { unservedSettings } from './unserved.ts';

export interface BackendTrafficTranslation {
  readonly filters: readonly FilterIR[];
  readonly forward: ForwardChanges;
  /** Absent: what the Gateway says. */
  readonly tracing?: RouteTracing;
  /** Settings that have no effect, with the path of the field. */
  readonly problems: readonly string[];
  /** Those of them that can never be right: nobody knows what is wanted of requests. */
  readonly mistakes: readonly string[];
  /** What a request may take in all; absent: nothing is said. */
  readonly requestMs?: number;
  /** Settings that stand where they stood once. */
  readonly deprecated: readonly string[];
}

/** What takes the place of what a route says, unless its rule says it itself. */
export type ForwardChanges = Partial<
  Pick<
    ForwardIR,
    'affinity' | 'nearness' | 'clientProtocol' | 'tellsClient' | 'customErrors' | 'transfer' | HealthField
  >
> & {
  readonly timeouts?: Partial<TimeoutsIR>;
  readonly retry?: RetryIR;
  /** Of any retries, also those of the rule. */
  readonly parallelRetries?: ParallelRetriesIR;
};

/** Where a policy has its effect. */
export interface TrafficPlace {
  readonly gateway: Gateway;
  /** What counts together where a limit is not shared: of one route of the data plane. */
  readonly scope: string;
  /** Refusals of limits say how much is allowed; absent: they do. */
  readonly tellsLimits?: boolean;
  /** Of what the policy is made, where it is two. */
  readonly merged?: { readonly own: Policy<'BackendTrafficPolicy'>; readonly above: Policy<'BackendTrafficPolicy'> };
}

/** Of the PROXY protocol. */
export const PROXY_VERSIONS = { V1: 'v1', V2: 'v2' } as const;

/** nginx knows no time without end. */
export const NO_LIMIT_MS = 86_400_000;

/**
 * How requests are sent to backends.
 *
 * Source: GW-43 to GW-45.
 *
 */
export function translateBackendTrafficPolicy(
  view: View,
  policy: Policy<'BackendTrafficPolicy'>,
  { scope, gateway, tellsLimits = true, merged }: TrafficPlace,
): BackendTrafficTranslation {
  const { spec } = policy;
  const problems: string[] = [...unservedSettings('BackendTrafficPolicy', policy)];
  const mistakes: string[] = [];
  const tell: Tell = (field, message, kind) => {
    const text = `spec.${field}: ${message}`;
    if (kind === 'mistake') mistakes.push(text);
    problems.push(kind === 'mistake' ? `${text} (requests are answered 500)` : text);
  };
  tellNameRefresh(spec, tell);
  const { timeout, deprecated } = timeoutOf(spec, tell);
  const affinity = spec.loadBalancer === undefined ? undefined : affinityOf(spec.loadBalancer, tell);
  const nearness = spec.loadBalancer && nearnessOf(spec.loadBalancer);
  const override = spec.loadBalancer && endpointOverrideOf(spec.loadBalancer, tell);
  const buffer = bufferOf(spec, tell);
  const customErrors = overridesOf(view, policy, tell);
  const health = spec.healthCheck === undefined ? {} : healthOf(spec.healthCheck, tell);
  const store = spec.rateLimit?.global && limitStoreOf(view, gateway);
  const compression = compressionOf(spec, tell);
  const connections = poolOf(timeout, spec.circuitBreaker);
  const mostRetries = spec.circuitBreaker?.maxParallelRetries;
  const fault = spec.faultInjection && faultOf(spec.faultInjection);
  const transfer: TransferIR = {
    ...(buffer === undefined ? {} : { requestBuffering: true }),
    ...(spec.tcpKeepalive === undefined ? {} : { probesConnections: true }),
    ...(compression === undefined ? {} : { compression }),
    ...(connections === undefined ? {} : { connections }),
  };
  const perTryMs = limitOf(spec.retry?.perRetry?.timeout);
  const timeouts = timeoutsOf(timeout, perTryMs);
  const tracing = spec.telemetry?.tracing && routeTracingOf(spec.telemetry.tracing, tell);
  const requestMs = limitOf(timeout.http?.requestTimeout);
  const withinMs = spec.retry === undefined ? undefined : requestMs;
  return {
    filters: [
      ...durationLimit(spec.timeout?.http?.maxStreamDuration),
      ...(fault === undefined ? [] : [fault]),
      ...(override === undefined ? [] : [override]),
      ...breakersOf(spec.circuitBreaker, scope, requestMs),
      ...rateLimits(spec.rateLimit, { policy, scope, store, tellsLimits, tell }),
      ...(merged === undefined ? [] : limitsAbove(merged, { scope, store, tellsLimits, tell })),
      ...(buffer === undefined ? [] : [{ type: 'bodyLimit' as const, bytes: buffer }]),
    ],
    forward: {
      ...(timeouts === undefined ? {} : { timeouts }),
      ...(spec.retry === undefined
        ? {}
        : { retry: { ...retryOf(spec.retry, tell), ...(withinMs === undefined ? {} : { withinMs }) } }),
      ...(mostRetries === undefined
        ? {}
        : { parallelRetries: { scope: `BackendTrafficPolicy ${scope}`, most: mostRetries } }),
      ...(affinity === undefined ? {} : { affinity }),
      ...(nearness === undefined ? {} : { nearness }),
      ...(spec.useClientProtocol === true ? { clientProtocol: true as const } : {}),
      ...(spec.proxyProtocol === undefined ? {} : { tellsClient: PROXY_VERSIONS[spec.proxyProtocol.version] }),
      ...(customErrors === undefined ? {} : { customErrors }),
      ...health,
      ...(Object.keys(transfer).length === 0 ? {} : { transfer }),
    },
    ...(tracing === undefined ? {} : { tracing }),
    problems,
    mistakes,
    ...(requestMs === undefined ? {} : { requestMs }),
    deprecated,
  };
}

function timeoutOf(
  { timeout, settings }: BackendTrafficPolicySpec,
  tell: Tell,
): { readonly timeout: BackendTimeout; readonly deprecated: readonly string[] } {
  const old = readSettings(settings?.timeout, OLD_TIMEOUTS, (field, message) =>
    tell(`settings.timeout.${field}`, message),
  );
  const connect = timeout?.tcp?.connectTimeout ?? old['tcp.connectionTimeout'] ?? old['tcp.connectTimeout'];
  const request = timeout?.http?.requestTimeout ?? old['http.requestTimeout'];
  const idle = timeout?.http?.connectionIdleTimeout ?? old['http.connectionIdleTimeout'];
  const lifetime = timeout?.http?.maxConnectionDuration ?? old['http.maxConnectionDuration'];
  const http = {
    ...(request === undefined ? {} : { requestTimeout: request }),
    ...(idle === undefined ? {} : { connectionIdleTimeout: idle }),
    ...(lifetime === undefined ? {} : { maxConnectionDuration: lifetime }),
  };
  return {
    timeout: { ...(connect === undefined ? {} : { tcp: { connectTimeout: connect } }), http },
    deprecated: settings?.timeout === undefined ? [] : ['spec.settings.timeout: write spec.timeout'],
  };
}

/** Fields below `settings.timeout` that have an effect. */
const OLD_TIMEOUTS = [
  'tcp.connectionTimeout',
  'tcp.connectTimeout',
  'http.requestTimeout',
  'http.connectionIdleTimeout',
  'http.maxConnectionDuration',
] as const;

/** How long connections to backends are used. @returns undefined when nothing is said */
function poolOf({ http }: BackendTimeout, breaker: BackendTrafficPolicySpec['circuitBreaker']): PoolIR | undefined {
  const idleMs = limitOf(http?.connectionIdleTimeout);
  const lifetimeMs = limitOf(http?.maxConnectionDuration);
  const requests = breaker?.maxRequestsPerConnection ?? 0;
  const pool: PoolIR = {
    ...(idleMs === undefined ? {} : { idleMs }),
    ...(lifetimeMs === undefined ? {} : { lifetimeMs }),
    ...(requests === 0 ? {} : { requests }),
  };
  return Object.keys(pool).length === 0 ? undefined : pool;
}

/** What is said of an attempt is shorter than what is said of the request. */
function timeoutsOf({ tcp, http }: BackendTimeout, perTryMs: number | undefined): Partial<TimeoutsIR> | undefined {
  const connectMs = limitOf(tcp?.connectTimeout);
  const requestMs = perTryMs ?? limitOf(http?.requestTimeout);
  if (connectMs === undefined && requestMs === undefined) return undefined;
  return {
    ...(connectMs === undefined ? {} : { connectMs }),
    ...(requestMs === undefined ? {} : { sendMs: requestMs, readMs: requestMs }),
  };
}

function limitOf(duration: string | undefined): number | undefined {
  const ms = duration === undefined ? undefined : parseDuration(duration);
  return ms === 0 ? NO_LIMIT_MS : ms;
}

type TriggerName = NonNullable<NonNullable<Retry['retryOn']>['triggers']>[number];

interface Trigger {
  readonly on?: readonly RetryConditionIR[];
  readonly statuses?: readonly number[];
  /** Statuses of gRPC. */
  readonly calls?: readonly number[];
}

const TRIGGERS: Readonly<Record<TriggerName, Trigger>> = {
  '5xx': { on: ['error', 'timeout'], statuses: Array.from({ length: 100 }, (_, index) => 500 + index) },
  'gateway-error': { statuses: [502, 503, 504] },
  reset: { on: ['error', 'timeout'] },
  'reset-before-request': { on: ['error'] },
  'connect-failure': { on: ['error'] },
  'refused-stream': { on: ['error'] },
  'retriable-4xx': { statuses: [409] },
  'retriable-status-codes': {},
  cancelled: { calls: [1] },
  'deadline-exceeded': { calls: [4] },
  'resource-exhausted': { calls: [8] },
  internal: { calls: [13] },
  unavailable: { calls: [14] },
};

/** Unless something else is said, as upstream does. */
const DEFAULT_TRIGGER: Trigger = { on: ['error'], statuses: [503] };

function retryOf({ numRetries = 2, perRetry, retryOn }: Retry, tell: Tell): RetryIR {
  const { triggers = [], httpStatusCodes = [] } = retryOn ?? {};
  const meant = retryOn === undefined ? [DEFAULT_TRIGGER] : [];
  for (const name of triggers) {
    meant.push(TRIGGERS[name]);
  }
  for (const [index, status] of httpStatusCodes.entries()) {
    if (canRepeat(status)) meant.push({ statuses: [status] });
    else tell(`retry.retryOn.httpStatusCodes[${index}]`, `nothing is repeated after ${status}`);
  }
  const on = new Set<RetryConditionIR>(meant.flatMap((trigger) => trigger.on ?? []));
  if (perRetry?.timeout !== undefined) on.add('timeout');
  const calls = [...new Set(meant.flatMap((trigger) => trigger.calls ?? []))].sort((a, b) => a - b);
  const { baseInterval, maxInterval } = perRetry?.backOff ?? {};
  return {
    attempts: numRetries + 1,
    ...(on.size === 2 ? {} : { on: [...on].sort() }),
    ...repeatedAfter(meant.flatMap((trigger) => trigger.statuses ?? [])),
    ...(calls.length === 0 ? {} : { calls }),
    ...backoffOf(durationOf(baseInterval), durationOf(maxInterval)),
  };
}

function durationOf(duration: string | undefined): number | undefined {
  return duration === undefined ? undefined : parseDuration(duration);
}

const CODINGS = { Brotli: 'br', Gzip: 'gzip', Zstd: 'zstd' } as const;

/** Gzip is always offered. */
function compressionOf({ compressor, compression }: BackendTrafficPolicySpec, tell: Tell): CompressionIR | undefined {
  const field = compressor === undefined ? 'compression' : 'compressor';
  const sizes: number[] = [];
  const codings = new Set<CompressionIR['codings'][number]>();
  for (const [index, { type, minContentLength }] of (compressor ?? compression ?? []).entries()) {
    codings.add(CODINGS[type]);
    const bytes = minContentLength === undefined ? undefined : bytesOf(minContentLength);
    if (bytes !== undefined) sizes.push(bytes);
    else if (minContentLength !== undefined)
      tell(`${field}[${index}].minContentLength`, `${minContentLength} is no size`, 'mistake');
  }
  if (codings.size === 0) return undefined;
  codings.add('gzip');
  return { codings: [...codings], ...(sizes.length === 0 ? {} : { leastBytes: Math.min(...sizes) }) };
}

function bufferOf({ requestBuffer }: BackendTrafficPolicySpec, tell: Tell): number | undefined {
  if (requestBuffer === undefined) return undefined;
  const bytes = bytesOf(requestBuffer.limit);
  if (bytes === undefined || bytes === 0)
    tell('requestBuffer.limit', `${requestBuffer.limit} is no size above 0`, 'mistake');
  return bytes === 0 ? undefined : bytes;
}
