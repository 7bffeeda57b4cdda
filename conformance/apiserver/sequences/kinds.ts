import type { JsonObject, JsonValue } from '@causeway/apiserver/schema/json';
import type { Sequence } from '../sequence.ts';
import {
  APPLY,
  CONTAINER,
  core,
  DEPLOYMENTS,
  deployment,
  get,
  grouped,
  INGRESSES,
  ingress,
  MERGE_PATCH,
  METADATA_ONLY,
  object,
  PODS,
  patch,
  pod,
  post,
  put,
  remove,
  SERVICES,
  sequence,
  service,
  TABLE,
} from './steps.ts';

const S = `${SERVICES}/s`;
const SERVICE_SPECS: readonly (readonly [string, JsonObject])[] = [
  ['plain', {}],
  ['no ports', { ports: [] }],
  ['port out of range', { ports: [{ port: 70_000 }] }],
  ['two ports without names', { ports: [{ port: 80 }, { port: 81 }] }],
  [
    'duplicate port names',
    {
      ports: [
        { port: 80, name: 'a' },
        { port: 81, name: 'a' },
      ],
    },
  ],
  [
    'duplicate ports',
    {
      ports: [
        { port: 80, name: 'a' },
        { port: 80, name: 'b' },
      ],
    },
  ],
  [
    'TCP and UDP',
    {
      ports: [
        { port: 80, name: 'a' },
        { port: 80, name: 'b', protocol: 'UDP' },
      ],
    },
  ],
  ['bad protocol', { ports: [{ port: 80, protocol: 'HTTP' }] }],
  ['bad port name', { ports: [{ port: 80, name: 'A' }] }],
  ['target by name', { ports: [{ port: 80, targetPort: 'web' }] }],
  ['bad target', { ports: [{ port: 80, targetPort: 'WEB_!' }] }],
  ['target 0', { ports: [{ port: 80, targetPort: 70_000 }] }],
  ['headless', { clusterIP: 'None' }],
  ['own address', { clusterIP: '10.96.88.1' }],
  ['foreign address', { clusterIP: '192.168.1.1' }],
  ['address that is none', { clusterIP: 'here' }],
  ['NodePort', { type: 'NodePort' }],
  ['NodePort out of range', { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] }],
  ['nodePort on ClusterIP', { ports: [{ port: 80, nodePort: 30_080 }] }],
  ['LoadBalancer', { type: 'LoadBalancer' }],
  ['LoadBalancer without node ports', { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false }],
  ['LoadBalancer class', { type: 'LoadBalancer', loadBalancerClass: 'example.org/lb' }],
  ['class on ClusterIP', { loadBalancerClass: 'example.org/lb' }],
  ['source ranges', { type: 'LoadBalancer', loadBalancerSourceRanges: ['10.0.0.0/8', 'x'] }],
  ['ExternalName', { type: 'ExternalName', externalName: 'example.org' }],
  ['ExternalName without a name', { type: 'ExternalName' }],
  ['ExternalName that is no name', { type: 'ExternalName', externalName: 'A B' }],
  ['ExternalName with an address', { type: 'ExternalName', externalName: 'example.org', clusterIP: '10.96.88.2' }],
  ['unknown type', { type: 'Magic' }],
  ['session affinity', { sessionAffinity: 'ClientIP' }],
  [
    'session affinity timeout',
    { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 100_000 } } },
  ],
  ['unknown affinity', { sessionAffinity: 'Cookie' }],
  ['external policy', { type: 'NodePort', externalTrafficPolicy: 'Local' }],
  ['external policy on LoadBalancer', { type: 'LoadBalancer', externalTrafficPolicy: 'Local' }],
  ['external policy on ClusterIP', { externalTrafficPolicy: 'Local' }],
  ['internal policy', { internalTrafficPolicy: 'Local' }],
  ['unknown policy', { internalTrafficPolicy: 'Sometimes' }],
  ['external addresses', { externalIPs: ['1.2.3.4', '127.0.0.1', 'x'] }],
  ['IPv6 family', { ipFamilies: ['IPv6'] }],
  ['dual stack', { ipFamilyPolicy: 'PreferDualStack' }],
  ['dual stack required', { ipFamilyPolicy: 'RequireDualStack' }],
  ['bad selector', { selector: { 'a b': 'c' } }],
  ['appProtocol', { ports: [{ port: 80, appProtocol: 'kubernetes.io/h2c' }] }],
  ['traffic distribution', { trafficDistribution: 'PreferClose' }],
  ['unknown distribution', { trafficDistribution: 'Far' }],
];

