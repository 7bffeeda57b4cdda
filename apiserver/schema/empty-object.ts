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
  Namespace: { spec: {}, status: {} },
  Node: { spec: {}, status: { daemonEndpoints: { kubeletEndpoint: { Port: 0 } }, nodeInfo: {} } },
  Pod: { spec: { containers: null }, status: {} },
  Service: { spec: {}, status: { loadBalancer: {} } },
  'CustomResourceDefinition.apiextensions.k8s.io': {
    spec: { group: '', names: { plural: '', kind: '' }, scope: '', versions: null },
    status: { conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions: null },
  },
  'Deployment.apps': {
    spec: { selector: null, strategy: {}, template: { metadata: {}, spec: { containers: null } } },
    status: {},
  },
  'EndpointSlice.discovery.k8s.io': { addressType: '', endpoints: null },
  'Ingress.networking.k8s.io': { spec: {}, status: { loadBalancer: {} } },
  'IngressClass.networking.k8s.io': { spec: {} },
  'Lease.coordination.k8s.io': { spec: {} },
  'ClusterRole.rbac.authorization.k8s.io': { rules: null },
  'ClusterRoleBinding.rbac.authorization.k8s.io': { roleRef: { apiGroup: '', kind: '', name: '' } },
  'Role.rbac.authorization.k8s.io': { rules: null },
  'RoleBinding.rbac.authorization.k8s.io': { roleRef: { apiGroup: '', kind: '', name: '' } },
};
