import { ENVOY_GATEWAY_KINDS } from '@causeway/apis/envoy-gateway/index';
import { ALB2Kind } from '@causeway/apis/gateway/alb2';
import { FrontendKind } from '@causeway/apis/gateway/frontend';
import { IngressNginxKind } from '@causeway/apis/gateway/ingress-nginx';
import { InstanceKind } from '@causeway/apis/gateway/instance';
import { RuleKind } from '@causeway/apis/gateway/rule';
import { TimeoutPolicyKind } from '@causeway/apis/gateway/timeout-policy';
import { GATEWAY_API_KINDS } from '@causeway/apis/gateway-api/index';
import type { WorkloadIR } from '@causeway/ir/gateway';
import type { ServiceAccount } from 'kubernetes-types/core/v1';
import type { ClusterRole, ClusterRoleBinding, PolicyRule } from 'kubernetes-types/rbac/v1';
import { metadata, namesOf, type Rendered } from './rendered.ts';

const READ = ['get', 'list', 'watch'];

/** What a data plane may do: read what it serves, and report about itself. Everything else is the leader's. */
const RULES: readonly PolicyRule[] = [
  {
    apiGroups: [ALB2Kind.names.group],
    resources: [ALB2Kind, FrontendKind, RuleKind].map(({ names }) => names.plural),
    verbs: READ,
  },
  { apiGroups: [''], resources: ['services', 'secrets', 'configmaps', 'namespaces'], verbs: READ },
  ...gatewayApiGroups().map(([group, resources]) => ({ apiGroups: [group], resources, verbs: READ })),
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: READ },
  // In which zone it is.
  { apiGroups: [''], resources: ['nodes'], verbs: READ },
  {
    apiGroups: [InstanceKind.names.group],
    resources: [InstanceKind.names.plural, `${InstanceKind.names.plural}/status`],
    verbs: [...READ, 'create', 'patch', 'delete'],
  },
  { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
];

/** All of its kinds: none holds a secret, and which of them a data plane needs changes with what it serves. */
function gatewayApiGroups(): readonly (readonly [string, string[]])[] {
  const kinds = [...GATEWAY_API_KINDS, ...ENVOY_GATEWAY_KINDS, TimeoutPolicyKind].map(({ names }) => names);
  const groups = [...new Set(kinds.map(({ group }) => group))];
  return groups.map((group) => [group, kinds.filter((kind) => kind.group === group).map(({ plural }) => plural)]);
}

/** Everything that some data plane may do: whoever makes such roles must hold it himself. */
export function dataPlaneRules(): readonly PolicyRule[] {
  return [...RULES, ...INGRESS_NGINX_RULES];
}

/** Ingresses are served as they are. */
const INGRESS_NGINX_RULES: readonly PolicyRule[] = [
  { apiGroups: [IngressNginxKind.names.group], resources: [IngressNginxKind.names.plural], verbs: READ },
  { apiGroups: ['networking.k8s.io'], resources: ['ingresses', 'ingressclasses'], verbs: READ },
];

export function renderServiceAccount(workload: WorkloadIR): Rendered<ServiceAccount> {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: metadata(workload, namesOf(workload).serviceAccount),
  };
}

export function renderClusterRole(workload: WorkloadIR): Rendered<ClusterRole> {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: metadata(workload, namesOf(workload).clusterRole, 'cluster'),
    rules: [...RULES, ...(workload.dataPlane === undefined ? [] : INGRESS_NGINX_RULES)],
  };
}

export function renderClusterRoleBinding(workload: WorkloadIR): Rendered<ClusterRoleBinding> {
  const { clusterRole, clusterRoleBinding, serviceAccount } = namesOf(workload);
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: metadata(workload, clusterRoleBinding, 'cluster'),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: clusterRole },
    subjects: [{ kind: 'ServiceAccount', name: serviceAccount, namespace: (workload.place ?? workload).namespace }],
  };
}
