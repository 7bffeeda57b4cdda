import type { FaultStep } from '../policy/fault.ts';
import { limitAttempts } from './deadline.ts';
import type { Answer } from './exchange.ts';
import { beginRequest } from './request.ts';
import type { RequestWork, WaitingWork } from './work.ts';

type Abort = NonNullable<FaultStep['abort']>;
type Delay = NonNullable<FaultStep['delay']>;

export function abortWork({ status, grpcStatus, share }: Abort): RequestWork {
  const answer: Answer = { status, grpcStatus, reason: 'FaultInjection : abort' };
  return () => (math.random() < share ? answer : undefined);
}

/** The same that nginx.conf says where nginx itself has waited. */
const TOO_LATE: Answer = { status: 504, reason: 'TimeoutViaBackend : no answer from backend in time' };

export function delayWork({ ms, share, withinMs = math.huge }: Delay): WaitingWork {
  return (exchange) => {
    if (math.random() >= share) return undefined;
    ngx.sleep(Math.min(ms, withinMs) / 1000);
    beginRequest();
    if (ms >= withinMs) return TOO_LATE;
    if (withinMs !== math.huge) limitAttempts(exchange, withinMs - ms);
    return undefined;
  };
}
