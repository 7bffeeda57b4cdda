/**
 * What an EnvoyProxy says of the objects that a data plane consists of on a cluster. What of it is as Kubernetes has it becomes a change of
 * these objects, and so does the patch of its user, which comes last.
 *
 * Source: GW-05, GW-06; Envoy Gateway v1.7, EnvoyProxyKubernetesProvider.
 */
import type { EnvoyProxySpec } from '@causeway/apis/envoy-gateway/envoy-proxy';
import type { ChangedObject, ServiceIR, WorkloadChangeIR, WorkloadIR } from '@causeway/ir/gateway';

type Kubernetes = NonNullable<NonNullable<EnvoyProxySpec['provider']>['kubernetes']>;

export interface ProxyWorkload {
  readonly workload: Partial<WorkloadIR>;
  readonly service: Partial<Omit<ServiceIR, 'ports'>>;
  /** Absent: ours. */
  readonly image?: Image;
}

/** `exact`: this one; `repository`: in this place what is ours, with the tag that it has. */
export type Image = { readonly exact: string } | { readonly repository: string };

/** How Envoy Gateway calls the container, and changes of a workload may. */
const CONTAINER = 'envoy';

const FAMILIES = { IPv4: ['IPv4'], IPv6: ['IPv6'], DualStack: ['IPv4', 'IPv6'] } as const;

export function proxyWorkload({ provider, ipFamily }: EnvoyProxySpec): ProxyWorkload {
  const { kubernetes = {} } = provider ?? {};
  const { envoyDaemonSet, envoyHpa, envoyPDB, envoyService, envoyServiceAccount } = kubernetes;
  const pods = podsOf(kubernetes);
  const { replicas } = kubernetes.envoyDeployment ?? {};
  const { nodeSelector, tolerations, annotations } = pods.pod ?? {};
  const { image, imageRepository } = pods.container ?? {};
  const names = Object.entries({
    account: envoyServiceAccount,
    disruption: envoyPDB,
    pods,
    scaling: envoyHpa,
    service: envoyService,
  }).flatMap(([object, settings]) => (settings?.name === undefined ? [] : [[object, settings.name] as const]));
  const changes = [
    ...podChanges(kubernetes),
    ...patchOf('pods', pods.patch),
    ...patchOf('service', envoyService?.patch),
    ...(envoyHpa === undefined ? [] : [merging('scaling', { spec: present(envoyHpa, ['metrics', 'behavior']) })]),
    ...patchOf('scaling', envoyHpa?.patch),
    ...patchOf('disruption', envoyPDB?.patch),
  ];
  return {
    workload: {
      ...(replicas === undefined ? {} : { replicas }),
      ...(envoyDaemonSet === undefined ? {} : { eachNode: true }),
      ...(envoyHpa === undefined ? {} : { scaling: { max: envoyHpa.maxReplicas, ...leastOf(envoyHpa.minReplicas) } }),
      ...(envoyPDB === undefined ? {} : { disruption: present(envoyPDB, ['minAvailable', 'maxUnavailable']) }),
      ...(nodeSelector === undefined ? {} : { nodeSelector }),
      ...(tolerations === undefined ? {} : { tolerations }),
      ...(annotations === undefined ? {} : { podAnnotations: annotations }),
      ...(names.length === 0 ? {} : { objectNames: Object.fromEntries(names) }),
      ...(changes.length === 0 ? {} : { changes }),
    },
    service: {
      ...serviceOf(kubernetes),
      ...(ipFamily === undefined ? {} : { ipFamilies: FAMILIES[ipFamily], ipFamilyPolicy: policyOf(ipFamily) }),
    },
    ...(image === undefined ? {} : { image: { exact: image } }),
    ...(imageRepository === undefined ? {} : { image: { repository: imageRepository } }),
  };
}

function policyOf(family: keyof typeof FAMILIES): 'RequireDualStack' | 'SingleStack' {
  return family === 'DualStack' ? 'RequireDualStack' : 'SingleStack';
}

