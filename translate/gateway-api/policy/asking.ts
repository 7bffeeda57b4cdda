import type { BackendSettings } from '@causeway/apis/envoy-gateway/backend-cluster';
import type { AskingIR } from '@causeway/ir/gateway';
import { parseDuration } from '../duration.ts';
import { backoffOf, repeatedAfter } from '../route/repetition.ts';

/** How often, unless it is said, as upstream does. */
const DEFAULT_RETRIES = 2;
const DEFAULT_WAIT_MS = 25;

/** Kinds of failures that are answers; all others are failures without one, after which a service is asked again in any case. */
const STATUSES: Readonly<Record<string, readonly number[]>> = {
  '5xx': Array.from({ length: 100 }, (_, index) => 500 + index),
  'gateway-error': [502, 503, 504],
  'retriable-4xx': [409],
};

/** How issuers and providers are asked. Source: Envoy Gateway v1.7, ClusterSettings. */
export function askingOf({ timeout, retry }: BackendSettings): AskingIR {
  const connectMs = limitOf(timeout?.tcp?.connectTimeout);
  const timeoutMs = limitOf(timeout?.http?.requestTimeout);
  return {
    ...(connectMs === undefined ? {} : { connectMs }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(retry === undefined ? {} : { retry: retryOf(retry) }),
  };
}

function retryOf({ numRetries = DEFAULT_RETRIES, retryOn, perRetry }: NonNullable<BackendSettings['retry']>) {
  const { triggers = [], httpStatusCodes = [] } = retryOn ?? { httpStatusCodes: [503] };
  const statuses = [...triggers.flatMap((name) => STATUSES[name] ?? []), ...httpStatusCodes];
  const { baseInterval, maxInterval } = perRetry?.backOff ?? {};
  const { baseMs = 0, maxMs = 0 } = backoffOf(msOf(baseInterval) ?? DEFAULT_WAIT_MS, msOf(maxInterval)).backoff ?? {};
  return { times: numRetries, statuses: repeatedAfter(statuses).statuses ?? [], waitMs: baseMs, maxWaitMs: maxMs };
}

/** Without limit is as usual: nobody waits for ever. */
function limitOf(duration: string | undefined): number | undefined {
  const ms = msOf(duration);
  return ms === 0 ? undefined : ms;
}

function msOf(duration: string | undefined): number | undefined {
  return duration === undefined ? undefined : parseDuration(duration);
}
