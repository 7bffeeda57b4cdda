import { BUILT_IN_KINDS } from '@causeway/apis/kubernetes/kinds';
import type { JsonObject } from '@causeway/apiserver/schema/json';
import type { Sequence } from '../sequence.ts';
import {
  APPLY,
  CONTAINER,
  core,
  get,
  grouped,
  MERGE_PATCH,
  object,
  patch,
  post,
  put,
  SERVICES,
  sequence,
  service,
} from './steps.ts';

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

const FORMERLY_AGGREGATED = AGGREGATED.replace('v=v2', 'v=v2beta1');

/** What clients from before 1.30 accept, alone and with what they take otherwise. */
const FORMERLY: readonly string[] = [
  FORMERLY_AGGREGATED,
  `${FORMERLY_AGGREGATED},application/json`,
  `${AGGREGATED},${FORMERLY_AGGREGATED},application/json`,
];

const groupVersions = [
  ...new Set(BUILT_IN_KINDS.map(({ group, version }) => (group === '' ? '' : `${group}/${version}`))),
];

const S = `${SERVICES}/s`;
/** What of a Service cannot change, or not so. */
const SERVICE_CHANGES: readonly (readonly [string, JsonObject, JsonObject])[] = [
  ['another address', {}, { clusterIP: '10.96.77.7', clusterIPs: ['10.96.77.7'] }],
  ['headless now', {}, { clusterIP: 'None', clusterIPs: ['None'] }],
  ['no longer headless', { clusterIP: 'None' }, { clusterIP: '10.96.77.8', clusterIPs: ['10.96.77.8'] }],
  ['another family', {}, { ipFamilies: ['IPv6'] }],
  [
    'another class',
    { type: 'LoadBalancer', loadBalancerClass: 'a.example.org/b' },
    { loadBalancerClass: 'a.example.org/c' },
  ],
  ['a class later', { type: 'LoadBalancer' }, { loadBalancerClass: 'a.example.org/c' }],
  ['no node ports later', { type: 'LoadBalancer' }, { allocateLoadBalancerNodePorts: false }],
  ['local traffic later', { type: 'LoadBalancer' }, { externalTrafficPolicy: 'Local' }],
  ['an affinity later', {}, { sessionAffinity: 'ClientIP' }],
  ['no selector', {}, { selector: null }],
];

const labels = { app: 'a' };
const selector = { matchLabels: labels };
const template = { metadata: { labels }, spec: { containers: [CONTAINER] } };
const once = { spec: { restartPolicy: 'Never', containers: [CONTAINER] } };
const cluster = (groupVersion: string, plural: string): string =>
  groupVersion.includes('/') ? `/apis/${groupVersion}/${plural}` : `/api/${groupVersion}/${plural}`;

interface Applied {
  readonly kind: string;
  readonly groupVersion: string;
  readonly plural: string;
  readonly body: JsonObject;
  /** What another manager applies besides. */
  readonly other: JsonObject;
  readonly clusterScoped?: true;
}

const RULES = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];