const path = (rest: JsonObject): JsonObject => ({
  path: '/',
  pathType: 'Prefix',
  backend: { service: { name: 's', port: { number: 80 } } },
  ...rest,
});
const INGRESS_SPECS: readonly (readonly [string, JsonObject])[] = [
  ['plain', { rules: [{ host: 'a.example.org', http: { paths: [path({})] } }] }],
  ['nothing', {}],
  ['default backend', { defaultBackend: { service: { name: 's', port: { name: 'web' } } } }],
  [
    'no path type',
    { rules: [{ http: { paths: [{ path: '/', backend: { service: { name: 's', port: { number: 80 } } } }] } }] },
  ],
  ['unknown path type', { rules: [{ http: { paths: [path({ pathType: 'Regex' })] } }] }],
  ['relative path', { rules: [{ http: { paths: [path({ path: 'a' })] } }] }],
  ['bad path', { rules: [{ http: { paths: [path({ path: '/a//b' })] } }] }],
  ['encoded slash', { rules: [{ http: { paths: [path({ path: '/a%2fb' })] } }] }],
  ['dots', { rules: [{ http: { paths: [path({ path: '/a/../b' })] } }] }],
  [
    'anything of the implementation',
    { rules: [{ http: { paths: [path({ path: 'a//b', pathType: 'ImplementationSpecific' })] } }] },
  ],
  ['empty path', { rules: [{ http: { paths: [path({ path: '' })] } }] }],
  ['no paths', { rules: [{ http: { paths: [] } }] }],
  ['no backend', { rules: [{ http: { paths: [{ path: '/', pathType: 'Exact' }] } }] }],
  [
    'port twice',
    { rules: [{ http: { paths: [path({ backend: { service: { name: 's', port: { number: 80, name: 'x' } } } })] } }] },
  ],
  ['no port', { rules: [{ http: { paths: [path({ backend: { service: { name: 's' } } })] } }] }],
  [
    'port out of range',
    { rules: [{ http: { paths: [path({ backend: { service: { name: 's', port: { number: 0x1_0000 } } } })] } }] },
  ],
  [
    'bad service',
    { rules: [{ http: { paths: [path({ backend: { service: { name: 'S_', port: { number: 80 } } } })] } }] },
  ],
  [
    'no service name',
    { rules: [{ http: { paths: [path({ backend: { service: { name: '', port: { number: 80 } } } })] } }] },
  ],
  [
    'resource',
    {
      rules: [
        { http: { paths: [path({ backend: { resource: { apiGroup: 'example.org', kind: 'Bucket', name: 'b' } } })] } },
      ],
    },
  ],
  [
    'resource and service',
    {
      rules: [
        {
          http: {
            paths: [
              path({
                backend: { resource: { kind: 'Bucket', name: 'b' }, service: { name: 's', port: { number: 80 } } },
              }),
            ],
          },
        },
      ],
    },
  ],
  [
    'bad resource',
    { rules: [{ http: { paths: [path({ backend: { resource: { apiGroup: 'A B', kind: '', name: '' } } })] } }] },
  ],
  ['host is an address', { rules: [{ host: '1.2.3.4' }] }],
  ['host with a port', { rules: [{ host: 'a.example.org:80' }] }],
  ['wildcard', { rules: [{ host: '*.example.org' }] }],
  ['bad wildcard', { rules: [{ host: 'a.*.example.org' }, { host: '*' }] }],
  ['upper case', { rules: [{ host: 'A.example.org' }] }],
  [
    'TLS',
    { tls: [{ hosts: ['a.example.org', '*.b.example.org'], secretName: 't' }], rules: [{ host: 'a.example.org' }] },
  ],
  ['bad TLS', { tls: [{ hosts: ['A B', '1.2.3.4'], secretName: 'T_' }], rules: [{ host: 'a.example.org' }] }],
  ['class', { ingressClassName: 'nginx', rules: [{ host: 'a.example.org' }] }],
  ['bad class', { ingressClassName: 'A B', rules: [{ host: 'a.example.org' }] }],
];

