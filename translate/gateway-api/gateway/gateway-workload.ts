import { createHash } from 'node:crypto';
import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { ComputeIR, ServiceIR, WorkloadIR } from '@causeway/ir/gateway';
import type { Gateway, Node, Service } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import type { WorkloadTranslation } from '../../gateway/workload.ts';
import { ourClassOf } from '../class/class.ts';
import { ctlOf } from '../class/class-owner.ts';
import { deploysBesideGateways } from '../class/ctl-config.ts';
import { classWorkloadOf, gatewaysOfMergedClass, mergedClassOf, mergedPlaneOf } from '../class/merged-class.ts';
import { mergedListeners } from '../listener/listener-set.ts';
import { gatewayPlaneOf, hasOwnPlane, planeSettings } from '../plane/data-plane.ts';
import { boundPort } from '../plane/host-network.ts';
import {
  ADDRESSES_ANNOTATION,
  type ParametersTranslation,
  parametersOf,
  parametersOfClass,
} from '../proxy/envoy-proxy.ts';
import type { Image } from '../proxy/proxy-workload.ts';
import { wantedAddresses } from './gateway-acceptance.ts';
import { addressesOfClass } from './plane-instance.ts';

/** On everything that is made for a Gateway: its name. Source: Gateway API v1, GatewayNameLabelKey. */
export const LABEL_GATEWAY_NAME = 'gateway.networking.k8s.io/gateway-name';
/** By which users of Envoy Gateway find the objects of a Gateway. */
const LABEL_OWNING_NAME = 'gateway.envoyproxy.io/owning-gateway-name';
const LABEL_OWNING_NAMESPACE = 'gateway.envoyproxy.io/owning-gateway-namespace';
/** By which they find those of a class whose Gateways share them. */
const LABEL_OWNING_CLASS = 'gateway.envoyproxy.io/owning-gatewayclass';
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
  // What it is without its parameters its user may never have wanted: a Service that everybody reaches.
  if (typeof parametersOf(view, gateway) === 'string') return { keep: true, problems: [] };
  const { annotations } = gateway.spec.infrastructure ?? {};
  const place = placeOf(view, gateway);
  const workload = planeWorkload(
    gatewayPlaneOf(key),
    {
      ports: gatewayPorts(view, gateway),
      wanted: wantedAddresses(view, gateway),
      parameters: parametersOf(view, gateway),
    },
    image,
  );
  return {
    keep: false,
    problems: [],
    workload: {
      ...gatewayWorkloadOf(key),
      ...(place === undefined ? {} : { place }),
      clusterPrefix: `${key.namespace}-`,
      labels: gatewayLabels(gateway),
      ...(annotations === undefined ? {} : { annotations }),
      ...workload,
    },
  };
}

/** The same of a GatewayClass whose Gateways share one, beside the EnvoyProxy that says so. Labels and annotations of single Gateways it has none. */
export function translateClassWorkload(view: View, key: ObjectKey, image: string): WorkloadTranslation {
  const found = view.get('GatewayClass', key);
  const plane = found && mergedPlaneOf(view, found);
  const gateways = gatewaysOfMergedClass(view, key.name);
  if (
    found === undefined ||
    plane === undefined ||
    found.metadata.deletionTimestamp !== undefined ||
    gateways.length === 0
  )
    return { keep: false, problems: [] };
  const wanted = addressesOfClass(view, found);
  const owner = classWorkloadOf(key);
  return {
    keep: false,
    problems: [],
    workload: {
      ...owner,
      place: { namespace: plane.namespace, name: owner.name },
      labels: classLabels(key),
      ...planeWorkload(
        plane,
        { ports: classPorts(view, key), wanted, parameters: parametersOfClass(view, found) },
        image,
      ),
    },
  };
}

interface PlaneSays {
  readonly ports: ServiceIR['ports'];
  /** Addresses that are asked for. */
  readonly wanted: readonly string[];
  readonly parameters: ParametersTranslation | string | undefined;
}

/** What data planes for Gateways have in common. */
function planeWorkload(
  plane: ObjectKey,
  { ports, wanted, parameters: found }: PlaneSays,
  image: string,
): Omit<WorkloadIR, 'name' | 'namespace'> {
  const settings = planeSettings(plane);
  const parameters = typeof found === 'object' ? found : undefined;
  return {
    dataPlane: plane,
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
    service: asking({ ...serviceOf(ports), ...parameters?.service }, wanted),
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

/** Of everything that is made for Gateways of a class that share a data plane. Source: Envoy Gateway v1.7, OwningGatewayClassLabel. */
export function classLabels({ name }: ObjectKey): Readonly<Record<string, string>> {
  return name.length <= LABEL_LENGTH ? { [LABEL_OWNING_CLASS]: name } : {};
}

/** Of the Service of a class: each port of the listeners of its Gateways once. */
export function classPorts(view: View, { name }: ObjectKey): ServiceIR['ports'] {
  const all = gatewaysOfMergedClass(view, name).flatMap((gateway) => gatewayPorts(view, gateway));
  return [...new Map(all.map((port) => [port.name, port])).values()];
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
function serviceOf(ports: ServiceIR['ports']): ServiceIR {
  return { type: 'LoadBalancer', annotations: {}, keepsClient: true, ports };
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

function workloadServing(view: View, gateway: Gateway): ObjectKey {
  const merged = mergedClassOf(view, gateway);
  return merged === undefined ? gatewayWorkloadOf(keyOf(gateway)) : classWorkloadOf(keyOf(merged));
}

/** Where the Service of a Gateway is reached; undefined: there is none, as its data plane has addresses of its own. */
export function serviceAddresses(view: View, gateway: Gateway): readonly string[] | undefined {
  const key = workloadServing(view, gateway);
  // Those of an ALB2 of that name are not its own.
  const isOwn = ({ metadata }: Service) =>
    metadata?.labels?.[LABEL_GATEWAY_NAME] !== undefined || view.get('ALB2', key) === undefined;
  const service = view.by('Service', 'workload', objectKeyText(key)).find(isOwn);
  return service && addressesOf(view, service);
}

/** Whether a Gateway has pods on a cluster, and none of them is ready. */
export function hasNoPods(view: View, gateway: Gateway): boolean {
  const owner = objectKeyText(workloadServing(view, gateway));
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
