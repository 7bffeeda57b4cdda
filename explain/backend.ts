import type { CanaryWish } from '@causeway/dataplane/policy/canary';
import type { BackendIR, CanaryIR, ForwardIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { translateEndpointSet } from '@causeway/translate/gateway/endpoint-set';

export interface ExplainedBackend {
  /** `namespace/service:port` */
  readonly service: string;
  /** Share of requests, 0 to 1. */
  readonly share: number;
  /** It is the canary of the others. */
  readonly canary?: true;
  /** `address:port` */
  readonly endpoints: readonly string[];
}

/**
 * Where an action forwards to.
 *
 * @param wish what the request says about the canary, if there is one
 */
export function explainBackends(view: View, action: ForwardIR, wish?: CanaryWish): readonly ExplainedBackend[] {
  const { backends, canary } = action;
  const toCanary = canary === undefined ? 0 : shareOfCanary(canary, wish);
  return [
    ...explained(view, backends, 1 - toCanary),
    ...explained(view, canary?.backends ?? [], toCanary).map((one) => ({ ...one, canary: true }) as const),
  ];
}

function shareOfCanary({ weight, total }: CanaryIR, wish: CanaryWish): number {
  if (wish !== undefined) return wish === 'always' ? 1 : 0;
  return Math.min(1, weight / total);
}

function explained(view: View, backends: readonly BackendIR[], share: number): readonly ExplainedBackend[] {
  const used = usedOf(view, backends);
  const total = used.reduce((sum, { weight }) => sum + weight, 0);
  return backends.map((backend) => {
    const { target, weight } = backend;
    const own = total === 0 || !used.includes(backend) ? 0 : (share * weight) / total;
    if (target.type === 'invalid') return { service: target.reason, share: own, endpoints: [] };
    const { endpoints } = translateEndpointSet(view, target.id).endpoints;
    return { service: target.id, share: own, endpoints: endpoints.map(endpointText) };
  });
}

/** Those that stand in for others have no share while there are endpoints of these. */
function usedOf(view: View, backends: readonly BackendIR[]): readonly BackendIR[] {
  const first = backends.filter(({ fallback }) => fallback !== true);
  const isThere = ({ target, weight }: BackendIR) =>
    weight > 0 && target.type === 'endpoints' && translateEndpointSet(view, target.id).endpoints.endpoints.length > 0;
  if (first.length === backends.length || first.some(isThere)) return first;
  return backends.filter(({ fallback }) => fallback === true);
}

function endpointText({ address, port }: { readonly address: string; readonly port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
