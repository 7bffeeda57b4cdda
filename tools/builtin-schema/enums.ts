import type { Facts } from './facts.ts';

const PROTOCOL = oneOf('SCTP', 'TCP', 'UDP');
const PULL_POLICY = oneOf('Always', 'IfNotPresent', 'Never');
const TERMINATION_MESSAGE_POLICY = oneOf('FallbackToLogsOnError', 'File');
const IP_FAMILIES = { items: { type: 'string', ...oneOf('IPv4', 'IPv6') } };

/** The values a field can take, in the order in which Kubernetes prints them. Empty strings count as absent. */
export const ENUMS: Facts = {
  'core.v1.ServiceSpec/type': oneOf('ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'),
  'core.v1.ServiceSpec/sessionAffinity': oneOf('ClientIP', 'None'),
  'core.v1.ServiceSpec/externalTrafficPolicy': oneOf('Cluster', 'Local'),
  'core.v1.ServiceSpec/internalTrafficPolicy': oneOf('Cluster', 'Local'),
  'core.v1.ServiceSpec/ipFamilyPolicy': oneOf('SingleStack', 'PreferDualStack', 'RequireDualStack'),
  'core.v1.ServiceSpec/ipFamilies': IP_FAMILIES,
  'core.v1.ServicePort/protocol': PROTOCOL,
  'core.v1.ContainerPort/protocol': PROTOCOL,
  'core.v1.EndpointPort/protocol': PROTOCOL,
  'core.v1.PodSpec/restartPolicy': oneOf('Always', 'Never', 'OnFailure'),
  'core.v1.PodSpec/dnsPolicy': oneOf('ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'),
  'core.v1.PodSpec/preemptionPolicy': oneOf('Never', 'PreemptLowerPriority'),
  'core.v1.Container/imagePullPolicy': PULL_POLICY,
  'core.v1.Container/terminationMessagePolicy': TERMINATION_MESSAGE_POLICY,
  'core.v1.EphemeralContainer/imagePullPolicy': PULL_POLICY,
  'core.v1.EphemeralContainer/terminationMessagePolicy': TERMINATION_MESSAGE_POLICY,
  'core.v1.Toleration/effect': oneOf('NoExecute', 'NoSchedule', 'PreferNoSchedule'),
  'core.v1.Toleration/operator': oneOf('Equal', 'Exists'),
  'core.v1.Taint/effect': oneOf('NoExecute', 'NoSchedule', 'PreferNoSchedule'),
  'core.v1.PodStatus/phase': oneOf('Failed', 'Pending', 'Running', 'Succeeded', 'Unknown'),
  'core.v1.NamespaceStatus/phase': oneOf('Active', 'Terminating'),
  'apps.v1.DeploymentStrategy/type': oneOf('Recreate', 'RollingUpdate'),
  'discovery.v1.EndpointSlice/addressType': oneOf('FQDN', 'IPv4', 'IPv6'),
  'discovery.v1.EndpointPort/protocol': PROTOCOL,
  'networking.v1.HTTPIngressPath/pathType': oneOf('Exact', 'ImplementationSpecific', 'Prefix'),
  'networking.v1.IngressClassParametersReference/scope': oneOf('Cluster', 'Namespace'),
  'apiextensions.v1.CustomResourceDefinitionSpec/scope': oneOf('Cluster', 'Namespaced'),
  'apiextensions.v1.CustomResourceConversion/strategy': oneOf('None', 'Webhook'),
};

function oneOf(...values: string[]): Record<string, unknown> {
  return { enum: values };
}
