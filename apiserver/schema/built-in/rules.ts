import type { FieldError } from '../field-error.ts';
import type { JsonObject } from '../json.ts';
import type { NameCheck } from '../names.ts';
import { admissionPolicyBindingRules, admissionPolicyRules } from './admission-policy.ts';
import { certificateSigningRequestRules } from './certificate-signing-request.ts';
import { configMapRules } from './config-map.ts';
import { customResourceDefinitionRules } from './custom-resource-definition.ts';
import { endpointSliceRules } from './endpoint-slice.ts';
import { endpointsRules } from './endpoints.ts';
import { coreEventRules, eventRules } from './event.ts';
import { firstHorizontalPodAutoscalerRules, horizontalPodAutoscalerRules } from './horizontal-pod-autoscaler.ts';
import { ingressRules } from './ingress.ts';
import { ingressClassRules } from './ingress-class.ts';
import { cronJobRules, jobRules } from './job.ts';
import { leaseRules } from './lease.ts';
import { limitRangeRules, priorityClassRules, resourceQuotaRules, runtimeClassRules } from './limits.ts';
import { namespaceRules } from './namespace.ts';
import { networkPolicyRules } from './network-policy.ts';
import { podRules } from './pod.ts';
import { podDisruptionBudgetRules } from './pod-disruption-budget.ts';
import { bindingRules, clusterRoleRules, roleRules } from './rbac.ts';
import { secretRules } from './secret.ts';
import { serviceRules } from './service.ts';
import { persistentVolumeClaimRules, persistentVolumeRules, storageClassRules } from './storage.ts';
import { webhookConfigurationRules } from './webhook-configuration.ts';
import {
  controllerRevisionRules,
  daemonSetRules,
  deploymentRules,
  podTemplateRules,
  replicaSetRules,
  replicationControllerRules,
  statefulSetRules,
} from './workload.ts';

/** What a kind does beyond its schema. See ObjectSchema for when each is called. */
export interface KindRules {
  /** The form of its objects' names; a DNS subdomain unless said otherwise. */
  readonly checkName?: NameCheck;
  /** Fields that the declarations call required, and whose absence `validate` judges: Go has a zero value in their place. */
  readonly judgesAbsence?: RegExp;
  /** Lists that Go writes even when they are absent, as null, so that an empty one is something else. */
  readonly keptLists?: readonly string[];
  readonly prepare?: (object: JsonObject, old: JsonObject | undefined) => void;
  /** Defaults that depend on other fields. */
  readonly applyDefaults?: (object: JsonObject) => void;
  /** Called with objects that fit their schema. */
  readonly validate?: (object: JsonObject, old: JsonObject | undefined) => readonly FieldError[];
  /** About what is valid and probably not meant. */
  readonly warnings?: (object: JsonObject, old: JsonObject | undefined) => readonly string[];
}

/** By `groupKindText`; with `/version` for a version that has rules of its own. */
export const RULES: Readonly<Record<string, KindRules>> = {
  ConfigMap: configMapRules,
  Endpoints: endpointsRules,
  Event: coreEventRules,
  LimitRange: limitRangeRules,
  Namespace: namespaceRules,
  PersistentVolume: persistentVolumeRules,
  PersistentVolumeClaim: persistentVolumeClaimRules,
  Pod: podRules,
  PodTemplate: podTemplateRules,
  ReplicationController: replicationControllerRules,
  ResourceQuota: resourceQuotaRules,
  Secret: secretRules,
  Service: serviceRules,
  'MutatingWebhookConfiguration.admissionregistration.k8s.io': webhookConfigurationRules,
  'ValidatingAdmissionPolicy.admissionregistration.k8s.io': admissionPolicyRules,
  'ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io': admissionPolicyBindingRules,
  'ValidatingWebhookConfiguration.admissionregistration.k8s.io': webhookConfigurationRules,
  'CustomResourceDefinition.apiextensions.k8s.io': customResourceDefinitionRules,
  'ControllerRevision.apps': controllerRevisionRules,
  'DaemonSet.apps': daemonSetRules,
  'Deployment.apps': deploymentRules,
  'ReplicaSet.apps': replicaSetRules,
  'StatefulSet.apps': statefulSetRules,
  'HorizontalPodAutoscaler.autoscaling': horizontalPodAutoscalerRules,
  'HorizontalPodAutoscaler.autoscaling/v1': firstHorizontalPodAutoscalerRules,
  'CronJob.batch': cronJobRules,
  'Job.batch': jobRules,
  'CertificateSigningRequest.certificates.k8s.io': certificateSigningRequestRules,
  'EndpointSlice.discovery.k8s.io': endpointSliceRules,
  'Ingress.networking.k8s.io': ingressRules,
  'IngressClass.networking.k8s.io': ingressClassRules,
  'Lease.coordination.k8s.io': leaseRules,
  'Event.events.k8s.io': eventRules,
  'NetworkPolicy.networking.k8s.io': networkPolicyRules,
  'RuntimeClass.node.k8s.io': runtimeClassRules,
  'PodDisruptionBudget.policy': podDisruptionBudgetRules,
  'PriorityClass.scheduling.k8s.io': priorityClassRules,
  'StorageClass.storage.k8s.io': storageClassRules,
  'ClusterRoleBinding.rbac.authorization.k8s.io': bindingRules({ namespaced: false }),
  'ClusterRole.rbac.authorization.k8s.io': clusterRoleRules,
  'RoleBinding.rbac.authorization.k8s.io': bindingRules({ namespaced: true }),
  'Role.rbac.authorization.k8s.io': roleRules,
};
