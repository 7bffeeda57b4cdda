import { apiVersionOf, groupKindText, type KindRef } from '@causeway/apis/meta/kind';
import type { JsonObject } from './json.ts';

/**
 * A kind's object before anybody has written to it. Kubernetes prints the fields of a built-in kind that its Go type cannot leave out,
 * so nobody ever owns `spec` itself; of a custom resource there is nothing.
 */
export function emptyObject(kind: KindRef): JsonObject {
  return {
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    metadata: {},
    ...structuredClone(NEVER_ABSENT[groupKindText(kind)] ?? {}),
  };
}

const TEMPLATE: JsonObject = { metadata: {}, spec: { containers: null } };

/** Source: Go types of Kubernetes 1.33, fields that are structs and those without `omitempty`. */
const NEVER_ABSENT: Readonly<Record<string, JsonObject>> = {
  Event: {
    involvedObject: {},
    source: {},
    firstTimestamp: null,
    lastTimestamp: null,
    eventTime: null,
    reportingComponent: '',
    reportingInstance: '',
  },
  LimitRange: { spec: { limits: null } },
  Namespace: { spec: {}, status: {} },
  Node: { spec: {}, status: { daemonEndpoints: { kubeletEndpoint: { Port: 0 } }, nodeInfo: {} } },
  PersistentVolume: { spec: {}, status: {} },
  PersistentVolumeClaim: { spec: { resources: {} }, status: {} },
  Pod: { spec: { containers: null }, status: {} },
  PodTemplate: { template: TEMPLATE },
  ReplicationController: { spec: {}, status: { replicas: 0 } },
  ResourceQuota: { spec: {}, status: {} },
  Service: { spec: {}, status: { loadBalancer: {} } },
  'ValidatingAdmissionPolicy.admissionregistration.k8s.io': { spec: {}, status: {} },
  'ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io': { spec: {} },
  'CustomResourceDefinition.apiextensions.k8s.io': {
    spec: { group: '', names: { plural: '', kind: '' }, scope: '', versions: null },
    status: { conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions: null },
  },
  'ControllerRevision.apps': { revision: 0 },
  'DaemonSet.apps': {
    spec: { selector: null, template: TEMPLATE, updateStrategy: {} },
    status: { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
  },
  'Deployment.apps': { spec: { selector: null, strategy: {}, template: TEMPLATE }, status: {} },
  'ReplicaSet.apps': { spec: { selector: null, template: TEMPLATE }, status: { replicas: 0 } },
  'StatefulSet.apps': {
    spec: { selector: null, serviceName: '', template: TEMPLATE, updateStrategy: {} },
    status: { replicas: 0, availableReplicas: 0 },
  },
  'HorizontalPodAutoscaler.autoscaling': {
    spec: { scaleTargetRef: { kind: '', name: '' }, maxReplicas: 0 },
    status: { desiredReplicas: 0, currentMetrics: null },
  },
  'CronJob.batch': { spec: { schedule: '', jobTemplate: { metadata: {}, spec: { template: TEMPLATE } } }, status: {} },
  'Job.batch': { spec: { template: TEMPLATE }, status: {} },
  'CertificateSigningRequest.certificates.k8s.io': { spec: { request: null, signerName: '' }, status: {} },
  'EndpointSlice.discovery.k8s.io': { addressType: '', endpoints: null },
  'Ingress.networking.k8s.io': { spec: {}, status: { loadBalancer: {} } },
  'Event.events.k8s.io': {
    eventTime: null,
    regarding: {},
    deprecatedSource: {},
    deprecatedFirstTimestamp: null,
    deprecatedLastTimestamp: null,
  },
  'IngressClass.networking.k8s.io': { spec: {} },
  'Lease.coordination.k8s.io': { spec: {} },
  'NetworkPolicy.networking.k8s.io': { spec: { podSelector: {} } },
  'PodDisruptionBudget.policy': {
    spec: {},
    status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
  },
  'PriorityClass.scheduling.k8s.io': { value: 0 },
  'ClusterRole.rbac.authorization.k8s.io': { rules: null },
  'ClusterRoleBinding.rbac.authorization.k8s.io': { roleRef: { apiGroup: '', kind: '', name: '' } },
  'Role.rbac.authorization.k8s.io': { rules: null },
  'RoleBinding.rbac.authorization.k8s.io': { roleRef: { apiGroup: '', kind: '', name: '' } },
};
