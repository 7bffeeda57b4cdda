import type { FaultStep } from '../policy/fault.ts';
import type { Answer } from './exchange.ts';
import { beginRequest } from './request.ts';
import type { RequestWork, WaitingWork } from './work.ts';

type Abort = NonNullable<FaultStep['abort']>;
type Delay = NonNullable<FaultStep['delay']>;

export function abortWork({ status, grpcStatus, share }: Abort): RequestWork {
  const answer: Answer = { status, grpcStatus, reason: 'FaultInjection : abort' };
  return () => (math.random() < share ? answer : undefined);
}

export function delayWork({ ms, share }: Delay): WaitingWork {
  return () => {
    if (math.random() >= share) return undefined;
    ngx.sleep(ms / 1000);
    beginRequest();
    return undefined;
  };
}
