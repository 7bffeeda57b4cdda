import { ENVOY_GATEWAY_GROUP } from '@causeway/apis/envoy-gateway/bundle';
import type { BackendObjectReference } from '@causeway/apis/gateway-api/object-reference';
import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { type BackendProtocol, type BackendTargetIR, type BackendTlsIR, endpointSetId } from '@causeway/ir/gateway';
import type { Service } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { isGranted, type Referrer } from '../../gateway/reference.ts';
import { isBackendKind } from './backend-kind.ts';
import { translateBackendObject } from './backend-object.ts';
import { backendTlsOf } from './backend-tls-policy.ts';

export type RefRefusal = {
  readonly reason: 'BackendNotFound' | 'InvalidKind' | 'RefNotPermitted' | 'UnsupportedProtocol';
  readonly message: string;
};

export interface ResolvedBackend {
  readonly service: ObjectKey;
  readonly port: number;
  readonly protocol: BackendProtocol;
  /** Of the port of a Service, in small letters. */
  readonly appProtocol?: string;
  readonly tls?: BackendTlsIR;
  /** Why no request may reach it: its owner wants TLS that cannot be spoken. */
  readonly refused?: string;
  readonly target: Extract<BackendTargetIR, { type: 'endpoints' }>;
  /** Of a Backend: name or address of its first endpoint, for what asks one alone; its port is {@link port}. */
  readonly host?: string;
  /** Of a Backend: what it is called where backends are told their own name; absent: {@link host}. */
  readonly name?: string;
  /** Of a Backend: it stands in for others. */
  readonly fallback?: true;
}

/** Services say by `appProtocol` what their endpoints speak. Source: GW-16; GEP-1911. */
const PROTOCOLS: Readonly<Record<string, BackendProtocol>> = {
  'kubernetes.io/h2c': 'grpc',
  'kubernetes.io/ws': 'http',
  'kubernetes.io/wss': 'https',
  https: 'https',
};
const STANDARD_PREFIX = 'kubernetes.io/';
const WEB_SOCKETS: readonly string[] = ['kubernetes.io/ws', 'kubernetes.io/wss'];

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
  if (isBackendKind(group, kind)) return resolveObject(view, referrer, service, transport);
  if (group !== '' || kind !== 'Service') {
    return {
      reason: 'InvalidKind',
      message: `${group === '' ? kind : `${group}/${kind}`} ${text}: only Services and Backends are served`,
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
  const appProtocol = servicePort?.appProtocol?.toLowerCase();
  const protocol = PROTOCOLS[appProtocol ?? ''] ?? 'http';
  const spoken = { ...reached, ...(appProtocol === undefined ? {} : { appProtocol }) };
  // Never in the clear what somebody wants verified (GW-40).
  const tls = backendTlsOf(view, { kind: 'Service', ...service }, servicePort?.name);
  return tls === undefined ? { ...spoken, protocol } : { ...spoken, ...tls, protocol: OVER_TLS[protocol] ?? protocol };
}

/**
 * Why requests, or calls of gRPC, cannot be sent in the protocol that a Service says it speaks. Only names that Kubernetes has for itself are
 * judged: the others say what an application calls its protocol, which may well be HTTP.
 *
 * Source: GEP-1911; Gateway API v1, BackendRef.
 */
export function unspokenProtocol(
  { appProtocol = '', service }: ResolvedBackend,
  { kind }: Referrer,
): RefRefusal | undefined {
  if (!appProtocol.startsWith(STANDARD_PREFIX)) return undefined;
  const isSpoken = appProtocol in PROTOCOLS && !(kind === 'GRPCRoute' && WEB_SOCKETS.includes(appProtocol));
  if (isSpoken) return undefined;
  const message = `Service ${objectKeyText(service)}: appProtocol ${appProtocol} is nothing that a ${kind} can be sent by`;
  return { reason: 'UnsupportedProtocol', message };
}

/** A Backend, whose endpoints have ports of their own. */
function resolveObject(
  view: View,
  referrer: Referrer,
  key: ObjectKey,
  transport: 'tcp' | 'udp',
): ResolvedBackend | RefRefusal {
  const { namespace, name } = key;
  const text = objectKeyText(key);
  if (!isGranted(view, referrer, { group: ENVOY_GATEWAY_GROUP, kind: 'Backend', ...key })) {
    return { reason: 'RefNotPermitted', message: `no ReferenceGrant in ${namespace} for Backend ${text}` };
  }
  const found = view.get('Backend', key);
  if (found === undefined) return { reason: 'BackendNotFound', message: `Backend ${text} not found` };
  const translated = translateBackendObject(view, found);
  if (typeof translated === 'string') {
    return { reason: 'BackendNotFound', message: `Backend ${text}: ${translated}` };
  }
  const { protocol, tls, refused, first, name: ownName, fallback } = translated;
  const id = endpointSetId({
    namespace,
    service: name,
    port: 0,
    transport,
    otherClusters: false,
    ofBackend: true,
  });
  return {
    service: key,
    port: first.port,
    host: first.host,
    protocol: transport === 'udp' ? 'udp' : protocol,
    ...(tls === undefined ? {} : { tls }),
    ...(refused === undefined ? {} : { refused }),
    ...(ownName === undefined ? {} : { name: ownName }),
    ...(fallback && { fallback }),
    target: { type: 'endpoints', id },
  };
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
