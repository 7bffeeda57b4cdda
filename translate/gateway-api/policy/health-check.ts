import type { ActiveHealthCheck, HealthCheck } from '@causeway/apis/envoy-gateway/health-check';
import type { EjectionIR, ForwardIR, HealthCheckIR, ProbeIR } from '@causeway/ir/gateway';
import { parseDuration } from '../duration.ts';
import type { Tell } from './tell.ts';

export type HealthField = 'ejection' | 'healthCheck' | 'panicPercent';

/** As upstream has it. */
const PANIC_PERCENT = 50;

/** Which endpoints get requests. Source: GW-45. */
export function healthOf(
  { active, passive, panicThreshold = PANIC_PERCENT }: HealthCheck,
  tell: Tell,
): Partial<Pick<ForwardIR, HealthField>> {
  const healthCheck = active === undefined ? undefined : checkOf(active, tell);
  const ejection = passive === undefined ? undefined : ejectionOf(passive);
  return {
    ...(ejection === undefined ? {} : { ejection }),
    ...(healthCheck === undefined ? {} : { healthCheck }),
    ...(ejection === undefined && healthCheck === undefined ? {} : { panicPercent: panicThreshold }),
  };
}

/** Where the check names no host, that of a route is asked for, unless it is for many. */
export function withHost(check: HealthCheckIR, hosts: readonly string[]): HealthCheckIR {
  const { probe } = check;
  const host = hosts.find((each) => each !== '' && !each.startsWith('*'));
  if (probe.type !== 'http' || probe.host !== undefined || host === undefined) return check;
  return { ...check, probe: { ...probe, host } };
}

/** 0 errors are none that count. @returns undefined where nothing counts */
function ejectionOf(passive: NonNullable<HealthCheck['passive']>): EjectionIR | undefined {
  const {
    consecutive5XxErrors = 5,
    consecutiveGatewayErrors = 0,
    splitExternalLocalOriginErrors: isApart = false,
    consecutiveLocalOriginFailures = 5,
    failurePercentageThreshold: percent = 0,
    interval = '3s',
    baseEjectionTime = '30s',
    maxEjectionPercent = 10,
  } = passive;
  const unanswered = isApart ? consecutiveLocalOriginFailures : 0;
  if (consecutive5XxErrors + consecutiveGatewayErrors + unanswered + percent === 0) return undefined;
  return {
    serverErrors: consecutive5XxErrors,
    ...(consecutiveGatewayErrors === 0 ? {} : { gatewayErrors: consecutiveGatewayErrors }),
    ...(isApart ? { unanswered } : {}),
    ...(percent === 0 ? {} : { failures: { percent, intervalMs: parseDuration(interval) ?? 0 } }),
    baseMs: parseDuration(baseEjectionTime) ?? 0,
    mostPercent: maxEjectionPercent,
  };
}

const SHORTEST_MS = 100;

function checkOf(active: ActiveHealthCheck, tell: Tell): HealthCheckIR | undefined {
  const {
    timeout = '1s',
    interval = '3s',
    initialJitter = '0s',
    unhealthyThreshold = 3,
    healthyThreshold = 1,
  } = active;
  const probe = probeOf(active, tell);
  if (probe === undefined) return undefined;
  const [timeoutMs = 0, intervalMs = 0, jitterMs = 0] = [timeout, interval, initialJitter].map(parseDuration);
  for (const [field, ms] of [
    ['timeout', timeoutMs],
    ['interval', intervalMs],
  ] as const) {
    if (ms < SHORTEST_MS) tell(`healthCheck.active.${field}`, `${SHORTEST_MS}ms is the shortest that is served`);
  }
  return {
    probe,
    intervalMs: Math.max(SHORTEST_MS, intervalMs),
    timeoutMs: Math.max(SHORTEST_MS, timeoutMs),
    jitterMs,
    failures: unhealthyThreshold,
    successes: healthyThreshold,
  };
}

const METHODS: ReadonlySet<string> = new Set([
  ...['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH'],
]);

function probeOf({ type, http, tcp, grpc }: ActiveHealthCheck, tell: Tell): ProbeIR | undefined {
  if (type === 'GRPC') return { type: 'grpc', service: grpc?.service ?? '' };
  if (type === 'TCP') {
    const sent = bytesOf('tcp.send', tcp?.send, tell);
    const expected = bytesOf('tcp.receive', tcp?.receive, tell);
    return {
      type: 'tcp',
      ...(sent === undefined ? {} : { sent }),
      ...(expected === undefined ? {} : { expected }),
    };
  }
  const { hostname, path = '', method = 'GET', expectedStatuses = [200], expectedResponse } = http ?? {};
  if (!METHODS.has(method)) {
    tell(
      'healthCheck.active.http.method',
      `${JSON.stringify(method)} is not among ${[...METHODS].join(', ')}`,
      'mistake',
    );
    return undefined;
  }
  if (!/^\/[\x21-\x7e]*$/.test(path)) {
    tell(
      'healthCheck.active.http.path',
      `${JSON.stringify(path)} is no path: it begins with / and has no blanks`,
      'mistake',
    );
    return undefined;
  }
  const expected = bytesOf('http.expectedResponse', expectedResponse, tell);
  return {
    type: 'http',
    ...(hostname === undefined ? {} : { host: hostname }),
    path,
    method,
    statuses: expectedStatuses.length === 0 ? [200] : expectedStatuses,
    ...(expected === undefined ? {} : { expected }),
  };
}

type Payload = NonNullable<NonNullable<ActiveHealthCheck['tcp']>['send']>;

function bytesOf(field: string, payload: Payload | undefined, tell: Tell): string | undefined {
  if (payload === undefined) return undefined;
  if (payload.type === 'Text') return Buffer.from(payload.text ?? '', 'utf8').toString('base64');
  const text = payload.binary ?? '';
  const isBase64 = /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0;
  if (!isBase64) tell(`healthCheck.active.${field}.binary`, 'is not base64', 'mistake');
  return isBase64 ? text : undefined;
}
