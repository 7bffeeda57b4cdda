import type { Facts } from './facts.ts';

const PROTOCOL = oneOf('SCTP', 'TCP', 'UDP');
const PULL_POLICY = oneOf('Always', 'IfNotPresent', 'Never');
const TERMINATION_MESSAGE_POLICY = oneOf('FallbackToLogsOnError', 'File');
const IP_FAMILIES = { items: { type: 'string', ...oneOf('IPv4', 'IPv6') } };
const ACCESS_MODES = {
  items: { type: 'string', ...oneOf('ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod') },
};
const VOLUME_MODE = oneOf('Block', 'Filesystem');
const MATCH_POLICY = oneOf('Equivalent', 'Exact');
const FAILURE_POLICY = oneOf('Fail', 'Ignore');
const SIDE_EFFECTS = oneOf('None', 'NoneOnDryRun');
const OPERATIONS = { items: { type: 'string', ...oneOf('*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE') } };
const SCOPE = oneOf('*', 'Cluster', 'Namespaced');

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
  'core.v1.PersistentVolumeClaimSpec/accessModes': ACCESS_MODES,
  'core.v1.PersistentVolumeClaimSpec/volumeMode': VOLUME_MODE,
  'core.v1.PersistentVolumeSpec/accessModes': ACCESS_MODES,
  'core.v1.PersistentVolumeSpec/volumeMode': VOLUME_MODE,
  'core.v1.PersistentVolumeSpec/persistentVolumeReclaimPolicy': oneOf('Delete', 'Recycle', 'Retain'),
  'admissionregistration.v1.MatchResources/matchPolicy': MATCH_POLICY,
  'admissionregistration.v1.MutatingWebhook/failurePolicy': FAILURE_POLICY,
  'admissionregistration.v1.MutatingWebhook/matchPolicy': MATCH_POLICY,
  'admissionregistration.v1.MutatingWebhook/reinvocationPolicy': oneOf('IfNeeded', 'Never'),
  'admissionregistration.v1.MutatingWebhook/sideEffects': SIDE_EFFECTS,
  'admissionregistration.v1.NamedRuleWithOperations/operations': OPERATIONS,
  'admissionregistration.v1.NamedRuleWithOperations/scope': SCOPE,
  'admissionregistration.v1.ParamRef/parameterNotFoundAction': oneOf('Allow', 'Deny'),
  'admissionregistration.v1.RuleWithOperations/operations': OPERATIONS,
  'admissionregistration.v1.RuleWithOperations/scope': SCOPE,
  'admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec/validationActions': {
    items: { type: 'string', ...oneOf('Audit', 'Deny', 'Warn') },
  },
  'admissionregistration.v1.ValidatingAdmissionPolicySpec/failurePolicy': FAILURE_POLICY,
  'admissionregistration.v1.ValidatingWebhook/failurePolicy': FAILURE_POLICY,
  'admissionregistration.v1.ValidatingWebhook/matchPolicy': MATCH_POLICY,
  'admissionregistration.v1.ValidatingWebhook/sideEffects': SIDE_EFFECTS,
  'autoscaling.v2.HPAScalingPolicy/type': oneOf('Percent', 'Pods'),
  'autoscaling.v2.HPAScalingRules/selectPolicy': oneOf('Disabled', 'Max', 'Min'),
  'autoscaling.v2.MetricSpec/type': oneOf('ContainerResource', 'External', 'Object', 'Pods', 'Resource'),
  'batch.v1.CronJobSpec/concurrencyPolicy': oneOf('Allow', 'Forbid', 'Replace'),
  'batch.v1.JobSpec/completionMode': oneOf('NonIndexed', 'Indexed'),
  'batch.v1.JobSpec/podReplacementPolicy': oneOf('Failed', 'TerminatingOrFailed'),
  'policy.v1.PodDisruptionBudgetSpec/unhealthyPodEvictionPolicy': oneOf('AlwaysAllow', 'IfHealthyBudget'),
  'networking.v1.NetworkPolicyPort/protocol': oneOf('TCP', 'UDP', 'SCTP'),
  'networking.v1.NetworkPolicySpec/policyTypes': { items: { type: 'string', ...oneOf('Ingress', 'Egress') } },
  'scheduling.v1.PriorityClass/preemptionPolicy': oneOf('Never', 'PreemptLowerPriority'),
  'storage.v1.StorageClass/reclaimPolicy': oneOf('Delete', 'Retain'),
  'storage.v1.StorageClass/volumeBindingMode': oneOf('Immediate', 'WaitForFirstConsumer'),
  'apps.v1.DaemonSetUpdateStrategy/type': oneOf('OnDelete', 'RollingUpdate'),
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
