import { createHash } from 'node:crypto';
import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { ComputeIR, ServiceIR } from '@causeway/ir/gateway';
import type { Gateway, Node, Service } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import type { WorkloadTranslation } from '../gateway/workload.ts';
import { hasOwnPlane, ourClassOf } from './class.ts';
import { ctlOf } from './class-owner.ts';
import { gatewayPlaneOf, planeSettings } from './data-plane.ts';
import { deploysBesideGateways } from './envoy-gateway-ctl.ts';
import { ADDRESSES_ANNOTATION, parametersOf } from './envoy-proxy.ts';
import { wantedAddresses } from './gateway-acceptance.ts';
import { boundPort } from './host-network.ts';
import { mergedListeners } from './listener-set.ts';
import type { Image } from './proxy-workload.ts';

/** On everything that is made for a Gateway: its name. Source: Gateway API v1, GatewayNameLabelKey. */
const LABEL_GATEWAY_NAME = 'gateway.networking.k8s.io/gateway-name';
/** By which users of Envoy Gateway find the objects of a Gateway. */
const LABEL_OWNING_NAME = 'gateway.envoyproxy.io/owning-gateway-name';
const LABEL_OWNING_NAMESPACE = 'gateway.envoyproxy.io/owning-gateway-namespace';
const LABEL_LENGTH = 63;
/** As many the status of a Gateway may have. */
const ADDRESSES_MAX = 16;
const LIMITS: ComputeIR = { cpu: '2', memory: '2Gi' };
const REQUESTS: ComputeIR = { cpu: '100m', memory: '128Mi' };

/** Names of Services have no dots, and room for what other names add to them. */
const PLAIN = /^[a-z]([-a-z0-9]{0,40}[a-z0-9])?$/;

/** The key of the Deployment and the Service of a Gateway. */
export function gatewayWorkloadOf(gateway: ObjectKey): ObjectKey {
  const { namespace, name } = gateway;
  if (PLAIN.test(name)) return { namespace, name: `${name}-gateway` };
  const hash = createHash('sha256').update(objectKeyText(gateway)).digest('hex').slice(0, 16);
  return { namespace, name: `gateway-${hash}` };
}

/**
 * Gateway -> its data plane on a cluster, and the Service by which it is reached.
 *
 * Source: GW-04, GW-05; Gateway API v1, GatewayInfrastructure.
 *
 * @param image of our programs
 */
export function translateGatewayWorkload(view: View, key: ObjectKey, image: string): WorkloadTranslation {
  const gateway = view.get('Gateway', key);
  const isServed =
    gateway !== undefined && gateway.metadata.deletionTimestamp === undefined && hasOwnPlane(view, gateway);
  if (!isServed) return { keep: false, problems: [] };
  const plane = gatewayPlaneOf(key);
  const settings = planeSettings(plane);
  const { annotations } = gateway.spec.infrastructure ?? {};
  const found = parametersOf(view, gateway);
  const parameters = found === undefined || typeof found === 'string' ? undefined : found;
  const place = placeOf(view, gateway);
  return {
    keep: false,
    problems: [],
    workload: {
      ...gatewayWorkloadOf(key),
      ...(place === undefined ? {} : { place }),
      dataPlane: plane,
      clusterPrefix: `${key.namespace}-`,
      labels: gatewayLabels(gateway),
      ...(annotations === undefined ? {} : { annotations }),
      image: imageOf(parameters?.image, image),
      replicas: settings.replicas,
      network: 'own',
      rollout: 'surge',
      antiAffinityKey: 'local',
      nodeSelector: {},
      tolerations: [],
      podAnnotations: {},
      limits: LIMITS,
      requests: REQUESTS,
      readOnlyRoot: true,
      termSeconds: settings.maxTermSeconds,
      metricsPort: settings.metricsPort,
      ingressHttpPort: 0,
      ingressHttpsPort: 0,
      ...parameters?.workload,
      service: asking({ ...serviceOf(view, gateway), ...parameters?.service }, wantedAddresses(view, gateway)),
    },
  };
}

/**
 * Beside the EnvoyGatewayCtl of its class, under a name that no Gateway of another namespace has; undefined: beside the Gateway.
 *
 * Source: GW-02.
 */