/** Whether its pods are in the network of their nodes, as a patch asks for it. */
export function wantsHostNetwork({ provider }: EnvoyProxySpec): boolean {
  const path = ['spec', 'template', 'spec', 'hostNetwork'];
  return path.reduce<unknown>(fieldOf, podsOf(provider?.kubernetes ?? {}).patch?.value) === true;
}

function podsOf({ envoyDeployment, envoyDaemonSet }: Kubernetes): NonNullable<Kubernetes['envoyDaemonSet']> {
  return envoyDaemonSet ?? envoyDeployment ?? {};
}

/** Lists replace what there is, but volumes, variables and the like, which are beside ours. */
function podChanges(kubernetes: Kubernetes): readonly WorkloadChangeIR[] {
  const { pod = {}, container = {}, strategy, initContainers } = podsOf(kubernetes);
  const field = kubernetes.envoyDaemonSet === undefined ? 'strategy' : 'updateStrategy';
  const replaced = {
    ...present(pod, ['affinity', 'topologySpreadConstraints', 'imagePullSecrets', 'priorityClassName']),
    ...(initContainers === undefined ? {} : { initContainers }),
  };
  const ofContainer = {
    ...present(container, ['env', 'volumeMounts', 'securityContext']),
    ...(container.resources === undefined ? {} : { resources: replacing(container.resources) }),
  };
  const merged = {
    ...present(pod, ['volumes', 'securityContext']),
    ...(Object.keys(ofContainer).length === 0 ? {} : { containers: [{ name: CONTAINER, ...ofContainer }] }),
  };
  const template = {
    ...(pod.labels === undefined ? {} : { metadata: { labels: pod.labels } }),
    ...(Object.keys(merged).length === 0 ? {} : { spec: merged }),
  };
  const spec = {
    ...(Object.keys(template).length === 0 ? {} : { template }),
    ...(strategy === undefined ? {} : { [field]: replacing(strategy) }),
  };
  return [
    ...(Object.keys(replaced).length === 0 ? [] : [merging('pods', { spec: { template: { spec: replaced } } })]),
    ...(Object.keys(spec).length === 0
      ? []
      : [{ object: 'pods', type: 'StrategicMerge', value: { spec } } satisfies WorkloadChangeIR]),
  ];
}

function merging(object: ChangedObject, value: unknown): WorkloadChangeIR {
  return { object, type: 'JSONMerge', value };
}

/** In a strategic merge: in place of what there is. */
function replacing(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? { ...value, $patch: 'replace' } : value;
}

function patchOf(
  object: ChangedObject,
  patch: NonNullable<Kubernetes['envoyDeployment']>['patch'],
): readonly WorkloadChangeIR[] {
  return patch === undefined ? [] : [{ object, type: patch.type ?? 'StrategicMerge', value: patch.value }];
}

function leastOf(min: number | undefined): { readonly min?: number } {
  return min === undefined ? {} : { min };
}

/** Those of the fields that are said. */
function present<T extends object, K extends keyof T>(from: T, fields: readonly K[]): Partial<Pick<T, K>> {
  return Object.fromEntries(
    fields.flatMap((field) => (from[field] === undefined ? [] : [[field, from[field]]])),
  ) as Partial<Pick<T, K>>;
}

/** Unless something else is said, only nodes with a pod take traffic. */
function serviceOf({ envoyService = {} }: Kubernetes): ProxyWorkload['service'] {
  const { type, annotations, labels, externalTrafficPolicy } = envoyService;
  const { loadBalancerSourceRanges, loadBalancerClass, allocateLoadBalancerNodePorts } = envoyService;
  return {
    ...(type === undefined ? {} : { type }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(labels === undefined ? {} : { labels }),
    ...(type === 'ClusterIP' || externalTrafficPolicy === 'Cluster' ? { keepsClient: false } : {}),
    ...(loadBalancerSourceRanges === undefined ? {} : { sourceRanges: loadBalancerSourceRanges }),
    ...(loadBalancerClass === undefined ? {} : { loadBalancerClass }),
    ...(allocateLoadBalancerNodePorts === undefined ? {} : { hasNodePorts: allocateLoadBalancerNodePorts }),
  };
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}
