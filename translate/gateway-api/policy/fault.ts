import type { FaultInjection } from '@causeway/apis/envoy-gateway/backend-traffic-policy';
import type { FaultIR } from '@causeway/ir/gateway';
import { parseDuration } from '../duration.ts';

/** What nginx can answer with. */
const MOST_STATUS = 599;

/** What requests that are no calls get, by the status of gRPC. Source: gRPC, status codes; google.rpc.Code. */
const HTTP_STATUS: readonly number[] = [
  200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401,
];
const UNKNOWN = 500;

/** Requests that fail on purpose. Source: GW-45. @returns undefined when nothing of it can be done */
export function faultOf({ delay, abort }: FaultInjection): FaultIR | undefined {
  const ms = delay === undefined ? undefined : parseDuration(delay.fixedDelay);
  const { grpcStatus } = abort ?? {};
  const status = grpcStatus === undefined ? abort?.httpStatus : (HTTP_STATUS[grpcStatus] ?? UNKNOWN);
  if (ms === undefined && status === undefined) return undefined;
  return {
    type: 'fault',
    ...(ms === undefined ? {} : { delay: { ms, share: shareOf(delay?.percentage) } }),
    ...(status === undefined
      ? {}
      : {
          abort: {
            status: Math.min(status, MOST_STATUS),
            ...(grpcStatus === undefined ? {} : { grpcStatus }),
            share: shareOf(abort?.percentage),
          },
        }),
  };
}

function shareOf(percentage = 100): number {
  return percentage / 100;
}