function placeOf(view: View, gateway: Gateway): ObjectKey | undefined {
  const gatewayClass = ourClassOf(view, gateway);
  const key = gatewayClass && ctlOf(gatewayClass);
  const ctl = key && view.get('EnvoyGatewayCtl', key);
  const { namespace } = gateway.metadata;
  if (ctl === undefined || deploysBesideGateways(ctl) || key?.namespace === namespace) return undefined;
  const hash = createHash('sha256')
    .update(objectKeyText(keyOf(gateway)))
    .digest('hex')
    .slice(0, 8);
  return { namespace: keyOf(ctl).namespace, name: `${gatewayWorkloadOf(keyOf(gateway)).name}-${hash}` };
}

/** With the tag, or the digest, of ours where only another place is said. */
function imageOf(image: Image | undefined, ours: string): string {
  if (image === undefined) return ours;
  if ('exact' in image) return image.exact;
  const version = /(@[^/]+|:[^/:@]+)$/.exec(ours)?.[0] ?? '';
  return `${image.repository}${version}`;
}

/** Of everything that is made for a Gateway. Source: Gateway API v1, GatewayInfrastructure; GW-04. */
export function gatewayLabels({
  metadata: { namespace = '', name },
  spec: { infrastructure },
}: Gateway): Readonly<Record<string, string>> {
  const names = { [LABEL_GATEWAY_NAME]: name, [LABEL_OWNING_NAME]: name, [LABEL_OWNING_NAMESPACE]: namespace };
  const fitting = Object.entries(names).filter(([, value]) => value.length <= LABEL_LENGTH);
  return { ...infrastructure?.labels, ...Object.fromEntries(fitting) };
}

/** Of its Service: each port of its listeners once. */
export function gatewayPorts(view: View, gateway: Gateway) {
  const ports = new Map(
    mergedListeners(view, gateway).map(({ spec: { port, protocol } }) => {
      const name = `${protocol === 'UDP' ? 'udp' : 'tcp'}-${port}`;
      const targetPort = boundPort(view, gateway, port);
      return [name, { name, port, targetPort, ...(protocol === 'UDP' && { protocol: 'UDP' as const }) }] as const;
    }),
  );
  return [...ports.values()];
}

/** Source: GW-05, the default of EnvoyProxy. */
function serviceOf(view: View, gateway: Gateway): ServiceIR {
  return { type: 'LoadBalancer', annotations: {}, keepsClient: true, ports: gatewayPorts(view, gateway) };
}

/**
 * A Service that asks for addresses: for one by the field that load balancers know, for several by the annotation of MetalLB, which takes one of the two.
 *
 * @param wanted those that its parameters have in an annotation are among them
 */
function asking(service: ServiceIR, wanted: readonly string[]): ServiceIR {
  const { type, annotations } = service;
  const [first, ...others] = wanted;
  if (first === undefined || type !== 'LoadBalancer') return service;
  const isAnnotated = others.length > 0 || annotations[ADDRESSES_ANNOTATION] !== undefined;
  if (!isAnnotated) return { ...service, loadBalancerIP: first };
  return { ...service, annotations: { ...annotations, [ADDRESSES_ANNOTATION]: wanted.join(',') } };
}

/** Where the Service of a Gateway is reached; undefined: there is none, as its data plane has addresses of its own. */
export function serviceAddresses(view: View, gateway: ObjectKey): readonly string[] | undefined {
  const [service] = view.by('Service', 'workload', objectKeyText(gatewayWorkloadOf(gateway)));
  return service && addressesOf(view, service);
}

/** Whether a Gateway has pods on a cluster, and none of them is ready. */
export function hasNoPods(view: View, gateway: ObjectKey): boolean {
  const owner = objectKeyText(gatewayWorkloadOf(gateway));
  const deployments = view.by('Deployment', 'workload', owner).map(({ status }) => status?.readyReplicas ?? 0);
  const daemonSets = view.by('DaemonSet', 'workload', owner).map(({ status }) => status?.numberReady ?? 0);
  const ready = [...deployments, ...daemonSets];
  return ready.length > 0 && ready.every((count) => count === 0);
}

function addressesOf(view: View, { spec, status }: Service): readonly string[] {
  switch (spec?.type) {
    case 'LoadBalancer':
      return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip ?? hostname ?? []);
    case 'NodePort':
      return view.all('Node').flatMap(nodeAddresses).sort().slice(0, ADDRESSES_MAX);
    default:
      return (spec?.clusterIPs ?? []).filter((address) => address !== '' && address !== 'None');
  }
}

/** Those that are reached from outside, else those that it has at all. */
function nodeAddresses({ status }: Node): readonly string[] {
  const ofType = (wanted: string) =>
    (status?.addresses ?? []).filter(({ type }) => type === wanted).map(({ address }) => address);
  const external = ofType('ExternalIP');
  return external.length > 0 ? external : ofType('InternalIP');
}
