import { STATUS_ALONE, type Strategy } from '../strategy.ts';
import { certificateSigningRequestStrategy } from './certificate-signing-request.ts';
import { customResourceDefinitionStrategy } from './custom-resource-definition.ts';
import { daemonSetStrategy } from './daemon-set.ts';
import { deploymentStrategy } from './deployment.ts';
import { ingressStrategy } from './ingress.ts';
import { jobStrategy } from './job.ts';
import { namespaceStrategy } from './namespace.ts';
import { nodeStrategy } from './node.ts';
import { podStrategy } from './pod.ts';
import { roleStrategy } from './role.ts';
import { serviceStrategy } from './service.ts';
import { claimStrategy, volumeStrategy } from './volume.ts';

/** Kinds that change blindly and count no generations. */
export const PLAIN_STRATEGY: Strategy = { hasGeneration: false, allowsUnconditionalUpdate: true };
const COUNTED: Strategy = { hasGeneration: true, allowsUnconditionalUpdate: true };
/** Their clients must say which state they have seen. */
const CAREFUL: Strategy = { hasGeneration: false, allowsUnconditionalUpdate: false };
const COUNTED_CAREFUL: Strategy = { hasGeneration: true, allowsUnconditionalUpdate: false };

/** PUT of one that is not there creates it. Source: Kubernetes pkg/registry, AllowCreateOnUpdate. */
const CREATED: Strategy = { ...PLAIN_STRATEGY, createsOnUpdate: true };

/** Their deletion answers with what was deleted. Source: Kubernetes pkg/registry, ReturnDeletedObject. */
const ANSWERED: Strategy = { ...PLAIN_STRATEGY, answersDeleted: true };

/** By `Kind.group`. Source of the flags: Kubernetes pkg/registry, AllowUnconditionalUpdate and PrepareForCreate of each kind. */
export function builtInStrategies(): ReadonlyMap<string, Strategy> {
  return new Map<string, Strategy>([
    ['CertificateSigningRequest.certificates.k8s.io', certificateSigningRequestStrategy],
    ['ClusterRole.rbac.authorization.k8s.io', roleStrategy],
    ['ClusterRoleBinding.rbac.authorization.k8s.io', CREATED],
    ['CronJob.batch', COUNTED],
    ['CustomResourceDefinition.apiextensions.k8s.io', customResourceDefinitionStrategy],
    ['DaemonSet.apps', daemonSetStrategy],
    ['Deployment.apps', deploymentStrategy],
    ['EndpointSlice.discovery.k8s.io', { ...COUNTED, generationCounts: 'labels' }],
    ['Endpoints', CREATED],
    ['Event', { ...CREATED, keepsStatusOnCreate: true }],
    ['Event.events.k8s.io', { ...CREATED, keepsStatusOnCreate: true }],
    ['Ingress.networking.k8s.io', ingressStrategy],
    ['IngressClass.networking.k8s.io', COUNTED],
    ['Job.batch', jobStrategy],
    ['Lease.coordination.k8s.io', { ...CAREFUL, createsOnUpdate: true }],
    ['LimitRange', CREATED],
    ['MutatingWebhookConfiguration.admissionregistration.k8s.io', COUNTED_CAREFUL],
    ['Namespace', namespaceStrategy],
    ['NetworkPolicy.networking.k8s.io', COUNTED],
    ['Node', nodeStrategy],
    ['Pod', podStrategy],
    ['PodDisruptionBudget.policy', COUNTED_CAREFUL],
    ['PersistentVolume', volumeStrategy],
    ['PersistentVolumeClaim', claimStrategy],
    ['PodTemplate', { ...COUNTED, answersDeleted: true }],
    ['PriorityClass.scheduling.k8s.io', { ...COUNTED, generationCounts: 'never' }],
    ['ReplicaSet.apps', COUNTED],
    ['ReplicationController', COUNTED],
    ['ResourceQuota', ANSWERED],
    ['Role.rbac.authorization.k8s.io', roleStrategy],
    ['RoleBinding.rbac.authorization.k8s.io', CREATED],
    ['RuntimeClass.node.k8s.io', { ...CAREFUL, createsOnUpdate: true }],
    ['Service', serviceStrategy()],
    ['ServiceAccount', ANSWERED],
    ['StatefulSet.apps', COUNTED],
    ['StorageClass.storage.k8s.io', ANSWERED],
    ['ValidatingAdmissionPolicy.admissionregistration.k8s.io', { ...COUNTED_CAREFUL, fixedByStatus: STATUS_ALONE }],
    ['ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io', COUNTED_CAREFUL],
    ['ValidatingWebhookConfiguration.admissionregistration.k8s.io', COUNTED_CAREFUL],
  ]);
}
