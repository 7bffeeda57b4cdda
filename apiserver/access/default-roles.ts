import type { KindNames } from '@causeway/apis/meta/kind';
import type { ApiObject } from '../object.ts';
import type { JsonObject } from '../schema/json.ts';
import { AUTHENTICATED, MASTERS, UNAUTHENTICATED } from './identity.ts';
import { RBAC_GROUP } from './role-index.ts';
import { CERTIFICATES_GROUP, CLIENT_SIGNER } from './signers.ts';

const API_VERSION = `${RBAC_GROUP}/v1`;
/** Set to `false` on a role by somebody who changed it: it is left alone then. */
export const AUTO_UPDATE = 'rbac.authorization.kubernetes.io/autoupdate';

const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update'];

type Tier = 'admin' | 'edit' | 'view';

/** What roles are made of: kinds of one group, by who may do what with them. */
interface Kinds {
  readonly group: string;
  /** Anybody who views. */
  readonly seen: readonly string[];
  /** Only those who edit: whoever reads them could act as somebody else. */
  readonly hidden?: readonly string[];
  /** Seen, and changed by nobody. */
  readonly readOnly?: readonly string[];
}

/** Namespaced kinds of Kubernetes that this server has, with their subresources. */
const BUILT_IN: readonly Kinds[] = [
  {
    group: '',
    seen: [
      'configmaps',
      'endpoints',
      'persistentvolumeclaims',
      'pods',
      'replicationcontrollers',
      'replicationcontrollers/scale',
      'serviceaccounts',
      'services',
      'services/status',
    ],
    hidden: ['secrets'],
    readOnly: [
      'bindings',
      'events',
      'limitranges',
      'namespaces',
      'namespaces/status',
      'persistentvolumeclaims/status',
      'pods/status',
      'replicationcontrollers/status',
      'resourcequotas',
      'resourcequotas/status',
    ],
  },
  {
    group: 'apps',
    seen: [
      'daemonsets',
      'deployments',
      'deployments/scale',
      'replicasets',
      'replicasets/scale',
      'statefulsets',
      'statefulsets/scale',
    ],
    readOnly: [
      'controllerrevisions',
      'daemonsets/status',
      'deployments/status',
      'replicasets/status',
      'statefulsets/status',
    ],
  },
  { group: 'autoscaling', seen: ['horizontalpodautoscalers'], readOnly: ['horizontalpodautoscalers/status'] },
  { group: 'batch', seen: ['cronjobs', 'jobs'], readOnly: ['cronjobs/status', 'jobs/status'] },
  { group: 'coordination.k8s.io', seen: [], hidden: ['leases'] },
  { group: 'discovery.k8s.io', seen: [], readOnly: ['endpointslices'] },
  { group: 'networking.k8s.io', seen: ['ingresses', 'networkpolicies'], readOnly: ['ingresses/status'] },
  { group: 'policy', seen: ['poddisruptionbudgets'], readOnly: ['poddisruptionbudgets/status'] },
];

/**
 * The roles and bindings that every cluster has, and for the kinds that the server brings what `admin`, `edit` and `view` mean.
 *
 * Source: Kubernetes, "Using RBAC Authorization", "Default roles and role bindings".
 *
 * @param installed kinds of CustomResourceDefinitions that belong to the server
 */
