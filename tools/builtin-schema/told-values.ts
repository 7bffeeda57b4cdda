import { KEY_USAGES } from '@causeway/apis/kubernetes/key-usages';
import type { Facts } from './facts.ts';

/*
 * Values that Kubernetes 1.33 tells of in its documents (`kubectl explain` shows them) and that no schema checks: fields of a status,
 * fields whose values other code checks, and values that are told and refused. `told()` without values: the schema checks them, and
 * Kubernetes leaves them to the description.
 */

const SCOPES = [
  'BestEffort',
  'CrossNamespacePodAffinity',
  'NotBestEffort',
  'NotTerminating',
  'PriorityClass',
  'Terminating',
  'VolumeAttributesClass',
] as const;
const PROFILES = ['Localhost', 'RuntimeDefault', 'Unconfined'] as const;
const POLICIES = ['Honor', 'Ignore'] as const;
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'] as const;

/** Of Linux; those for programs are counted from both ends. */
const SIGNALS = [
  ...[
    'SIGABRT',
    'SIGALRM',
    'SIGBUS',
    'SIGCHLD',
    'SIGCLD',
    'SIGCONT',
    'SIGFPE',
    'SIGHUP',
    'SIGILL',
    'SIGINT',
    'SIGIO',
    'SIGIOT',
    'SIGKILL',
  ],
  ...[
    'SIGPIPE',
    'SIGPOLL',
    'SIGPROF',
    'SIGPWR',
    'SIGQUIT',
    'SIGSEGV',
    'SIGSTKFLT',
    'SIGSTOP',
    'SIGSYS',
    'SIGTERM',
    'SIGTRAP',
    'SIGTSTP',
  ],
  ...[
    'SIGTTIN',
    'SIGTTOU',
    'SIGURG',
    'SIGUSR1',
    'SIGUSR2',
    'SIGVTALRM',
    'SIGWINCH',
    'SIGXCPU',
    'SIGXFSZ',
    'SIGRTMIN',
    'SIGRTMAX',
  ],
  ...Array.from({ length: 15 }, (_, index) => `SIGRTMIN+${index + 1}`),
  ...Array.from({ length: 14 }, (_, index) => `SIGRTMAX-${index + 1}`),
].toSorted();

