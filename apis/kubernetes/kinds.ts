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
  core({ kind: 'LimitRange', plural: 'limitranges', shortNames: ['limits'] }),
  core({ kind: 'Namespace', plural: 'namespaces', shortNames: ['ns'], namespaced: false, statusSubresource: true }),
  core({ kind: 'Node', plural: 'nodes', shortNames: ['no'], namespaced: false, statusSubresource: true }),
  core({
    kind: 'PersistentVolumeClaim',
    plural: 'persistentvolumeclaims',
    shortNames: ['pvc'],
    statusSubresource: true,
  }),
  core({
    kind: 'PersistentVolume',
    plural: 'persistentvolumes',
    shortNames: ['pv'],
    namespaced: false,
    statusSubresource: true,
  }),
  core({ kind: 'Pod', plural: 'pods', shortNames: ['po'], categories: ['all'], statusSubresource: true }),
  core({ kind: 'PodTemplate', plural: 'podtemplates' }),
  core({
    kind: 'ReplicationController',
    plural: 'replicationcontrollers',
    shortNames: ['rc'],
    categories: ['all'],
    statusSubresource: true,
  }),
  core({ kind: 'ResourceQuota', plural: 'resourcequotas', shortNames: ['quota'], statusSubresource: true }),
  core({ kind: 'Secret', plural: 'secrets' }),
  core({ kind: 'ServiceAccount', plural: 'serviceaccounts', shortNames: ['sa'] }),
  core({ kind: 'Service', plural: 'services', shortNames: ['svc'], categories: ['all'], statusSubresource: true }),
  ...inGroup('admissionregistration.k8s.io', [
    {
      kind: 'MutatingWebhookConfiguration',
      plural: 'mutatingwebhookconfigurations',
      categories: ['api-extensions'],
      namespaced: false,
    },
    {
      kind: 'ValidatingAdmissionPolicy',
      plural: 'validatingadmissionpolicies',
      categories: ['api-extensions'],
      namespaced: false,
      statusSubresource: true,
    },
    {
      kind: 'ValidatingAdmissionPolicyBinding',
      plural: 'validatingadmissionpolicybindings',
      categories: ['api-extensions'],
      namespaced: false,
    },
    {
      kind: 'ValidatingWebhookConfiguration',
      plural: 'validatingwebhookconfigurations',
      categories: ['api-extensions'],
      namespaced: false,
    },
  ]),
  named({
    group: 'apiextensions.k8s.io',
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    namespaced: false,
    statusSubresource: true,
  }),
  ...inGroup('apps', [
    { kind: 'ControllerRevision', plural: 'controllerrevisions' },
    { kind: 'DaemonSet', plural: 'daemonsets', shortNames: ['ds'], categories: ['all'], statusSubresource: true },
    { kind: 'Deployment', plural: 'deployments', shortNames: ['deploy'], categories: ['all'], statusSubresource: true },
    { kind: 'ReplicaSet', plural: 'replicasets', shortNames: ['rs'], categories: ['all'], statusSubresource: true },
    { kind: 'StatefulSet', plural: 'statefulsets', shortNames: ['sts'], categories: ['all'], statusSubresource: true },
  ]),
  // Served in both versions, stored in the first one.
  ...['v2', 'v1'].map((version) =>
    named({
      group: 'autoscaling',
      version,
      kind: 'HorizontalPodAutoscaler',
      plural: 'horizontalpodautoscalers',
      shortNames: ['hpa'],
      categories: ['all'],
      statusSubresource: true,
    }),
  ),
  ...inGroup('batch', [
    { kind: 'CronJob', plural: 'cronjobs', shortNames: ['cj'], categories: ['all'], statusSubresource: true },
    { kind: 'Job', plural: 'jobs', categories: ['all'], statusSubresource: true },
  ]),
  named({
    group: 'certificates.k8s.io',
    kind: 'CertificateSigningRequest',
    plural: 'certificatesigningrequests',
    shortNames: ['csr'],
    namespaced: false,
    statusSubresource: true,
  }),
  named({ group: 'coordination.k8s.io', kind: 'Lease', plural: 'leases' }),
  named({ group: 'discovery.k8s.io', kind: 'EndpointSlice', plural: 'endpointslices' }),
  // The Events of the core group once more.
  named({ group: 'events.k8s.io', kind: 'Event', plural: 'events', shortNames: ['ev'] }),
  ...inGroup('networking.k8s.io', [
    { kind: 'IngressClass', plural: 'ingressclasses', namespaced: false },
    { kind: 'Ingress', plural: 'ingresses', shortNames: ['ing'], statusSubresource: true },
    { kind: 'NetworkPolicy', plural: 'networkpolicies', shortNames: ['netpol'] },
  ]),
  named({ group: 'node.k8s.io', kind: 'RuntimeClass', plural: 'runtimeclasses', namespaced: false }),
  named({
    group: 'policy',
    kind: 'PodDisruptionBudget',
    plural: 'poddisruptionbudgets',
    shortNames: ['pdb'],
    statusSubresource: true,
  }),
  ...inGroup('rbac.authorization.k8s.io', [
    { kind: 'ClusterRoleBinding', plural: 'clusterrolebindings', namespaced: false },
    { kind: 'ClusterRole', plural: 'clusterroles', namespaced: false },
    { kind: 'RoleBinding', plural: 'rolebindings' },
    { kind: 'Role', plural: 'roles' },
  ]),
  named({
    group: 'scheduling.k8s.io',
    kind: 'PriorityClass',
    plural: 'priorityclasses',
    shortNames: ['pc'],
    namespaced: false,
  }),
  named({
    group: 'storage.k8s.io',
    kind: 'StorageClass',
    plural: 'storageclasses',
    shortNames: ['sc'],
    namespaced: false,
  }),
];

type Names = Pick<KindNames, 'kind' | 'plural'> & Partial<KindNames>;

function core(names: Names): KindNames {
  return named({ ...names, group: '' });
}

function inGroup(group: string, kinds: readonly Names[]): readonly KindNames[] {
  return kinds.map((names) => named({ ...names, group }));
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