const container = (rest: JsonObject): JsonValue => [{ ...CONTAINER, ...rest }];
const CONTAINERS: readonly (readonly [string, JsonValue])[] = [
  ['none', []],
  ['plain', [CONTAINER]],
  ['no image', [{ name: 'main' }]],
  ['no name', [{ image: 'x' }]],
  ['bad name', container({ name: 'A_B' })],
  ['same name', [CONTAINER, CONTAINER]],
  [
    'ports',
    container({
      ports: [
        { containerPort: 80 },
        { containerPort: 0 },
        { containerPort: 80, protocol: 'X' },
        { containerPort: 81, name: 'TOO_BAD' },
        { containerPort: 82, name: 'far-too-long-a-name' },
      ],
    }),
  ],
  [
    'port names',
    container({
      ports: [
        { containerPort: 80, name: 'a' },
        { containerPort: 81, name: 'a' },
      ],
    }),
  ],
  [
    'env',
    container({
      env: [
        { name: 'A', value: '1' },
        { name: '' },
        { name: 'a=b', value: 'x' },
        { name: 'B', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        { name: 'C', valueFrom: {} },
        { name: 'D', valueFrom: { fieldRef: { fieldPath: 'spec.nothing' } } },
      ],
    }),
  ],
  [
    'env sources',
    container({
      envFrom: [{ configMapRef: { name: 'a' } }, { secretRef: { name: '' } }, {}],
      env: [
        { name: 'A', valueFrom: { configMapKeyRef: { name: 'a', key: 'k' } } },
        { name: 'B', valueFrom: { secretKeyRef: { name: 'a', key: '' } } },
        { name: 'C', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
      ],
    }),
  ],
  ['resources', container({ resources: { requests: { cpu: '100m', memory: '1Gi' }, limits: { cpu: '0.5' } } })],
  ['bad resources', container({ resources: { requests: { cpu: 'much' } } })],
  ['requests over limits', container({ resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } })],
  ['negative resources', container({ resources: { requests: { cpu: '-2' }, limits: { unknown: '1' } } })],
  [
    'probes',
    container({
      livenessProbe: { httpGet: { path: '/', port: 80 } },
      readinessProbe: { tcpSocket: { port: 'web' } },
      startupProbe: { exec: { command: ['x'] } },
    }),
  ],
  [
    'bad probes',
    container({
      livenessProbe: {},
      readinessProbe: { tcpSocket: { port: 0 } },
      startupProbe: { exec: { command: ['x'] }, httpGet: { port: 80 }, periodSeconds: -1 },
    }),
  ],
  ['mounts without volumes', container({ volumeMounts: [{ name: 'v', mountPath: '/v' }] })],
  ['pull policy', container({ imagePullPolicy: 'Sometimes' })],
  ['image latest', container({ image: 'x' })],
  ['image tag', container({ image: 'x:y' })],
  ['security', container({ securityContext: { runAsUser: -1, privileged: true, allowPrivilegeEscalation: false } })],
  ['lifecycle', container({ lifecycle: { preStop: { exec: { command: ['x'] } }, postStart: {} } })],
  ['termination message', container({ terminationMessagePolicy: 'Shout', terminationMessagePath: 'x' })],
];

const POD_SPECS: readonly (readonly [string, JsonObject])[] = [
  [
    'volumes',
    {
      volumes: [
        { name: 'a', emptyDir: {} },
        { name: 'b', configMap: { name: 'c' } },
        { name: 'd', secret: { secretName: 's' } },
      ],
    },
  ],
  ['volume without a source', { volumes: [{ name: 'a' }] }],
  [
    'volume twice',
    {
      volumes: [
        { name: 'a', emptyDir: {} },
        { name: 'a', emptyDir: {} },
      ],
    },
  ],
  ['two sources', { volumes: [{ name: 'a', emptyDir: {}, configMap: { name: 'x' } }] }],
  ['restart policy', { restartPolicy: 'Maybe' }],
  ['dns policy', { dnsPolicy: 'None' }],
  ['dns config', { dnsPolicy: 'None', dnsConfig: { nameservers: ['1.2.3.4', 'x'] } }],
  [
    'tolerations',
    {
      tolerations: [
        { operator: 'Exists' },
        { key: 'a', operator: 'Equal', value: 'b', effect: 'NoSchedule' },
        { operator: 'Equal' },
      ],
    },
  ],
  ['init containers', { initContainers: [CONTAINER] }],
  [
    'affinity',
    {
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { a: 'b' } } }],
        },
      },
    },
  ],
  [
    'host network',
    {
      hostNetwork: true,
      containers: [{ ...CONTAINER, ports: [{ containerPort: 80 }, { containerPort: 81, hostPort: 82 }] }],
    },
  ],
  ['node selector', { nodeSelector: { 'a b': 'c' } }],
  ['host name', { hostname: 'A_', subdomain: 'b.c' }],
  ['grace period', { terminationGracePeriodSeconds: -1 }],
  ['service account', { serviceAccountName: 'none' }],
  ['spread', { topologySpreadConstraints: [{ maxSkew: 0, topologyKey: '', whenUnsatisfiable: 'X' }] }],
  ['pull secrets', { imagePullSecrets: [{ name: 's' }, {}] }],
  ['host aliases', { hostAliases: [{ ip: 'x', hostnames: ['a', 'B_'] }] }],
];