export function defaultRoles(installed: readonly KindNames[]): readonly ApiObject[] {
  return [
    clusterRole('cluster-admin', [
      { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
      { nonResourceURLs: ['*'], verbs: ['*'] },
    ]),
    clusterRole('system:discovery', [
      {
        nonResourceURLs: [
          '/api',
          '/api/*',
          '/apis',
          '/apis/*',
          '/healthz',
          '/livez',
          '/openapi',
          '/openapi/*',
          '/readyz',
          '/version',
          '/version/',
        ],
        verbs: ['get'],
      },
    ]),
    clusterRole('system:basic-user', [
      {
        apiGroups: ['authorization.k8s.io'],
        resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
        verbs: ['create'],
      },
      { apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'], verbs: ['create'] },
    ]),
    clusterRole('system:public-info-viewer', [
      { nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'], verbs: ['get'] },
    ]),
    clusterRole('system:auth-delegator', [
      { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
      { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
    ]),
    clusterRole('system:service-account-issuer-discovery', [
      { nonResourceURLs: ['/.well-known/openid-configuration', '/openid/v1/jwks'], verbs: ['get'] },
    ]),
    clusterRole('system:certificates.k8s.io:kube-apiserver-client-approver', [
      { apiGroups: [CERTIFICATES_GROUP], resources: ['signers'], resourceNames: [CLIENT_SIGNER], verbs: ['approve'] },
    ]),
    ...tieredRoles(installed),
    clusterRoleBinding('cluster-admin', [MASTERS]),
    clusterRoleBinding('system:discovery', [AUTHENTICATED]),
    clusterRoleBinding('system:basic-user', [AUTHENTICATED]),
    clusterRoleBinding('system:public-info-viewer', [AUTHENTICATED, UNAUTHENTICATED]),
    clusterRoleBinding('system:service-account-issuer-discovery', ['system:serviceaccounts']),
  ];
}

/** `admin` has what `edit` has, `edit` what `view` has: by aggregation, so that others can add to them. */
function tieredRoles(installed: readonly KindNames[]): readonly ApiObject[] {
  const own = groupsOf(installed);
  const access = { group: RBAC_GROUP, seen: [], hidden: ['rolebindings', 'roles'] } satisfies Kinds;
  const impersonate = { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['impersonate'] };
  const tokens = { apiGroups: [''], resources: ['serviceaccounts/token'], verbs: ['create'] };
  const reviews = { apiGroups: ['authorization.k8s.io'], resources: ['localsubjectaccessreviews'], verbs: ['create'] };
  return [
    aggregated('admin', 'admin', {}),
    aggregated('edit', 'edit', { 'aggregate-to-admin': 'true' }),
    aggregated('view', 'view', { 'aggregate-to-edit': 'true' }),
    part('system:aggregate-to-admin', 'admin', [reviews, ...changing([access])]),
    part('system:aggregate-to-edit', 'edit', [impersonate, tokens, ...changing(BUILT_IN)]),
    part('system:aggregate-to-view', 'view', viewing(BUILT_IN)),
    part('causeway:aggregate-to-edit', 'edit', changing(own)),
    part('causeway:aggregate-to-view', 'view', viewing(own)),
  ].filter((role) => role.rules === undefined || (role.rules as readonly unknown[]).length > 0);
}

function viewing(kinds: readonly Kinds[]): readonly JsonObject[] {
  return kinds.flatMap(({ group, seen, readOnly = [] }) => {
    const resources = [...seen, ...readOnly].sort();
    return resources.length === 0 ? [] : [{ apiGroups: [group], resources, verbs: [...READ] }];
  });
}

function changing(kinds: readonly Kinds[]): readonly JsonObject[] {
  return kinds.flatMap(({ group, seen, hidden = [] }) => {
    const resources = [...seen, ...hidden].filter((resource) => !resource.endsWith('/status')).sort();
    const read = hidden.length === 0 ? [] : [{ apiGroups: [group], resources: [...hidden].sort(), verbs: [...READ] }];
    return resources.length === 0 ? [] : [...read, { apiGroups: [group], resources, verbs: [...WRITE] }];
  });
}

/**
 * Whoever writes one takes ports of the machine and gives them to projects, or serves the Ingresses of all namespaces, or says what
 * a data plane does: that is for administrators (ALB-126) and programs.
 */
const ADMINISTERED: ReadonlySet<string> = new Set([
  'alaudaloadbalancer2.crd.alauda.io',
  'ingressnginxes.ingress-nginx.alauda.io',
  'instances.causeway.dev',
]);

function groupsOf(kinds: readonly KindNames[]): readonly Kinds[] {
  const groups = new Map<string, string[]>();
  for (const { group, plural, namespaced } of kinds) {
    if (namespaced) groups.set(group, [...(groups.get(group) ?? []), plural]);
  }
  return [...groups].map(([group, plurals]) => {
    const isAdministered = (plural: string): boolean => ADMINISTERED.has(`${plural}.${group}`);
    const status = plurals.map((plural) => `${plural}/status`);
    return {
      group,
      seen: plurals.filter((plural) => !isAdministered(plural)),
      readOnly: [...status, ...plurals.filter(isAdministered)],
    };
  });
}

function aggregated(name: string, tier: Tier, labels: Readonly<Record<string, string>>): ApiObject {
  const role = clusterRole(name, undefined, labels);
  role['aggregationRule'] = {
    clusterRoleSelectors: [{ matchLabels: { [`${RBAC_GROUP}/aggregate-to-${tier}`]: 'true' } }],
  };
  return role;
}

function part(name: string, tier: Tier, rules: readonly JsonObject[]): ApiObject {
  return clusterRole(name, rules, { [`aggregate-to-${tier}`]: 'true' });
}

function clusterRole(
  name: string,
  rules: readonly JsonObject[] | undefined,
  labels: Readonly<Record<string, string>> = {},
): ApiObject {
  const own = Object.entries(labels).map(([key, value]) => [`${RBAC_GROUP}/${key}`, value] as const);
  return {
    apiVersion: API_VERSION,
    kind: 'ClusterRole',
    metadata: bootstrapped(name, Object.fromEntries(own)),
    ...(rules === undefined ? {} : { rules: [...rules] }),
  };
}

function clusterRoleBinding(role: string, groups: readonly string[]): ApiObject {
  return {
    apiVersion: API_VERSION,
    kind: 'ClusterRoleBinding',
    metadata: bootstrapped(role, {}),
    roleRef: { apiGroup: RBAC_GROUP, kind: 'ClusterRole', name: role },
    subjects: groups.map((name) => ({ apiGroup: RBAC_GROUP, kind: 'Group', name })),
  };
}

function bootstrapped(name: string, labels: Readonly<Record<string, string>>): ApiObject['metadata'] {
  return {
    name,
    labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
    annotations: { [AUTO_UPDATE]: 'true' },
  };
}
