import { isIP } from 'node:net';
import { type BackendTlsConfig, backendTlsFields } from '@causeway/apis/envoy-gateway/backend-tls';
import { ENVOY_GATEWAY_GROUP } from '@causeway/apis/envoy-gateway/bundle';
import type { EnvoyProxySpec } from '@causeway/apis/envoy-gateway/envoy-proxy';
import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { AccessLogIR, FilterIR, InstanceIR } from '@causeway/ir/gateway';
import type { Gateway, GatewayClass } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { type BackendTlsSettings, backendTlsSettings } from '../backend/backend-tls-config.ts';
import { isAlbClass } from '../class/class.ts';
import { apartFromClass } from '../class/merged-class.ts';
import { parseDuration } from '../duration.ts';
import type { RoutingType } from '../policy/routing-type.ts';
import type { Tell } from '../policy/tell.ts';
import { gatewayTracing, type ProxyTracingIR, tracingOf } from './gateway-tracing.ts';
import { checkFilterOrder } from './proxy-filter-order.ts';
import { logsOf } from './proxy-log.ts';
import { logSinks } from './proxy-log-sink.ts';
import { metricsOf } from './proxy-metrics.ts';
import { type Image, type ProxyWorkload, proxyWorkload, wantsHostNetwork } from './proxy-workload.ts';

/** Ports of a data plane in the network of its machine. shifted: those below 1024 are 10000 higher; same: as those of the listeners. */
export type HostNetwork = 'shifted' | 'same';

/** What an EnvoyProxy means for a data plane that is no Envoy. */
export interface ParametersTranslation {
  readonly key: ObjectKey;
  /** `EnvoyProxy default/web`. */
  readonly name: string;
  readonly instance: Partial<
    Pick<
      InstanceIR,
      | 'accessLog'
      | 'ownAccessLog'
      | 'ipv6'
      | 'logLevel'
      | 'network'
      | 'termSeconds'
      | 'workers'
      | 'metrics'
      | 'metricSinks'
    >
  >;
  /** Of its pods, where it runs on a cluster. */
  readonly workload: ProxyWorkload['workload'];
  readonly service: ProxyWorkload['service'];
  readonly image?: Image;
  readonly tracing?: ProxyTracingIR;
  /** Lines of requests with fields of the user. */
  readonly accessLog?: AccessLogIR;
  readonly backendTls?: BackendTlsSettings;
  /** Rules of an HTTPRoute come in the order in which they are written, whatever their matches say. */
  readonly keepsRouteOrder: boolean;
  /** Unless a policy says it. */
  readonly routingType?: RoutingType;
  /** Absent: it has a network of its own. */
  readonly hostNetwork?: HostNetwork;
  /** That it asks for, sorted. */
  readonly addresses: readonly string[];
  /** Paths of fields without effect here. */
  readonly ineffective: readonly string[];
}

const SERVED: ReadonlySet<string> = new Set([
  'provider',
  'backendTLS',
  'concurrency',
  'filterOrder',
  'ipFamily',
  'logging',
  'mergeGateways',
  'preserveRouteOrder',
  'routingType',
  'shutdown',
  'telemetry',
]);
/** Of a GatewayClass, where it names parameters. */
const CLASS_FIELD = 'spec.parametersRef';
/** By which MetalLB is asked for addresses. */
export const ADDRESSES_ANNOTATION = 'metallb.universe.tf/loadBalancerIPs';

/** The parameters of a Gateway, its own before those of its class. Source: GW-04 to GW-06. @returns text: what is wrong */
export function parametersOf(view: View, gateway: Gateway): ParametersTranslation | string | undefined {
  const ref = gateway.spec.infrastructure?.parametersRef;
  if (ref !== undefined) {
    const apart = apartFromClass(view, gateway);
    if (apart !== undefined) return apart;
    const key = { namespace: gateway.metadata.namespace ?? '', name: ref.name };
    return parametersAt(view, ref.group, ref.kind, key, 'infrastructure.parametersRef');
  }
  const owner = view.get('GatewayClass', { namespace: '', name: gateway.spec.gatewayClassName });
  const ofClass = owner && parametersOfClass(view, owner);
  // The class says itself what is wrong with it.
  return typeof ofClass === 'string' ? undefined : ofClass;
}

/** What its parameters do to every request of a Gateway. */
export function parameterFilters(view: View, gateway: Gateway): readonly FilterIR[] {
  const parameters = parametersOf(view, gateway);
  if (parameters === undefined || typeof parameters === 'string') return [];
  const { accessLog, tracing } = parameters;
  return [
    ...(tracing === undefined ? [] : [tracingOf(keyOf(gateway), tracing)]),
    ...(accessLog === undefined ? [] : [accessLog]),
  ];
}

/** Whether rules of HTTPRoutes come as they are written. */
export function keepsRouteOrder(view: View, gateway: Gateway): boolean {
  const parameters = parametersOf(view, gateway);
  return typeof parameters === 'object' && parameters.keepsRouteOrder;
}

