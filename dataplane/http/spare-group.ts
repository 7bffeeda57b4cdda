import type { SpareGroupStep } from '../policy/spare-group.ts';
import { isAvoided } from './choice.ts';
import { tellError } from './error-origin.ts';
import type { Group } from './group.ts';
import { live } from './live.ts';
import type { RequestWork } from './work.ts';

const UNAVAILABLE = 503;

/** Chooses the spare group where neither an earlier step nor the route itself has one with peers. */
export function spareGroupWork(step: SpareGroupStep): RequestWork {
  return (exchange) => {
    if (exchange.group !== undefined) return undefined;
    const own = live.state.groups.get(step.insteadOf);
    if (own !== undefined && (step.orAvoided === true ? anyUsable(own) : own.ring.peers.length > 0)) return undefined;
    const spare = live.state.groups.get(step.group);
    if (spare === undefined || spare.ring.peers.length === 0) return undefined;
    exchange.group = spare;
    if (step.origin !== undefined) tellError(UNAVAILABLE, step.origin);
    return undefined;
  };
}

function anyUsable(group: Group): boolean {
  let place = 0;
  for (const peer of group.ring.peers) {
    if (!isAvoided(group, peer, place)) return true;
    place++;
  }
  return false;
}
