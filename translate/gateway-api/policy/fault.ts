import type { FaultInjection } from '@causeway/apis/envoy-gateway/backend-traffic-policy';
import type { FaultIR } from '@causeway/ir/gateway';
import { parseDuration } from '../duration.ts';

/** What nginx can answer with. */
const MOST_STATUS = 599;

/** Requests that fail on purpose. Source: GW-45. @returns undefined when nothing of it can be done */
export function faultOf({ delay, abort }: FaultInjection): FaultIR | undefined {
  const ms = delay === undefined ? undefined : parseDuration(delay.fixedDelay);
  const status = abort?.httpStatus;
  if (ms === undefined && status === undefined) return undefined;
  return {
    type: 'fault',
    ...(ms === undefined ? {} : { delay: { ms, share: shareOf(delay?.percentage) } }),
    ...(status === undefined
      ? {}
      : { abort: { status: Math.min(status, MOST_STATUS), share: shareOf(abort?.percentage) } }),
  };
}

function shareOf(percentage = 100): number {
  return percentage / 100;
}
