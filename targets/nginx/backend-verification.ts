import type { RouteActionIR } from '@causeway/ir/gateway';

/** Reports whether an action verifies backends to which another one forwards without. */
export function isStricter(action: RouteActionIR, than: RouteActionIR): boolean {
  const verified = new Set(backendsOf(action, true));
  return backendsOf(than, false).some((id) => verified.has(id));
}

/** Ids of the endpoint sets that are verified, or of those that are not. */
function backendsOf(action: RouteActionIR, verified: boolean): readonly string[] {
  if (action.type !== 'forward') return [];
  return action.backends.flatMap(({ weight, tls, target }) => {
    const verifies = tls?.trustPem !== undefined || tls?.trustsSystem === true;
    return weight > 0 && target.type === 'endpoints' && verifies === verified ? target.id : [];
  });
}
