/** Backends of one action to which requests go in the same way. */
import type { BackendIR } from '@causeway/ir/gateway';

/** Share of requests of backends together: those that stand in for others have none of their own. */
export function weightOf(backends: readonly BackendIR[]): number {
  const own = backends.filter(({ fallback }) => fallback !== true);
  return (own.length === 0 ? backends : own).reduce((sum, { weight }) => sum + weight, 0);
}

/**
 * Parts a list into backends with the same protocol, TLS and filters, in the order of their first ones. Those without share of the requests
 * are in no part; those that cannot be reached are in the last one, unless it makes no difference where they are.
 */
export function backendClasses(backends: readonly BackendIR[]): readonly (readonly BackendIR[])[] {
  const weighted = backends.filter(({ weight }) => weight > 0);
  const classes = new Map<string, BackendIR[]>();
  const unreachable: BackendIR[] = [];
  for (const backend of weighted) {
    if (backend.target.type === 'invalid') {
      unreachable.push(backend);
      continue;
    }
    const { protocol, tls, filters, redirect } = backend;
    const key = weighted.length === 1 ? '' : JSON.stringify([protocol, tls, filters, redirect]);
    const same = classes.get(key);
    if (same === undefined) classes.set(key, [backend]);
    else same.push(backend);
  }
  const found = [...classes.values()];
  const [first] = found;
  // One way for all that can be reached: the others are answers in it.
  if (found.length <= 1) return weighted.length === 0 ? [] : [[...(first ?? []), ...unreachable]];
  return unreachable.length === 0 ? found : [...found, unreachable];
}
