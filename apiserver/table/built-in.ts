import { groupKindText, type KindNames } from '@causeway/apis/meta/kind';
import { hasForms, inStoredVersion } from '../conversion/built-in/index.ts';
import type { ApiObject } from '../object.ts';
import { AGE, NAME, type PrintedColumn, printerOf } from './column.ts';
import { customResourceDefinitionColumns, leaseColumns } from './kinds/cluster.ts';
import { configMapColumns, namespaceColumns, secretColumns, serviceAccountColumns } from './kinds/configuration.ts';
import {
  controllerRevisionColumns,
  cronJobColumns,
  daemonSetColumns,
  horizontalPodAutoscalerColumns,
  jobColumns,
  podDisruptionBudgetColumns,
  podTemplateColumns,
  replicaSetColumns,
  replicationControllerColumns,
  statefulSetColumns,
} from './kinds/controllers.ts';
import { eventColumns } from './kinds/event.ts';
import { ingressClassColumns, ingressColumns } from './kinds/ingress.ts';
import { nodeColumns } from './kinds/node.ts';
import {
  admissionPolicyBindingColumns,
  admissionPolicyColumns,
  certificateSigningRequestColumns,
  networkPolicyColumns,
  priorityClassColumns,
  resourceQuotaColumns,
  runtimeClassColumns,
  webhookConfigurationColumns,
} from './kinds/policy.ts';
import { bindingColumns, roleColumns } from './kinds/rbac.ts';
import { endpointSliceColumns, endpointsColumns, serviceColumns } from './kinds/service.ts';
import { persistentVolumeClaimColumns, persistentVolumeColumns, storageClassColumns } from './kinds/volume.ts';
import { deploymentColumns, podColumns } from './kinds/workload.ts';
import type { TablePrinter } from './table.ts';

/** Source: Kubernetes pkg/printers/internalversion/printers.go. */
const COLUMNS: Readonly<Record<string, readonly PrintedColumn[]>> = {
  ConfigMap: configMapColumns,
  Endpoints: endpointsColumns,
  Event: eventColumns,
  Namespace: namespaceColumns,
  Node: nodeColumns,
  PersistentVolume: persistentVolumeColumns,
  PersistentVolumeClaim: persistentVolumeClaimColumns,
  Pod: podColumns,
  PodTemplate: podTemplateColumns,
  ReplicationController: replicationControllerColumns,
  ResourceQuota: resourceQuotaColumns,
  Secret: secretColumns,
  Service: serviceColumns,
  ServiceAccount: serviceAccountColumns,
  'MutatingWebhookConfiguration.admissionregistration.k8s.io': webhookConfigurationColumns,
  'ValidatingAdmissionPolicy.admissionregistration.k8s.io': admissionPolicyColumns,
  'ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io': admissionPolicyBindingColumns,
  'ValidatingWebhookConfiguration.admissionregistration.k8s.io': webhookConfigurationColumns,
  'CustomResourceDefinition.apiextensions.k8s.io': customResourceDefinitionColumns,
  'ControllerRevision.apps': controllerRevisionColumns,
  'DaemonSet.apps': daemonSetColumns,
  'Deployment.apps': deploymentColumns,
  'ReplicaSet.apps': replicaSetColumns,
  'StatefulSet.apps': statefulSetColumns,
  'Event.events.k8s.io': eventColumns,
  'HorizontalPodAutoscaler.autoscaling': horizontalPodAutoscalerColumns,
  'CronJob.batch': cronJobColumns,
  'Job.batch': jobColumns,
  'CertificateSigningRequest.certificates.k8s.io': certificateSigningRequestColumns,
  'EndpointSlice.discovery.k8s.io': endpointSliceColumns,
  'Ingress.networking.k8s.io': ingressColumns,
  'IngressClass.networking.k8s.io': ingressClassColumns,
  'Lease.coordination.k8s.io': leaseColumns,
  'NetworkPolicy.networking.k8s.io': networkPolicyColumns,
  'RuntimeClass.node.k8s.io': runtimeClassColumns,
  'PodDisruptionBudget.policy': podDisruptionBudgetColumns,
  'PriorityClass.scheduling.k8s.io': priorityClassColumns,
  'StorageClass.storage.k8s.io': storageClassColumns,
  'ClusterRoleBinding.rbac.authorization.k8s.io': bindingColumns,
  'ClusterRole.rbac.authorization.k8s.io': roleColumns,
  'RoleBinding.rbac.authorization.k8s.io': bindingColumns,
  'Role.rbac.authorization.k8s.io': roleColumns,
};

/** The columns `kubectl get` shows for a built-in kind; Name and Age for one without its own. */
export function builtInPrinter(kind: KindNames): TablePrinter {
  const printer = printerOf(COLUMNS[groupKindText(kind)] ?? [NAME, AGE]);
  if (!hasForms(kind)) return printer;
  // Columns are those of the stored version.
  return { ...printer, cells: (object, now) => printer.cells(inStoredVersion(kind, object as ApiObject), now) };
}
