import { KIND_REFS, type KindMap } from '@causeway/resources/kinds';
import { siteOf } from '../control/objects.ts';

export const GATEWAY = { namespace: 'default', name: 'bench' } as const;

const GATEWAY_API = 'gateway.networking.k8s.io/v1';

/** One listener for HTTP. */
export function benchGateway(port: number): KindMap['Gateway'] {
  return {
    apiVersion: GATEWAY_API,
    kind: KIND_REFS.Gateway.kind,
    metadata: { ...GATEWAY },
    spec: { gatewayClassName: 'causeway', listeners: [{ name: 'http', port, protocol: 'HTTP' }] },
  };
}

export function routeName(index: number): string {
  return `r${String(index).padStart(6, '0')}`;
}

/** The HTTPRoute of the `index`-th site. */
export function benchRoute(index: number, service: string): KindMap['HTTPRoute'] {
  const { host, path } = siteOf(index);
  return {
    apiVersion: GATEWAY_API,
    kind: KIND_REFS.HTTPRoute.kind,
    metadata: { name: routeName(index), namespace: GATEWAY.namespace },
    spec: {
      parentRefs: [{ name: GATEWAY.name }],
      hostnames: [host],
      rules: [{ matches: [{ path: { type: 'PathPrefix', value: path } }], backendRefs: [{ name: service, port: 80 }] }],
    },
  };
}
