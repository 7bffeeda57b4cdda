import { timestamp } from '../object.ts';
import type { JsonObject } from '../schema/json.ts';
import { badRequest, type StatusError } from '../status-error.ts';

export const NO_RUNTIME_REASON = 'NoContainerRuntime';

/** What a user who applies a workload at home has to know. */
export const NO_RUNTIME_MESSAGE =
  'nothing runs containers here: start the program yourself, then name it as a backend with a Service without selector ' +
  'and an EndpointSlice (label kubernetes.io/service-name) that lists its addresses and ports';

/** What Kubernetes says of a Pod that no node has taken, with the reason. */
export function notRunning(pod: string): StatusError {
  return badRequest(`pod ${pod} does not have a host assigned: ${NO_RUNTIME_MESSAGE}`);
}

export function noRuntimeCondition(type: string, now: Date): JsonObject {
  const time = timestamp(now);
  return {
    type,
    status: 'False',
    reason: NO_RUNTIME_REASON,
    message: NO_RUNTIME_MESSAGE,
    lastTransitionTime: time,
    ...(type === 'PodScheduled' ? {} : { lastUpdateTime: time }),
  };
}
