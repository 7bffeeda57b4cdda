import type { BackendObjectReference } from '@causeway/apis/gateway-api/object-reference';
import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { type BackendProtocol, type BackendTargetIR, type BackendTlsIR, endpointSetId } from '@causeway/ir/gateway';
import type { Service } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { isGranted, type Referrer } from '../gateway/reference.ts';
import { backendTlsOf } from './backend-tls-policy.ts';

export type RefRefusal = {
  readonly reason: 'BackendNotFound' | 'InvalidKind' | 'RefNotPermitted' | 'UnsupportedProtocol';
  readonly message: string;
};

export interface ResolvedBackend {
  readonly service: ObjectKey;
  readonly port: number;
  readonly protocol: BackendProtocol;
  readonly tls?: BackendTlsIR;
  /** Why no request may reach it: its owner wants TLS that cannot be spoken. */
  readonly refused?: string;
  readonly target: Extract<BackendTargetIR, { type: 'endpoints' }>;
}

/** Services say by `appProtocol` what their endpoints speak. Source: GW-16; GEP-1911. */
const PROTOCOLS: Readonly<Record<string, BackendProtocol>> = {
  'kubernetes.io/h2c': 'grpc',
  'kubernetes.io/ws': 'http',
  'kubernetes.io/wss': 'https',
  https: 'https',
};

/**
 * What a reference to a backend stands for, or why it cannot be followed.
 *
 * Source: GW-12, GW-16.
 *
 * @param transport of the port of the Service
 */
export function resolveBackend(
  view: View,
  referrer: Referrer,
  ref: BackendObjectReference,
  transport: 'tcp' | 'udp' = 'tcp',
): ResolvedBackend | RefRefusal {
  const { group = '', kind = 'Service', namespace = referrer.namespace, name, port } = ref;
  const service: ObjectKey = { namespace, name };
  const text = objectKeyText(service);
  if (group !== '' || kind !== 'Service') {
    return {
      reason: 'InvalidKind',
      message: `${group === '' ? kind : `${group}/${kind}`} ${text}: only Services are served`,
    };
  }
  if (!isGranted(view, referrer, { group, kind, ...service })) {
    return { reason: 'RefNotPermitted', message: `no ReferenceGrant in ${namespace} for Service ${text}` };
  }
  const found = view.get('Service', service);
  if (found === undefined) return { reason: 'BackendNotFound', message: `Service ${text} not found` };
  const servicePort = portOf(found, port, transport);
  if (port === undefined || (servicePort === undefined && found.spec?.type !== 'ExternalName')) {
    return {
      reason: 'BackendNotFound',
      message: `Service ${text} has no ${transport.toUpperCase()} port ${port ?? ''}`,
    };
  }
  const id = endpointSetId({ namespace, service: name, port, transport, otherClusters: false });
  const reached = { service, port, target: { type: 'endpoints', id } } as const;
  if (transport === 'udp') return { ...reached, protocol: 'udp' };
  const protocol = PROTOCOLS[servicePort?.appProtocol?.toLowerCase() ?? ''] ?? 'http';
  // Never in the clear what somebody wants verified (GW-40).
  const tls = backendTlsOf(view, service, servicePort?.name);
  return tls === undefined
    ? { ...reached, protocol }
    : { ...reached, ...tls, protocol: OVER_TLS[protocol] ?? protocol };
}

const OVER_TLS: Readonly<Partial<Record<BackendProtocol, BackendProtocol>>> = { http: 'https', grpc: 'grpcs' };

function portOf(
  { spec }: Service,
  port: number | undefined,
  transport: 'tcp' | 'udp',
): { readonly name?: string | undefined; readonly appProtocol?: string | undefined } | undefined {
  const protocol = transport.toUpperCase();
  return spec?.ports?.find((entry) => entry.port === port && (entry.protocol ?? 'TCP') === protocol);
}
