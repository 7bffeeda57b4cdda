/** Sends requests to a canary: chooses another group before the balancer would choose the route's own. */
import { type CanaryStep, canaryWish } from '../policy/canary.ts';
import { evenNumbers } from '../policy/even-share.ts';
import type { Exchange } from './exchange.ts';
import { live } from './live.ts';
import { currentRequest } from './request.ts';
import { currentSession } from './session.ts';
import type { RequestWork } from './work.ts';

export function canaryWork(step: CanaryStep): RequestWork {
  const wish = canaryWish(step);
  const next = evenNumbers(math.random());
  return (exchange: Exchange) => {
    const group = live.state.groups.get(step.group);
    if (group === undefined || group.ring.peers.length === 0) return undefined;
    // Who has a session stays where it began.
    const session = step.sticky && group.sessions !== undefined ? currentSession(group.attribute) : undefined;
    if (session !== undefined) {
      if (session.ofCanary) exchange.group = group;
      return undefined;
    }
    const asked = wish(currentRequest);
    if (asked === 'always' || (asked === undefined && next() * step.total < step.weight)) exchange.group = group;
    return undefined;
  };
}
