import { type Verdict, verdict } from './condition.ts';
import type { PortRefusal } from './plane/alb-plane.ts';

/** What classes of ALBs say in addition of Gateways, listeners and routes: nothing is missing. Source: spec ALB-113, ALB-116. */
export const READY = 'Ready';

/**
 * @param others what is said already
 * @param needed those of them that must hold
 */
export function readiness(others: readonly Verdict[], needed: readonly string[], reserved?: PortRefusal): Verdict {
  if (reserved?.reason === 'ReservedPortUsed') return verdict(READY, false, reserved.reason, reserved.message);
  const missing = others.find(({ type, status }) => needed.includes(type) && status !== 'True');
  return missing === undefined
    ? verdict(READY, true, READY, 'nothing is missing')
    : verdict(READY, false, missing.reason, missing.message);
}