/** Where requests for Services go, where no policy says it. */
export function routingTypeOf(view: View, gateway: Gateway): RoutingType | undefined {
  const parameters = parametersOf(view, gateway);
  return typeof parameters === 'object' ? parameters.routingType : undefined;
}

/** Of a class of ALBs they are an ALB2, which says the rest. */
export function parametersOfClass(view: View, found: GatewayClass): ParametersTranslation | string | undefined {
  const { parametersRef } = found.spec;
  if (parametersRef === undefined || isAlbClass(found)) return undefined;
  const { group, kind, namespace = '', name } = parametersRef;
  return parametersAt(view, group, kind, { namespace, name }, CLASS_FIELD);
}

function parametersAt(
  view: View,
  group: string,
  kind: string,
  key: ObjectKey,
  field: string,
): ParametersTranslation | string {
  if (group !== ENVOY_GATEWAY_GROUP || kind !== 'EnvoyProxy') return `${field}: kind ${kind} is not served`;
  const found = view.get('EnvoyProxy', key);
  if (found === undefined) return `${field}: EnvoyProxy ${objectKeyText(key)} not found`;
  return { key, name: `EnvoyProxy ${objectKeyText(key)}`, ...translated(view, key, found.spec, field === CLASS_FIELD) };
}

function translated(
  view: View,
  key: ObjectKey,
  spec: EnvoyProxySpec,
  ofClass: boolean,
): Omit<ParametersTranslation, 'key' | 'name'> {
  const ineffective: string[] = [];
  const tell: Tell = (field, why) => ineffective.push(why === '' ? field : `${field} (${why})`);
  const asked = spec.telemetry?.tracing;
  const tracing =
    asked && gatewayTracing(view, key, asked, (field, why) => tell(`spec.telemetry.tracing.${field}`, why));
  const { concurrency, ipFamily, provider } = spec;
  const { annotations = {}, loadBalancerIP } = provider?.kubernetes?.envoyService ?? {};
  const network = hostNetworkOf(spec);
  const wanted = [...(annotations[ADDRESSES_ANNOTATION] ?? '').split(','), loadBalancerIP ?? ''];
  const addresses = wanted.map((text) => text.trim()).filter((text) => isIP(text) !== 0);
  const termSeconds = termSecondsOf(spec);
  const { workload, service, image } = proxyWorkload(spec);
  const backendTls = spec.backendTLS && proxyBackendTls(spec.backendTLS, tell);
  const logs = logsOf(spec, tell, (sinks, field) => logSinks(view, key, sinks, { field, tell }));
  const metrics = metricsOf(view, key, spec, tell);
  checkFilterOrder(spec, tell);
  for (const field of Object.keys(spec)) if (!SERVED.has(field)) tell(`spec.${field}`, '');
  if (spec.mergeGateways === true && !ofClass) tell('spec.mergeGateways', 'only as parameters of a GatewayClass');
  return {
    instance: {
      ...(concurrency === undefined ? {} : { workers: concurrency }),
      ...(network === undefined ? {} : { network: 'machine' as const }),
      ...(ipFamily === 'IPv4' ? { ipv6: false } : {}),
      ...termSeconds,
      ...logs.instance,
      ...metrics,
    },
    workload: {
      ...workload,
      ...termSeconds,
      // Two pods cannot have one port of a node.
      ...(network === undefined ? {} : { network: 'machine' as const, rollout: 'replace' as const }),
    },
    service,
    ...(image === undefined ? {} : { image }),
    addresses: [...new Set(addresses)].sort(),
    ...(tracing === undefined ? {} : { tracing }),
    ...(logs.lines === undefined ? {} : { accessLog: logs.lines }),
    ...(backendTls === undefined ? {} : { backendTls }),
    ...(network === undefined ? {} : { hostNetwork: network }),
    keepsRouteOrder: spec.preserveRouteOrder === true,
    ...(spec.routingType === undefined ? {} : { routingType: spec.routingType }),
    ineffective: ineffective.sort(),
  };
}

/** Ports serve on as long as the longer of both says. */
function termSecondsOf({ shutdown = {} }: EnvoyProxySpec): { readonly termSeconds?: number } {
  const { drainTimeout, minDrainDuration } = shutdown;
  const times = [drainTimeout, minDrainDuration].flatMap((text) =>
    text === undefined ? [] : (parseDuration(text) ?? []),
  );
  return times.length === 0 ? {} : { termSeconds: Math.ceil(Math.max(...times) / 1000) };
}

/** As a patch of its pods asks for it; undefined: it has a network of its own. */
function hostNetworkOf(spec: EnvoyProxySpec): HostNetwork | undefined {
  if (!wantsHostNetwork(spec)) return undefined;
  return spec.provider?.kubernetes?.useListenerPortAsContainerPort === true ? 'same' : 'shifted';
}

function proxyBackendTls(config: BackendTlsConfig, tell: Tell): BackendTlsSettings {
  for (const name of Object.keys(config)) if (!(name in backendTlsFields)) tell(`spec.backendTLS.${name}`, '');
  return backendTlsSettings(config, (field, message) => tell(`spec.backendTLS.${field}`, message));
}
