import { ENVOY_GATEWAY_KINDS } from '@causeway/apis/envoy-gateway/index';
import { ALB2Kind } from '@causeway/apis/gateway/alb2';
import { FrontendKind } from '@causeway/apis/gateway/frontend';
import { IngressNginxKind } from '@causeway/apis/gateway/ingress-nginx';
import { InstanceKind } from '@causeway/apis/gateway/instance';
import { RuleKind } from '@causeway/apis/gateway/rule';
import { GatewayKind } from '@causeway/apis/gateway-api/gateway';
import { GatewayClassKind } from '@causeway/apis/gateway-api/gateway-class';
import { GATEWAY_API_KINDS } from '@causeway/apis/gateway-api/index';
import type { KindRef } from '@causeway/apis/meta/kind';
import { KIND_REFS } from '@causeway/resources/kinds';
import { dataPlaneRules } from '@causeway/targets/infra/access';
import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef } from 'kubernetes-types/rbac/v1';
import { LABELS, LEASE_NAMESPACE, NAME, NAMESPACE, WEBHOOK } from './names.ts';

const READ = ['get', 'list', 'watch'];
const DERIVE = ['create', 'patch', 'delete'];

/** What the leader writes, besides the status of what it reads. */
const WRITTEN: readonly (readonly [KindRef, readonly string[]])[] = [
  [ALB2Kind.names, DERIVE],
  [IngressNginxKind.names, ['patch']],
  [FrontendKind.names, DERIVE],
  [RuleKind.names, DERIVE],
  [InstanceKind.names, DERIVE],
  [KIND_REFS.IngressClass, DERIVE],
  [GatewayClassKind.names, DERIVE],
  [GatewayKind.names, ['patch']],
  [KIND_REFS.Service, DERIVE],
  [KIND_REFS.ServiceAccount, DERIVE],
  [KIND_REFS.ConfigMap, DERIVE],
  [KIND_REFS.Deployment, DERIVE],
  [KIND_REFS.DaemonSet, DERIVE],
  [KIND_REFS.HorizontalPodAutoscaler, DERIVE],
  [KIND_REFS.PodDisruptionBudget, DERIVE],
  [KIND_REFS.ClusterRole, DERIVE],
  [KIND_REFS.ClusterRoleBinding, DERIVE],
  [{ group: '', version: 'v1', kind: 'Event', plural: 'events', namespaced: true }, ['get', 'create', 'patch']],
];

/** Kinds whose status the leader writes. */
const STATUS: readonly KindRef[] = [
  ALB2Kind.names,
  IngressNginxKind.names,
  FrontendKind.names,
  InstanceKind.names,
  KIND_REFS.Ingress,
  KIND_REFS.Service,
  ...ENVOY_GATEWAY_KINDS.filter(({ names }) => names.statusSubresource).map(({ names }) => names),
  ...GATEWAY_API_KINDS.filter(({ names }) => names.statusSubresource).map(({ names }) => names),
];

/**
 * What `causeway controllers` may do in the whole cluster: read what reflectors read, write what targets write, and hold what
 * data planes hold, since nobody may give rights that he has not.
 */
export function controllerRules(): readonly PolicyRule[] {
  return [
    ...merged([
      ...Object.values(KIND_REFS).map((kind) => ruleOf(kind, kind.plural, READ)),
      ...WRITTEN.map(([kind, verbs]) => ruleOf(kind, kind.plural, verbs)),
      ...STATUS.map((kind) => ruleOf(kind, `${kind.plural}/status`, ['patch'])),
      // Where OwnerReferencesPermissionEnforcement is on: Frontends and others name their ALB2 as owner.
      ruleOf(ALB2Kind.names, `${ALB2Kind.names.plural}/finalizers`, ['update']),
      ...dataPlaneRules().flatMap(({ apiGroups = [], resources = [], verbs }) =>
        apiGroups.flatMap((group) => resources.map((resource) => ({ group, resource, verbs }))),
      ),
    ]),
    {
      apiGroups: ['admissionregistration.k8s.io'],
      resources: ['validatingwebhookconfigurations'],
      resourceNames: [WEBHOOK],
      verbs: ['get', 'patch'],
    },
  ];
}

/** In their own namespace: the certificate of the webhook, and which image they run. */
export function ownRules(): readonly PolicyRule[] {
  return [
    { apiGroups: [''], resources: ['secrets'], resourceNames: [WEBHOOK], verbs: ['get', 'update'] },
    // A name cannot be asked for when something is made.
    { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
  ];
}

export function leaseRules(): readonly PolicyRule[] {
  return [{ apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] }];
}

export function accessObjects(): readonly object[] {
  const subjects = [{ kind: 'ServiceAccount', name: NAME, namespace: NAMESPACE }];
  const roleRef = (kind: string): RoleRef => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name: NAME });
  const metadata = { name: NAME, labels: LABELS };
  const clusterRole: ClusterRole = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata,
    rules: [...controllerRules()],
  };
  const clusterRoleBinding: ClusterRoleBinding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata,
    roleRef: roleRef('ClusterRole'),
    subjects,
  };
  const inNamespace = (namespace: string, rules: readonly PolicyRule[]): readonly [Role, RoleBinding] => [
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { ...metadata, namespace },
      rules: [...rules],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { ...metadata, namespace },
      roleRef: roleRef('Role'),
      subjects,
    },
  ];
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { ...metadata, namespace: NAMESPACE } },
    clusterRole,
    clusterRoleBinding,
    ...inNamespace(NAMESPACE, ownRules()),
    ...inNamespace(LEASE_NAMESPACE, leaseRules()),
  ];
}

interface ResourceRule {
  readonly group: string;
  readonly resource: string;
  readonly verbs: readonly string[];
}

function ruleOf({ group }: KindRef, resource: string, verbs: readonly string[]): ResourceRule {
  return { group, resource, verbs };
}

const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'];

/** One rule for all resources of a group with the same verbs. */
function merged(rules: readonly ResourceRule[]): readonly PolicyRule[] {
  const verbsOf = new Map<string, Set<string>>();
  for (const { group, resource, verbs } of rules) {
    const key = `${group} ${resource}`;
    const known = verbsOf.get(key) ?? new Set();
    for (const verb of verbs) known.add(verb);
    verbsOf.set(key, known);
  }
  const resourcesOf = new Map<string, string[]>();
  for (const [key, verbs] of [...verbsOf].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const [group = '', resource = ''] = key.split(' ');
    const same = `${group} ${VERBS.filter((verb) => verbs.has(verb)).join(',')}`;
    resourcesOf.set(same, [...(resourcesOf.get(same) ?? []), resource]);
  }
  return [...resourcesOf].map(([key, resources]) => {
    const [group = '', verbs = ''] = key.split(' ');
    return { apiGroups: [group], resources, verbs: verbs.split(',') };
  });
}
