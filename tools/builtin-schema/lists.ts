import type { Facts } from './facts.ts';

/*
 * Two vocabularies say how a list is merged. Strategic merge patch has one merge key; list types (server-side apply, duplicate checks)
 * may have several. They differ where Kubernetes has differed historically, e.g. Service ports.
 */

/** A list of objects merged by one key in strategic merge patches, and by `keys` (default: that key) as a list type. */
function merged(
  mergeKey: string,
  options: { strategy?: string; keys?: readonly string[] } = {},
): Record<string, unknown> {
  return {
    'x-kubernetes-patch-merge-key': mergeKey,
    'x-kubernetes-patch-strategy': options.strategy ?? 'merge',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': options.keys ?? [mergeKey],
  };
}

/** A list of scalars that is merged as a set. */
const MERGED_SET = { 'x-kubernetes-patch-strategy': 'merge', 'x-kubernetes-list-type': 'set' };
const SET = { 'x-kubernetes-list-type': 'set' };
const ATOMIC = { 'x-kubernetes-list-type': 'atomic' };
const ATOMIC_MAP = { 'x-kubernetes-map-type': 'atomic' };

function map(...keys: string[]): Record<string, unknown> {
  return { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys };
}

export const LISTS: Facts = {
  'meta.v1.ObjectMeta/ownerReferences': merged('uid'),
  'meta.v1.ObjectMeta/finalizers': MERGED_SET,
  'meta.v1.ObjectMeta/managedFields': ATOMIC,
  'meta.v1.LabelSelector': ATOMIC_MAP,
  'meta.v1.LabelSelector/matchExpressions': ATOMIC,
  'meta.v1.OwnerReference': ATOMIC_MAP,

  'core.v1.PodSpec/containers': merged('name'),
  'core.v1.PodSpec/initContainers': merged('name'),
  'core.v1.PodSpec/ephemeralContainers': merged('name'),
  'core.v1.PodSpec/volumes': merged('name', { strategy: 'merge,retainKeys' }),
  'core.v1.PodSpec/imagePullSecrets': merged('name'),
  'core.v1.PodSpec/hostAliases': merged('ip'),
  'core.v1.PodSpec/topologySpreadConstraints': merged('topologyKey', { keys: ['topologyKey', 'whenUnsatisfiable'] }),
  'core.v1.PodSpec/resourceClaims': merged('name', { strategy: 'merge,retainKeys' }),
  'core.v1.PodSpec/schedulingGates': merged('name'),
  'core.v1.PodSpec/tolerations': ATOMIC,
  'core.v1.PodSpec/readinessGates': ATOMIC,
  'core.v1.PodSpec/nodeSelector': ATOMIC_MAP,
  'core.v1.PodStatus/conditions': merged('type'),
  'core.v1.PodStatus/podIPs': merged('ip'),
  'core.v1.PodStatus/hostIPs': {
    'x-kubernetes-patch-merge-key': 'ip',
    'x-kubernetes-patch-strategy': 'merge',
    ...ATOMIC,
  },
  'core.v1.Container/ports': merged('containerPort', { keys: ['containerPort', 'protocol'] }),
  'core.v1.Container/env': merged('name'),
  'core.v1.Container/volumeMounts': merged('mountPath'),
  'core.v1.Container/volumeDevices': merged('devicePath'),
  'core.v1.EphemeralContainer/ports': merged('containerPort', { keys: ['containerPort', 'protocol'] }),
  'core.v1.EphemeralContainer/env': merged('name'),
  'core.v1.EphemeralContainer/volumeMounts': merged('mountPath'),
  'core.v1.EphemeralContainer/volumeDevices': merged('devicePath'),
  'core.v1.ResourceRequirements/claims': map('name'),
  'core.v1.LocalObjectReference': ATOMIC_MAP,
  'core.v1.ObjectReference': ATOMIC_MAP,
  'core.v1.TypedLocalObjectReference': ATOMIC_MAP,
  'core.v1.ConfigMapKeySelector': ATOMIC_MAP,
  'core.v1.SecretKeySelector': ATOMIC_MAP,
  'core.v1.ObjectFieldSelector': ATOMIC_MAP,
  'core.v1.ResourceFieldSelector': ATOMIC_MAP,
  'core.v1.NodeSelector': ATOMIC_MAP,
  'core.v1.NodeSelectorTerm': ATOMIC_MAP,

  'core.v1.ServiceSpec/ports': merged('port', { keys: ['port', 'protocol'] }),
  'core.v1.ServiceSpec/selector': ATOMIC_MAP,
  'core.v1.ServiceSpec/clusterIPs': ATOMIC,
  'core.v1.ServiceSpec/ipFamilies': ATOMIC,
  'core.v1.ServiceSpec/externalIPs': ATOMIC,
  'core.v1.ServiceSpec/loadBalancerSourceRanges': ATOMIC,
  'core.v1.ServiceStatus/conditions': merged('type'),
  'core.v1.LoadBalancerStatus/ingress': ATOMIC,
  'core.v1.LoadBalancerIngress/ports': ATOMIC,
  'core.v1.ServiceAccount/secrets': merged('name'),
  'core.v1.ServiceAccount/imagePullSecrets': ATOMIC,
  'core.v1.NodeSpec/podCIDRs': MERGED_SET,
  'core.v1.NodeSpec/taints': ATOMIC,
  'core.v1.NodeStatus/conditions': merged('type'),
  'core.v1.NodeStatus/addresses': merged('type'),
  'core.v1.NamespaceSpec/finalizers': ATOMIC,
  'core.v1.NamespaceStatus/conditions': merged('type'),
  'core.v1.Endpoints/subsets': ATOMIC,
  'core.v1.EndpointSubset/addresses': ATOMIC,
  'core.v1.EndpointSubset/notReadyAddresses': ATOMIC,
  'core.v1.EndpointSubset/ports': ATOMIC,
  'core.v1.EndpointAddress': ATOMIC_MAP,
  'core.v1.EndpointPort': ATOMIC_MAP,

  'apps.v1.DeploymentSpec/strategy': { 'x-kubernetes-patch-strategy': 'retainKeys' },
  'apps.v1.DeploymentStatus/conditions': merged('type'),

  'discovery.v1.EndpointSlice/endpoints': ATOMIC,
  'discovery.v1.EndpointSlice/ports': ATOMIC,
  'discovery.v1.Endpoint/addresses': SET,
  'discovery.v1.EndpointHints/forZones': ATOMIC,

  'networking.v1.IngressSpec/rules': ATOMIC,
  'networking.v1.IngressSpec/tls': ATOMIC,
  'networking.v1.IngressTLS/hosts': ATOMIC,
  'networking.v1.HTTPIngressRuleValue/paths': ATOMIC,
  'networking.v1.IngressLoadBalancerStatus/ingress': ATOMIC,
  'networking.v1.IngressLoadBalancerIngress/ports': ATOMIC,

  'apiextensions.v1.CustomResourceDefinitionSpec/versions': ATOMIC,
  'apiextensions.v1.CustomResourceDefinitionNames/categories': ATOMIC,
  'apiextensions.v1.CustomResourceDefinitionNames/shortNames': ATOMIC,
  'apiextensions.v1.CustomResourceDefinitionVersion/additionalPrinterColumns': ATOMIC,
  'apiextensions.v1.CustomResourceDefinitionStatus/conditions': map('type'),
  'apiextensions.v1.CustomResourceDefinitionStatus/storedVersions': ATOMIC,
};