export const TOLD_VALUES: Facts = {
  'admissionregistration.v1.NamedRuleWithOperations/scope': told(),
  'admissionregistration.v1.ParamRef/parameterNotFoundAction': told(),
  'admissionregistration.v1.RuleWithOperations/scope': told(),
  'apiextensions.v1.CustomResourceConversion/strategy': told(),
  'apiextensions.v1.CustomResourceDefinitionSpec/scope': told(),
  'autoscaling.v2.HPAScalingPolicy/type': told(),
  'autoscaling.v2.HPAScalingRules/selectPolicy': told(),
  'autoscaling.v2.MetricSpec/type': told(),
  'networking.v1.IngressClassParametersReference/scope': told(),
  'admissionregistration.v1.MutatingWebhook/sideEffects': told('None', 'NoneOnDryRun', 'Some', 'Unknown'),
  'admissionregistration.v1.ValidatingWebhook/sideEffects': told('None', 'NoneOnDryRun', 'Some', 'Unknown'),
  'apps.v1.StatefulSetSpec/podManagementPolicy': told('OrderedReady', 'Parallel'),
  'apps.v1.StatefulSetUpdateStrategy/type': told('OnDelete', 'RollingUpdate'),
  'batch.v1.PodFailurePolicyOnExitCodesRequirement/operator': told('In', 'NotIn'),
  'batch.v1.PodFailurePolicyRule/action': told('Count', 'FailIndex', 'FailJob', 'Ignore'),
  'certificates.v1.CertificateSigningRequestSpec/usages': {
    items: {
      type: 'string',
      ...told(...KEY_USAGES),
    },
  },
  'core.v1.AppArmorProfile/type': told(...PROFILES),
  'core.v1.AzureDiskVolumeSource/cachingMode': told('None', 'ReadOnly', 'ReadWrite'),
  'core.v1.AzureDiskVolumeSource/kind': told('Dedicated', 'Managed', 'Shared'),
  'core.v1.ContainerStatus/stopSignal': told(...SIGNALS),
  'core.v1.HTTPGetAction/scheme': told('HTTP', 'HTTPS'),
  'core.v1.HostPathVolumeSource/type': told(
    '',
    'BlockDevice',
    'CharDevice',
    'Directory',
    'DirectoryOrCreate',
    'File',
    'FileOrCreate',
    'Socket',
  ),
  'core.v1.ImageVolumeSource/pullPolicy': told('Always', 'IfNotPresent', 'Never'),
  'core.v1.Lifecycle/stopSignal': told(...SIGNALS),
  'core.v1.ModifyVolumeStatus/status': told('InProgress', 'Infeasible', 'Pending'),
  'core.v1.NodeSelectorRequirement/operator': told('DoesNotExist', 'Exists', 'Gt', 'In', 'Lt', 'NotIn'),
  'core.v1.NodeStatus/phase': told('Pending', 'Running', 'Terminated'),
  'core.v1.PersistentVolumeClaimStatus/accessModes': {
    items: { type: 'string', ...told('ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod') },
  },
  'core.v1.PersistentVolumeClaimStatus/allocatedResourceStatuses': {
    additionalProperties: {
      type: 'string',
      ...told(
        'ControllerResizeInProgress',
        'ControllerResizeInfeasible',
        'NodeResizeInProgress',
        'NodeResizeInfeasible',
        'NodeResizePending',
      ),
    },
  },
  'core.v1.PersistentVolumeClaimStatus/phase': told('Bound', 'Lost', 'Pending'),
  'core.v1.PersistentVolumeStatus/phase': told('Available', 'Bound', 'Failed', 'Pending', 'Released'),
  'core.v1.PodSecurityContext/fsGroupChangePolicy': told('Always', 'OnRootMismatch'),
  'core.v1.PodSecurityContext/supplementalGroupsPolicy': told('Merge', 'Strict'),
  'core.v1.PodStatus/qosClass': told('BestEffort', 'Burstable', 'Guaranteed'),
  'core.v1.PortStatus/protocol': told(...PROTOCOLS),
  'core.v1.ResourceQuotaSpec/scopes': { items: { type: 'string', ...told(...SCOPES) } },
  'core.v1.ScopedResourceSelectorRequirement/operator': told('DoesNotExist', 'Exists', 'In', 'NotIn'),
  'core.v1.ScopedResourceSelectorRequirement/scopeName': told(...SCOPES),
  'core.v1.SeccompProfile/type': told(...PROFILES),
  'core.v1.SecurityContext/procMount': told('Default', 'Unmasked'),
  'core.v1.ServiceSpec/ipFamilies': { items: { type: 'string', ...told('', 'IPv4', 'IPv6') } },
  'core.v1.TopologySpreadConstraint/nodeAffinityPolicy': told(...POLICIES),
  'core.v1.TopologySpreadConstraint/nodeTaintsPolicy': told(...POLICIES),
  'core.v1.TopologySpreadConstraint/whenUnsatisfiable': told('DoNotSchedule', 'ScheduleAnyway'),
  'core.v1.VolumeMount/mountPropagation': told('Bidirectional', 'HostToContainer', 'None'),
  'networking.v1.IngressPortStatus/protocol': told(...PROTOCOLS),
  'storage.v1.StorageClass/reclaimPolicy': told('Delete', 'Recycle', 'Retain'),
  'apiextensions.v1.ValidationRule/reason': told(
    'FieldValueDuplicate',
    'FieldValueForbidden',
    'FieldValueInvalid',
    'FieldValueRequired',
  ),
};

/** For documents alone: the API server publishes it as `enum`. */
function told(...values: readonly string[]): { readonly 'x-told-values': readonly string[] } {
  return { 'x-told-values': values };
}
