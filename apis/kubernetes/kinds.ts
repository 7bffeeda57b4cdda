import type { KindNames } from '../meta/kind.ts';

/**
 * The kinds of Kubernetes itself that the embedded API server serves, named as a real cluster names them: singular, short
 * names and categories are what `kubectl api-resources` and `kubectl get svc,deploy,ing` rely on.
 *
 * Source: Kubernetes 1.30 discovery. The order is that of `kubectl api-resources`: core group first.
 */
export const BUILT_IN_KINDS: readonly KindNames[] = [
  core({ kind: 'ConfigMap', plural: 'configmaps', shortNames: ['cm'] }),
  core({ kind: 'Endpoints', plural: 'endpoints', singular: 'endpoints', shortNames: ['ep'] }),
  core({ kind: 'Event', plural: 'events', shortNames: ['ev'] }),
  core({ kind: 'Namespace', plural: 'namespaces', shortNames: ['ns'], namespaced: false, statusSubresource: true }),
  core({ kind: 'Node', plural: 'nodes', shortNames: ['no'], namespaced: false, statusSubresource: true }),
  core({ kind: 'Pod', plural: 'pods', shortNames: ['po'], categories: ['all'], statusSubresource: true }),
  core({ kind: 'Secret', plural: 'secrets' }),
  core({ kind: 'ServiceAccount', plural: 'serviceaccounts', shortNames: ['sa'] }),
  core({ kind: 'Service', plural: 'services', shortNames: ['svc'], categories: ['all'], statusSubresource: true }),
  named({
    group: 'apiextensions.k8s.io',
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    namespaced: false,
    statusSubresource: true,
  }),
  named({
    group: 'apps',
    kind: 'Deployment',
    plural: 'deployments',
    shortNames: ['deploy'],
    categories: ['all'],
    statusSubresource: true,
  }),
  named({ group: 'coordination.k8s.io', kind: 'Lease', plural: 'leases' }),
  named({ group: 'discovery.k8s.io', kind: 'EndpointSlice', plural: 'endpointslices' }),
  named({ group: 'networking.k8s.io', kind: 'IngressClass', plural: 'ingressclasses', namespaced: false }),
  named({
    group: 'networking.k8s.io',
    kind: 'Ingress',
    plural: 'ingresses',
    shortNames: ['ing'],
    statusSubresource: true,
  }),
  rbac({ kind: 'ClusterRoleBinding', plural: 'clusterrolebindings', namespaced: false }),
  rbac({ kind: 'ClusterRole', plural: 'clusterroles', namespaced: false }),
  rbac({ kind: 'RoleBinding', plural: 'rolebindings' }),
  rbac({ kind: 'Role', plural: 'roles' }),
];

type Names = Pick<KindNames, 'kind' | 'plural'> & Partial<KindNames>;

function core(names: Names): KindNames {
  return named({ ...names, group: '' });
}

function rbac(names: Names): KindNames {
  return named({ ...names, group: 'rbac.authorization.k8s.io' });
}

function named(names: Names & { readonly group: string }): KindNames {
  return {
    version: 'v1',
    singular: names.kind.toLowerCase(),
    shortNames: [],
    categories: [],
    namespaced: true,
    statusSubresource: false,
    ...names,
  };
}