const DEPLOYMENT_SPECS: readonly (readonly [string, JsonObject])[] = [
  ['plain', {}],
  ['replicas', { replicas: -1 }],
  ['no selector', { selector: null }],
  ['empty selector', { selector: {} }],
  ['selector that does not match', { selector: { matchLabels: { app: 'b' } } }],
  ['expressions', { selector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['a'] }] } }],
  [
    'bad expressions',
    {
      selector: {
        matchLabels: { app: 'a' },
        matchExpressions: [
          { key: 'app', operator: 'Like', values: ['a'] },
          { key: 'app', operator: 'In' },
          { key: 'app', operator: 'Exists', values: ['x'] },
        ],
      },
    },
  ],
  ['recreate', { strategy: { type: 'Recreate' } }],
  ['recreate with rolling update', { strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } }],
  ['unknown strategy', { strategy: { type: 'Slowly' } }],
  ['surge', { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } }],
  ['percent', { strategy: { rollingUpdate: { maxSurge: '150%', maxUnavailable: '150%' } } }],
  ['no percent', { strategy: { rollingUpdate: { maxSurge: 'x' } } }],
  ['seconds', { minReadySeconds: -1, progressDeadlineSeconds: 0, revisionHistoryLimit: -1 }],
];

const SLICES = grouped('discovery.k8s.io/v1', 'endpointslices');
const slice = (rest: JsonObject) =>
  object('discovery.k8s.io/v1', 'EndpointSlice', 'a', {
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.1.2.3'] }],
    ...rest,
  });
const SLICE_BODIES: readonly (readonly [string, JsonObject])[] = [
  ['plain', { ports: [{ port: 80 }] }],
  [
    'conditions',
    {
      endpoints: [
        {
          addresses: ['10.1.2.3'],
          conditions: { ready: true, serving: true, terminating: false },
          nodeName: 'n',
          zone: 'z',
          targetRef: { kind: 'Pod', name: 'p', namespace: '<<ns>>' },
        },
      ],
    },
  ],
  ['no type', { addressType: '' }],
  ['unknown type', { addressType: 'IPv5' }],
  ['wrong family', { addressType: 'IPv6' }],
  ['FQDN', { addressType: 'FQDN', endpoints: [{ addresses: ['example.org'] }] }],
  ['no addresses', { endpoints: [{ addresses: [] }] }],
  ['bad address', { endpoints: [{ addresses: ['x', '169.254.1.1'] }] }],
  ['bad ports', { ports: [{ port: 70_000 }, { name: 'A', port: 1 }, { name: 'b', protocol: 'X' }] }],
  ['same port names', { ports: [{ port: 80 }, { port: 81 }] }],
  ['too many hints', { endpoints: [{ addresses: ['10.1.2.3'], hints: { forZones: [{ name: '' }] } }] }],
];

const simple = (name: string, list: string, bodies: readonly JsonObject[]): Sequence =>
  sequence(name, ...bodies.map((body) => post(list, body)));

/** Kinds whose metadata a write of the status changes as well; a Deployment but its labels, a Pod but its owners. */
const METADATA_BY_STATUS: readonly (readonly [kind: string, path: string, made: JsonObject])[] = [
  ['Service', SERVICES, service('m')],
  ['Ingress', INGRESSES, ingress('m', { rules: [{ host: 'a.example.org' }] })],
  ['Pod', PODS, pod('m')],
  ['Deployment', DEPLOYMENTS, deployment('m')],
];

const CONDITION = { status: 'True', reason: 'Ready', message: '', lastTransitionTime: '2026-01-02T03:04:05Z' };
const STATUS_APPLIED: Readonly<Record<string, JsonObject>> = {
  Service: { conditions: [{ ...CONDITION, type: 'Ready' }] },
  Ingress: { loadBalancer: { ingress: [{ ip: '192.0.2.7' }] } },
  Pod: { phase: 'Running' },
  Deployment: { replicas: 2 },
};

/** What the server makes of itself. */
const OF_THE_SERVER: readonly string[] = [
  '/api/v1/namespaces/default/services/kubernetes',
  '/api/v1/namespaces/default/endpoints/kubernetes',
  '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes',
];

