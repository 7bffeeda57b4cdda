import type { ForwardIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { translateEndpointSet } from '@causeway/translate/gateway/endpoint-set';

export interface ExplainedBackend {
  /** `namespace/service:port` */
  readonly service: string;
  /** Share of requests, 0 to 1. */
  readonly share: number;
  /** `address:port` */
  readonly endpoints: readonly string[];
}

/** Where an action forwards to. */
export function explainBackends(view: View, action: ForwardIR): readonly ExplainedBackend[] {
  const total = action.backends.reduce((sum, { weight }) => sum + weight, 0);
  return action.backends.map(({ target, weight }) => {
    const share = total === 0 ? 0 : weight / total;
    if (target.type === 'invalid') return { service: target.reason, share, endpoints: [] };
    const { endpoints } = translateEndpointSet(view, target.id).endpoints;
    return { service: target.id, share, endpoints: endpoints.map(endpointText) };
  });
}

function endpointText({ address, port }: { readonly address: string; readonly port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
