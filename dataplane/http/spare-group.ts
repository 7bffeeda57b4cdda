import type { SpareGroupStep } from '../policy/spare-group.ts';
import { tellError } from './error-origin.ts';
import { live } from './live.ts';
import type { RequestWork } from './work.ts';

const UNAVAILABLE = 503;

/** Chooses the spare group where neither an earlier step nor the route itself has one with peers. */
export function spareGroupWork(step: SpareGroupStep): RequestWork {
  return (exchange) => {
    if (exchange.group !== undefined) return undefined;
    const own = live.state.groups.get(step.insteadOf);
    if (own !== undefined && own.ring.peers.length > 0) return undefined;
    const spare = live.state.groups.get(step.group);
    if (spare === undefined || spare.ring.peers.length === 0) return undefined;
    exchange.group = spare;
    if (step.origin !== undefined) tellError(UNAVAILABLE, step.origin);
    return undefined;
  };
}