/** Defaults and validation of built-in kinds, their subresources. */
export const KINDS: readonly Sequence[] = [
  sequence(
    'Service/addresses of one that is no balancer',
    post(SERVICES, service('m')),
    patch(`${SERVICES}/m/status`, MERGE_PATCH, { status: { loadBalancer: { ingress: [{ ip: '192.0.2.7' }] } } }),
    patch(`${SERVICES}/m`, MERGE_PATCH, { spec: { type: 'LoadBalancer' } }),
    patch(`${SERVICES}/m/status`, MERGE_PATCH, { status: { loadBalancer: { ingress: [{ ip: '192.0.2.7' }] } } }),
    patch(`${SERVICES}/m`, MERGE_PATCH, { spec: { type: 'ClusterIP' } }),
  ),
  sequence('Service/kubernetes', ...OF_THE_SERVER.map((path) => get(path, { until: 200 }))),
  sequence('Service/kubernetes is not to be had twice', post(SERVICES, service('s', { clusterIP: '10.96.0.1' }))),
  ...SERVICE_SPECS.map(([what, spec]) => sequence(`Service/${what}`, post(SERVICES, service('s', spec)))),
  sequence(
    'Service/changes',
    post(SERVICES, service('s')),
    patch(S, MERGE_PATCH, { spec: { clusterIP: '10.96.88.3' } }),
    patch(S, MERGE_PATCH, { spec: { type: 'NodePort' } }),
    patch(S, MERGE_PATCH, { spec: { type: 'LoadBalancer' } }),
    patch(S, MERGE_PATCH, { spec: { type: 'ClusterIP' } }),
    patch(S, MERGE_PATCH, { spec: { type: 'ExternalName', externalName: 'example.org' } }),
    patch(S, MERGE_PATCH, {
      spec: { type: 'ExternalName', externalName: 'example.org', clusterIP: null, clusterIPs: null },
    }),
    patch(S, MERGE_PATCH, { spec: { type: 'ClusterIP', externalName: null } }),
  ),
  sequence(
    'Service/replace keeps the address',
    post(SERVICES, service('s', { type: 'NodePort' }), { name: 'made' }),
    put(S, service('s', { type: 'NodePort', ports: [{ port: 81 }] })),
    put(S, {
      ...service('s', { type: 'NodePort' }),
      metadata: { name: 's', resourceVersion: '<<made.metadata.resourceVersion>>' },
    }),
  ),
  sequence(
    'Service/status',
    post(SERVICES, service('s', { type: 'LoadBalancer' })),
    patch(`${S}/status`, MERGE_PATCH, { status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } } }),
    patch(`${S}/status`, MERGE_PATCH, { status: { loadBalancer: { ingress: [{ ip: 'x' }, { hostname: 'A_' }] } } }),
    patch(S, MERGE_PATCH, { status: { loadBalancer: { ingress: [] } } }),
    patch(S, MERGE_PATCH, { spec: { type: 'ClusterIP' } }),
  ),
  ...METADATA_BY_STATUS.map(([kind, path, made]) =>
    sequence(
      `${kind}/metadata by its status`,
      post(path, made),
      patch(`${path}/m/status`, MERGE_PATCH, {
        metadata: { labels: { by: 'status' }, annotations: { by: 'status' }, finalizers: ['example.org/by-status'] },
      }),
      patch(`${path}/m/status`, MERGE_PATCH, { metadata: { annotations: null, finalizers: null } }),
    ),
  ),
  ...METADATA_BY_STATUS.map(([kind, path, made]) =>
    sequence(
      `${kind}/metadata applied with its status`,
      post(path, made),
      ...[{ labels: { by: 'status' }, annotations: { by: 'status' } }, { annotations: { by: 'other' } }, {}].map(
        (metadata) =>
          patch(`${path}/m/status?fieldManager=status&force=true`, APPLY, {
            apiVersion: made.apiVersion ?? '',
            kind,
            metadata: { name: 'm', ...metadata },
            status: STATUS_APPLIED[kind] ?? {},
          }),
      ),
      get(`${path}/m`),
    ),
  ),
  sequence(
    'Service/address twice',
    post(SERVICES, service('s', { clusterIP: '10.96.89.1' })),
    post(SERVICES, service('t', { clusterIP: '10.96.89.1' })),
    remove(S),
    post(SERVICES, service('t', { clusterIP: '10.96.89.1' })),
  ),
  sequence(
    'Service/node port twice',
    post(SERVICES, service('s', { type: 'NodePort', ports: [{ port: 80, nodePort: 31_234 }] })),
    post(SERVICES, service('t', { type: 'NodePort', ports: [{ port: 80, nodePort: 31_234 }] })),
  ),
  sequence('Service/name', post(SERVICES, service('1s')), post(SERVICES, service('a.b'))),
  ...INGRESS_SPECS.map(([what, spec]) => sequence(`Ingress/${what}`, post(INGRESSES, ingress('i', spec)))),
  sequence(
    'Ingress/class and annotation',
    post(INGRESSES, {
      ...ingress('i', { ingressClassName: 'a', rules: [{ host: 'a.example.org' }] }),
      metadata: { name: 'i', annotations: { 'kubernetes.io/ingress.class': 'b' } },
    }),
    post(INGRESSES, {
      ...ingress('j', { rules: [{ host: 'a.example.org' }] }),
      metadata: { name: 'j', annotations: { 'kubernetes.io/ingress.class': 'b' } },
    }),
  ),
  sequence(
    'Ingress/status and generation',
    post(INGRESSES, ingress('i', { rules: [{ host: 'a.example.org' }] })),
    patch(`${INGRESSES}/i/status`, MERGE_PATCH, {
      status: { loadBalancer: { ingress: [{ ip: '1.2.3.4', ports: [{ port: 80, protocol: 'TCP' }] }] } },
    }),
    patch(`${INGRESSES}/i`, MERGE_PATCH, { spec: { rules: [{ host: 'b.example.org' }] } }),
    patch(`${INGRESSES}/i/status`, MERGE_PATCH, { status: { loadBalancer: { ingress: [{ ip: 'x' }] } } }),
  ),
  sequence(
    'IngressClass/life',
    ...[
      { controller: 'example.org/c' },
      { controller: '' },
      { controller: 'c' },
      { controller: 'example.org/c', parameters: { kind: 'K', name: 'n' } },
      {
        controller: 'example.org/c',
        parameters: { apiGroup: 'example.org', kind: 'K', name: 'n', scope: 'Namespace' },
      },
    ].map((spec, index) =>
      post(
        '/apis/networking.k8s.io/v1/ingressclasses',
        object('networking.k8s.io/v1', 'IngressClass', `<<ns>>-${index}`, { spec }),
      ),
    ),
    patch('/apis/networking.k8s.io/v1/ingressclasses/<<ns>>-0', MERGE_PATCH, { spec: { controller: 'example.org/d' } }),
  ),
  ...CONTAINERS.map(([what, containers]) =>
    sequence(`containers/${what}`, post(DEPLOYMENTS, deployment('d', {}, containers))),
  ),
  ...POD_SPECS.map(([what, spec]) => sequence(`Pod/${what}`, post(PODS, pod('p', spec)))),
  sequence(
    'Pod/changes',
    post(PODS, pod('p')),
    patch(`${PODS}/p`, MERGE_PATCH, { spec: { containers: [{ ...CONTAINER, image: 'example.org/other:2' }] } }),
    patch(`${PODS}/p`, MERGE_PATCH, { spec: { nodeSelector: { a: 'b' } } }),
    patch(`${PODS}/p`, MERGE_PATCH, { spec: { restartPolicy: 'Never' } }),
    patch(`${PODS}/p`, MERGE_PATCH, { metadata: { labels: { a: 'b' } } }),
    remove(`${PODS}/p`),
    get(`${PODS}/p`),
  ),
  sequence(
    'Pod/status',
    post(PODS, pod('p')),
    patch(`${PODS}/p/status`, MERGE_PATCH, {
      status: {
        phase: 'Running',
        podIP: '10.1.2.3',
        podIPs: [{ ip: '10.1.2.3' }],
        conditions: [{ type: 'Ready', status: 'True' }],
      },
    }),
    get(`${PODS}/p`),
    patch(`${PODS}/p`, MERGE_PATCH, { status: { phase: 'Failed' } }),
  ),
  sequence(
    'Pod/binding',
    post(PODS, pod('p')),
    post(`${PODS}/p/binding`, {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: 'p' },
      target: { kind: 'Node', name: 'n' },
    }),
    get(`${PODS}/p`),
  ),
  ...DEPLOYMENT_SPECS.map(([what, spec]) => sequence(`Deployment/${what}`, post(DEPLOYMENTS, deployment('d', spec)))),
  sequence(
    'Deployment/scale',
    post(DEPLOYMENTS, deployment('d')),
    get(`${DEPLOYMENTS}/d/scale`),
    put(`${DEPLOYMENTS}/d/scale`, {
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name: 'd', namespace: '<<ns>>' },
      spec: { replicas: 3 },
    }),
    patch(`${DEPLOYMENTS}/d/scale`, MERGE_PATCH, { spec: { replicas: -3 } }),
    put(`${DEPLOYMENTS}/d/scale`, {
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name: 'e' },
      spec: { replicas: 3 },
    }),
    get(`${DEPLOYMENTS}/none/scale`),
  ),
  sequence(
    'Deployment/changes',
    post(DEPLOYMENTS, deployment('d')),
    patch(`${DEPLOYMENTS}/d`, MERGE_PATCH, { spec: { replicas: 2 } }),
    patch(`${DEPLOYMENTS}/d`, MERGE_PATCH, { metadata: { labels: { a: 'b' } } }),
    patch(`${DEPLOYMENTS}/d`, MERGE_PATCH, { spec: { selector: { matchLabels: { app: 'z' } } } }),
    patch(`${DEPLOYMENTS}/d`, MERGE_PATCH, { status: { replicas: 9 } }),
    patch(`${DEPLOYMENTS}/d/status`, MERGE_PATCH, { status: { replicas: 9 } }),
  ),
  ...SLICE_BODIES.map(([what, rest]) => sequence(`EndpointSlice/${what}`, post(SLICES, slice(rest)))),
  sequence('EndpointSlice/loopback address', post(SLICES, slice({ endpoints: [{ addresses: ['127.0.0.1'] }] }))),
  sequence(
    'Endpoints/loopback address',
    post(core('endpoints'), object('v1', 'Endpoints', 'e', { subsets: [{ addresses: [{ ip: '127.0.0.1' }] }] })),
  ),
  sequence(
    'EndpointSlice/changes',
    post(SLICES, slice({})),
    patch(`${SLICES}/a`, MERGE_PATCH, { addressType: 'IPv6' }),
    patch(`${SLICES}/a`, MERGE_PATCH, { endpoints: [{ addresses: ['10.1.2.4'] }] }),
  ),
  simple('Endpoints/validation', core('endpoints'), [
    object('v1', 'Endpoints', 'a', { subsets: [{ addresses: [{ ip: '10.1.2.3' }], ports: [{ port: 80 }] }] }),
    object('v1', 'Endpoints', 'b', { subsets: [{ addresses: [{ ip: 'x' }] }] }),
    object('v1', 'Endpoints', 'c', { subsets: [{}] }),
    object('v1', 'Endpoints', 'd', {
      subsets: [{ addresses: [{ ip: '10.1.2.3' }], ports: [{ port: 80 }, { port: 81 }] }],
    }),
    object('v1', 'Endpoints', 'e', {
      subsets: [
        { addresses: [{ ip: '169.254.1.1' }, { ip: '224.0.0.1' }], ports: [{ port: 0, protocol: 'X', name: 'A' }] },
      ],
    }),
  ]),
  simple('Lease/validation', grouped('coordination.k8s.io/v1', 'leases'), [
    object('coordination.k8s.io/v1', 'Lease', 'a', {}),
    object('coordination.k8s.io/v1', 'Lease', 'b', { spec: { leaseDurationSeconds: 0, leaseTransitions: -1 } }),
    object('coordination.k8s.io/v1', 'Lease', 'c', {
      spec: { renewTime: '2020-01-01T00:00:00.000000Z', acquireTime: 'x' },
    }),
    object('coordination.k8s.io/v1', 'Lease', 'd', {
      spec: { holderIdentity: 'me', renewTime: '2020-01-01T00:00:00.000000Z', leaseDurationSeconds: 15 },
    }),
  ]),
  simple('ServiceAccount/create', core('serviceaccounts'), [
    object('v1', 'ServiceAccount', 'a', { automountServiceAccountToken: false, imagePullSecrets: [{ name: 'x' }] }),
    object('v1', 'ServiceAccount', 'A'),
  ]),
  simple('Namespace/validation', '/api/v1/namespaces', [
    object('v1', 'Namespace', 'A'),
    object('v1', 'Namespace', 'a.b'),
    object('v1', 'Namespace', 'default'),
  ]),
  sequence(
    'Namespace/life',
    post('/api/v1/namespaces', object('v1', 'Namespace', '<<ns>>-x', {}, { labels: { a: 'b' } })),
    patch('/api/v1/namespaces/<<ns>>-x', MERGE_PATCH, { metadata: { labels: { 'kubernetes.io/metadata.name': 'z' } } }),
    patch('/api/v1/namespaces/<<ns>>-x', MERGE_PATCH, { spec: { finalizers: [] } }),
    get('/api/v1/namespaces/<<ns>>-x/status'),
    remove('/api/v1/namespaces/default'),
    remove('/api/v1/namespaces/kube-system'),
  ),
  simple('Event/core', core('events'), [
    object('v1', 'Event', 'a', {
      involvedObject: { kind: 'Pod', name: 'p', namespace: '<<ns>>' },
      reason: 'R',
      message: 'm',
      type: 'Normal',
      source: { component: 'c' },
    }),
    object('v1', 'Event', 'b', { involvedObject: { kind: 'Pod', name: 'p', namespace: 'other' } }),
    object('v1', 'Event', 'c', { involvedObject: { kind: 'Node', name: 'n' } }),
    object('v1', 'Event', 'd', {
      involvedObject: { kind: 'Pod', name: 'p', namespace: '<<ns>>' },
      eventTime: '2020-01-01T00:00:00.000000Z',
      reportingComponent: 'example.org/c',
      reportingInstance: 'i',
      action: 'A',
      reason: 'R',
      type: 'Normal',
    }),
    object('v1', 'Event', 'e', {
      involvedObject: { kind: 'Pod', name: 'p', namespace: '<<ns>>' },
      eventTime: '2020-01-01T00:00:00.000000Z',
    }),
  ]),
  ...(
    [
      [
        'StatefulSet',
        'apps/v1',
        'statefulsets',
        {
          serviceName: 's',
          selector: { matchLabels: { app: 'a' } },
          template: { metadata: { labels: { app: 'a' } }, spec: { containers: [CONTAINER] } },
        },
      ],
      [
        'DaemonSet',
        'apps/v1',
        'daemonsets',
        {
          selector: { matchLabels: { app: 'a' } },
          template: { metadata: { labels: { app: 'a' } }, spec: { containers: [CONTAINER] } },
        },
      ],
      [
        'ReplicaSet',
        'apps/v1',
        'replicasets',
        {
          selector: { matchLabels: { app: 'a' } },
          template: { metadata: { labels: { app: 'a' } }, spec: { containers: [CONTAINER] } },
        },
      ],
      ['Job', 'batch/v1', 'jobs', { template: { spec: { restartPolicy: 'Never', containers: [CONTAINER] } } }],
      [
        'CronJob',
        'batch/v1',
        'cronjobs',
        {
          schedule: '* * * * *',
          jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [CONTAINER] } } } },
        },
      ],
      [
        'PodDisruptionBudget',
        'policy/v1',
        'poddisruptionbudgets',
        { minAvailable: 1, selector: { matchLabels: { app: 'a' } } },
      ],
      [
        'HorizontalPodAutoscaler',
        'autoscaling/v2',
        'horizontalpodautoscalers',
        { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' } },
      ],
      [
        'NetworkPolicy',
        'networking.k8s.io/v1',
        'networkpolicies',
        { podSelector: {}, ingress: [{ from: [{ podSelector: { matchLabels: { a: 'b' } } }], ports: [{ port: 80 }] }] },
      ],
    ] as const
  ).map(([kind, groupVersion, plural, spec]) =>
    sequence(
      `data/${kind}`,
      post(grouped(groupVersion, plural), object(groupVersion, kind, 'a', { spec: spec as JsonObject })),
      get(grouped(groupVersion, plural), { accept: TABLE }),
      patch(grouped(groupVersion, plural, '/a'), MERGE_PATCH, { metadata: { labels: { a: 'b' } } }),
      get(grouped(groupVersion, plural, '/a'), { accept: METADATA_ONLY }),
      remove(grouped(groupVersion, plural, '/a'), { propagationPolicy: 'Background' }),
    ),
  ),
  sequence(
    'data/PersistentVolumeClaim',
    post(
      core('persistentvolumeclaims'),
      object('v1', 'PersistentVolumeClaim', 'a', {
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      }),
    ),
    post(core('persistentvolumeclaims'), object('v1', 'PersistentVolumeClaim', 'b', { spec: {} })),
    get(core('persistentvolumeclaims'), { accept: TABLE }),
  ),
  sequence(
    'paths/not found',
    get('/apis/none.example.org'),
    get('/apis/apps/v9'),
    get('/api/v1/nothing'),
    get('/none'),
    get('/api/v1/namespaces/<<ns>>/nodes'),
    post('/api/v1/configmaps', object('v1', 'ConfigMap', 'a')),
  ),
  sequence(
    'paths/discovery',
    get('/api'),
    get('/apis/networking.k8s.io'),
    get('/apis/networking.k8s.io/v1'),
    get('/apis/coordination.k8s.io/v1'),
    get('/apis/discovery.k8s.io/v1'),
    get('/apis/apiextensions.k8s.io/v1'),
    get('/apis/rbac.authorization.k8s.io/v1'),
    get('/apis/authorization.k8s.io/v1'),
    get('/apis/authentication.k8s.io/v1'),
  ),
  sequence(
    'Pod/deleted on a node',
    post(PODS, pod('p')),
    post(`${PODS}/p/binding`, object('v1', 'Binding', 'p', { target: { kind: 'Node', name: 'n' } })),
    remove(`${PODS}/p`),
    get(`${PODS}/p`),
  ),
  sequence('paths/health', get('/healthz'), get('/livez'), get('/readyz')),
];