/** Server-side apply of each kind. */
const APPLIED: readonly Applied[] = [
  of(
    'v1',
    'ServiceAccount',
    'serviceaccounts',
    { imagePullSecrets: [{ name: 'a' }] },
    { imagePullSecrets: [{ name: 'b' }] },
  ),
  of('v1', 'Secret', 'secrets', { stringData: { a: '1' } }, { data: { b: 'Yg==' } }),
  of(
    'v1',
    'Pod',
    'pods',
    { spec: { containers: [CONTAINER] } },
    { spec: { tolerations: [{ key: 'a', operator: 'Exists' }] } },
  ),
  of(
    'v1',
    'Endpoints',
    'endpoints',
    { subsets: [{ addresses: [{ ip: '10.1.2.3' }], ports: [{ port: 80 }] }] },
    { metadata: { labels: { b: 'c' } } },
  ),
  of(
    'v1',
    'PersistentVolumeClaim',
    'persistentvolumeclaims',
    { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
    { metadata: { labels: { b: 'c' } } },
  ),
  of(
    'v1',
    'ReplicationController',
    'replicationcontrollers',
    { spec: { selector: labels, template } },
    { spec: { replicas: 2 } },
  ),
  of(
    'apps/v1',
    'StatefulSet',
    'statefulsets',
    { spec: { serviceName: 's', selector, template } },
    { spec: { replicas: 2 } },
  ),
  of('apps/v1', 'DaemonSet', 'daemonsets', { spec: { selector, template } }, { spec: { minReadySeconds: 2 } }),
  of('apps/v1', 'ReplicaSet', 'replicasets', { spec: { selector, template } }, { spec: { replicas: 2 } }),
  of('batch/v1', 'Job', 'jobs', { spec: { template: once } }, { spec: { parallelism: 2 } }),
  of(
    'batch/v1',
    'CronJob',
    'cronjobs',
    { spec: { schedule: '* * * * *', jobTemplate: { spec: { template: once } } } },
    { spec: { suspend: true } },
  ),
  of(
    'discovery.k8s.io/v1',
    'EndpointSlice',
    'endpointslices',
    { addressType: 'IPv4', endpoints: [{ addresses: ['10.1.2.3'] }], ports: [{ name: 'a', port: 80 }] },
    { metadata: { labels: { b: 'c' } } },
  ),
  of(
    'networking.k8s.io/v1',
    'Ingress',
    'ingresses',
    { spec: { rules: [{ host: 'a.example.org' }], tls: [{ hosts: ['a.example.org'] }] } },
    { spec: { ingressClassName: 'x' } },
  ),
  of(
    'networking.k8s.io/v1',
    'NetworkPolicy',
    'networkpolicies',
    { spec: { podSelector: {}, policyTypes: ['Ingress'] } },
    { metadata: { labels: { b: 'c' } } },
  ),
  of(
    'policy/v1',
    'PodDisruptionBudget',
    'poddisruptionbudgets',
    { spec: { minAvailable: 1, selector } },
    { spec: { unhealthyPodEvictionPolicy: 'AlwaysAllow' } },
  ),
  of(
    'autoscaling/v2',
    'HorizontalPodAutoscaler',
    'horizontalpodautoscalers',
    { spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' } } },
    { spec: { minReplicas: 2 } },
  ),
  of(
    'coordination.k8s.io/v1',
    'Lease',
    'leases',
    { spec: { holderIdentity: 'a' } },
    { spec: { leaseDurationSeconds: 5 } },
  ),
  of('rbac.authorization.k8s.io/v1', 'Role', 'roles', { rules: RULES }, { metadata: { labels: { b: 'c' } } }),
  of(
    'rbac.authorization.k8s.io/v1',
    'RoleBinding',
    'rolebindings',
    {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' },
      subjects: [{ kind: 'ServiceAccount', name: 'default' }],
    },
    { metadata: { labels: { b: 'c' } } },
  ),
  {
    ...of(
      'v1',
      'PersistentVolume',
      'persistentvolumes',
      { spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' } } },
      { spec: { mountOptions: ['ro'] } },
    ),
    clusterScoped: true,
  },
  {
    ...of(
      'networking.k8s.io/v1',
      'IngressClass',
      'ingressclasses',
      { spec: { controller: 'example.org/c' } },
      { metadata: { annotations: { b: 'c' } } },
    ),
    clusterScoped: true,
  },
  {
    ...of('scheduling.k8s.io/v1', 'PriorityClass', 'priorityclasses', { value: 5 }, { description: 'd' }),
    clusterScoped: true,
  },
  {
    ...of(
      'storage.k8s.io/v1',
      'StorageClass',
      'storageclasses',
      { provisioner: 'example.org/p' },
      { allowVolumeExpansion: true },
    ),
    clusterScoped: true,
  },
  {
    ...of(
      'rbac.authorization.k8s.io/v1',
      'ClusterRole',
      'clusterroles',
      { rules: RULES },
      { metadata: { labels: { b: 'c' } } },
    ),
    clusterScoped: true,
  },
];

function of(groupVersion: string, kind: string, plural: string, body: JsonObject, other: JsonObject): Applied {
  return { groupVersion, kind, plural, body, other };
}

function appliedSequence({ kind, groupVersion, plural, body, other, clusterScoped }: Applied): Sequence {
  const namespaced = groupVersion === 'v1' ? core(plural) : grouped(groupVersion, plural);
  const name = clusterScoped === true ? '<<ns>>' : 'a';
  const path = `${clusterScoped === true ? cluster(groupVersion, plural) : namespaced}/${name}`;
  const { metadata = {}, ...rest } = other;
  const more = object(groupVersion, kind, name, rest, metadata as JsonObject);
  return sequence(
    `apply/${kind}`,
    patch(`${path}?fieldManager=one`, APPLY, object(groupVersion, kind, name, body)),
    patch(`${path}?fieldManager=two`, APPLY, more),
    patch(`${path}?fieldManager=one`, APPLY, object(groupVersion, kind, name, body, { labels: { x: 'y' } })),
    patch(`${path}?fieldManager=two`, APPLY, object(groupVersion, kind, name)),
    patch(path, MERGE_PATCH, { metadata: { labels: { x: 'z' } } }),
    get(path),
  );
}

/** Discovery of everything, what cannot change of a Service, server-side apply of each kind, reviews of tokens. */
export const PROTOCOL: readonly Sequence[] = [
  ...groupVersions.map((groupVersion) =>
    sequence(
      `discovery/${groupVersion === '' ? 'v1' : groupVersion}`,
      ...(groupVersion === ''
        ? [get('/api/v1')]
        : [get(`/apis/${groupVersion.split('/')[0]}`), get(`/apis/${groupVersion}`)]),
    ),
  ),
  sequence('discovery/aggregated as it was', ...FORMERLY.map((accept) => get('/api', { accept }))),
  sequence('discovery/aggregated', get('/api', { accept: AGGREGATED }), get('/apis', { accept: AGGREGATED })),
  ...SERVICE_CHANGES.map(([what, before, after]) =>
    sequence(
      `Service/changes ${what}`,
      post(SERVICES, service('s', before)),
      patch(S, MERGE_PATCH, { spec: after }),
      put(S, service('s', { ...before, ...after })),
    ),
  ),
  ...APPLIED.map(appliedSequence),
  sequence(
    'tokens/reviewed',
    post(
      core('serviceaccounts', '/default/token'),
      { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
      { name: 'made' },
    ),
    post('/apis/authentication.k8s.io/v1/tokenreviews', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token: '<<made.status.token>>' },
    }),
    post('/apis/authentication.k8s.io/v1/tokenreviews', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token: '<<made.status.token>>', audiences: ['other'] },
    }),
    post('/apis/authentication.k8s.io/v1/tokenreviews', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token: 'x' },
    }),
    post('/apis/authentication.k8s.io/v1/tokenreviews', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: {},
    }),
  ),
  sequence(
    'kept/limits',
    post(
      core('limitranges'),
      object('v1', 'LimitRange', 'l', { spec: { limits: [{ type: 'Container', max: { cpu: '2' } }] } }),
    ),
    post(core('resourcequotas'), object('v1', 'ResourceQuota', 'q', { spec: { hard: { pods: '2' } } })),
  ),
];
