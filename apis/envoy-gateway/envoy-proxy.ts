import { duration } from '../gateway-api/names.ts';
import { secretReference } from '../gateway-api/object-reference.ts';
import type { ObjectOfKind } from '../meta/crd.ts';
import {
  array,
  boolean,
  checked,
  integer,
  intOrString,
  map,
  object,
  oneOf,
  optional,
  string,
  type TypeOf,
} from '../meta/schema.ts';
import { accessLog } from './access-log.ts';
import { bootstrap } from './bootstrap.ts';
import { envoyGatewayKind, ofKubernetes, unserved } from './bundle.ts';
import { filterPosition } from './filter-position.ts';
import { proxyMetrics } from './proxy-metrics.ts';
import { tracing } from './tracing.ts';

/** Settings of the data planes of Gateways that name it. Source: GW-05, GW-06; Envoy Gateway v1.7, EnvoyProxy. */
export type EnvoyProxy = ObjectOfKind<typeof EnvoyProxyKind>;

const OCTET = '(25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
const TLS_VERSIONS = ['Auto', '1.0', '1.1', '1.2', '1.3'] as const;

/** Fields of a Service that only a load balancer has. */
const OF_LOAD_BALANCERS = [
  'loadBalancerIP',
  'loadBalancerSourceRanges',
  'loadBalancerClass',
  'allocateLoadBalancerNodePorts',
] as const;

const name = (of: string) => optional(string(`Name of the ${of}; absent: one made of that of the Gateway.`));

/** Source: Envoy Gateway v1.7, KubernetesPatchSpec. */
const patch = (of: string) =>
  optional(
    object(`Changes to the ${of}, after all others.`, {
      type: optional(oneOf('How they are merged; absent: StrategicMerge.', ['StrategicMerge', 'JSONMerge'])),
      value: ofKubernetes('The changes.'),
    }),
  );

const envoyService = checked(
  object('How it is reached.', {
    type: optional(oneOf('How.', ['ClusterIP', 'LoadBalancer', 'NodePort'], { default: 'LoadBalancer' })),
    annotations: optional(map('Annotations of the Service.', string('Value.'))),
    labels: optional(map('Labels of the Service.', string('Value.'))),
    loadBalancerIP: optional(
      checked(string('Its address.'), {
        message: 'loadBalancerIP must be a valid IPv4 address',
        rule: `self.matches('^(${OCTET}[.]){3}${OCTET}$')`,
      }),
    ),
    loadBalancerSourceRanges: optional(array('Networks of clients.', string('CIDR.'))),
    loadBalancerClass: optional(string('Who makes its address.')),
    allocateLoadBalancerNodePorts: optional(boolean('Whether it has ports of nodes.')),
    externalTrafficPolicy: optional(oneOf('Which nodes take traffic.', ['Local', 'Cluster'], { default: 'Local' })),
    name: name('Service'),
    patch: patch('Service'),
  }),
  ...OF_LOAD_BALANCERS.map((field) => ({
    message: `${field} can only be set for LoadBalancer type`,
    rule: `!has(self.${field}) || !has(self.type) || self.type == 'LoadBalancer'`,
  })),
);

const quantities = map('By resource: cpu, memory.', intOrString('Quantity.'));

const toleration = object('Of a taint.', {
  key: optional(string('Key.')),
  operator: optional(string('Exists or Equal.')),
  value: optional(string('Value.')),
  effect: optional(string('Effect.')),
  tolerationSeconds: optional(integer('How long.', { format: 'int64' })),
});

/** Source: Envoy Gateway v1.7, KubernetesPodSpec. */
const pod = object('Where and how they run.', {
  annotations: optional(map('Annotations.', string('Value.'))),
  labels: optional(map('Labels.', string('Value.'))),
  nodeSelector: optional(map('Labels of nodes.', string('Value.'))),
  tolerations: optional(array('Taints of nodes that they bear.', toleration)),
  affinity: optional(ofKubernetes('Nodes and pods that they keep near or away from.')),
  topologySpreadConstraints: optional(ofKubernetes('How they are spread.')),
  imagePullSecrets: optional(ofKubernetes('With what images are fetched.')),
  volumes: optional(ofKubernetes('Further volumes.')),
  securityContext: optional(ofKubernetes('Who they run as.')),
  priorityClassName: optional(string('Which others they precede.')),
});

/** Source: Envoy Gateway v1.7, KubernetesContainerSpec. */
const container = checked(
  object('The container.', {
    image: optional(
      checked(string('An image of ours.'), {
        message: "Image must include a tag and allowed characters only (e.g., 'repo:tag').",
        rule: "self.matches('^[a-zA-Z0-9._-]+(:[0-9]+)?(/[a-zA-Z0-9._/-]+)?(:[a-zA-Z0-9._-]+)?(@sha256:[a-z0-9]+)?$')",
      }),
    ),
    imageRepository: optional(
      checked(string('The same without tag, which is that of the controllers.'), {
        message: 'ImageRepository must contain only allowed characters and must not include a tag.',
        rule: "self.matches('^[a-zA-Z0-9._-]+(:[0-9]+)?[a-zA-Z0-9._/-]+$')",
      }),
    ),
    resources: optional(
      object(
        'What it may use, instead of what it has otherwise.',
        { limits: optional(quantities), requests: optional(quantities) },
        { preserveUnknown: true },
      ),
    ),
    env: optional(ofKubernetes('Further variables.')),
    volumeMounts: optional(ofKubernetes('Where further volumes are.')),
    securityContext: optional(ofKubernetes('What it may do beside what it needs.')),
  }),
  {
    message: 'Either image or imageRepository can be set.',
    rule: '!has(self.image) || !has(self.imageRepository)',
  },
);

const envoyDeployment = object('Its pods.', {
  replicas: optional(integer('How many.', { minimum: 0, format: 'int32' })),
  name: name('Deployment'),
  container: optional(container),
  initContainers: optional(ofKubernetes('What runs before.')),
  pod: optional(pod),
  strategy: optional(ofKubernetes('How they are replaced.')),
  patch: patch('Deployment'),
});

const envoyDaemonSet = object('A pod on each node.', {
  name: name('DaemonSet'),
  container: optional(container),
  initContainers: optional(ofKubernetes('What runs before.')),
  pod: optional(pod),
  strategy: optional(ofKubernetes('How they are replaced.')),
  patch: patch('DaemonSet'),
});

const envoyHpa = checked(
  object('As many pods as are needed.', {
    minReplicas: optional(
      checked(integer('At least; absent: 1.', { format: 'int32' }), {
        message: 'minReplicas must be greater than 0',
        rule: 'self > 0',
      }),
    ),
    maxReplicas: checked(integer('At most.', { format: 'int32' }), {
      message: 'maxReplicas must be greater than 0',
      rule: 'self > 0',
    }),
    metrics: optional(ofKubernetes('What tells how many; absent: the processor.')),
    behavior: optional(ofKubernetes('How quickly.')),
    name: name('HorizontalPodAutoscaler'),
    patch: patch('HorizontalPodAutoscaler'),
  }),
  {
    message: 'maxReplicas cannot be less than minReplicas',
    rule: '!has(self.minReplicas) || self.maxReplicas >= self.minReplicas',
  },
);

const envoyPDB = checked(
  object('How many pods are left when nodes are emptied.', {
    minAvailable: optional(intOrString('At least.')),
    maxUnavailable: optional(intOrString('All but so many.')),
    name: name('PodDisruptionBudget'),
    patch: patch('PodDisruptionBudget'),
  }),
  {
    message: 'only one of minAvailable or maxUnavailable can be specified',
    rule: '!has(self.minAvailable) || !has(self.maxUnavailable)',
  },
);

const kubernetes = checked(
  object('On a cluster.', {
    envoyDeployment: optional(envoyDeployment),
    envoyDaemonSet: optional(envoyDaemonSet),
    envoyService: optional(envoyService),
    envoyHpa: optional(envoyHpa),
    envoyPDB: optional(envoyPDB),
    envoyServiceAccount: optional(object('Who they are.', { name: name('ServiceAccount') })),
    useListenerPortAsContainerPort: optional(boolean('Containers listen on the ports of listeners.')),
  }),
  {
    message: 'only one of envoyDeployment or envoyDaemonSet can be specified',
    rule: '!has(self.envoyDeployment) || !has(self.envoyDaemonSet)',
  },
  {
    message: 'cannot use envoyHpa if envoyDaemonSet is used',
    rule: '!has(self.envoyHpa) || !has(self.envoyDaemonSet)',
  },
);

/** Source: Envoy Gateway v1.7, BackendTLSConfig. */
const backendTLS = object(
  'TLS towards backends that it is spoken to.',
  {
    clientCertificateRef: optional(secretReference('What is shown to those that ask for a certificate.')),
    minVersion: optional(oneOf('Oldest version of TLS; absent: 1.2.', TLS_VERSIONS)),
    maxVersion: optional(oneOf('Newest version; absent: 1.3.', TLS_VERSIONS)),
    ciphers: optional(array('For TLS up to 1.2, by the names of OpenSSL.', string('Name.'))),
  },
  { preserveUnknown: true },
);
export type ProxyBackendTls = TypeOf<typeof backendTLS>;

const spec = object('How a data plane runs.', {
  provider: optional(
    object('On what.', { type: oneOf('Which.', ['Kubernetes', 'Host']), kubernetes: optional(kubernetes) }),
  ),
  concurrency: optional(integer('Processes that serve requests.', { minimum: 1, maximum: 256, format: 'int32' })),
  shutdown: optional(
    object('How it ends.', {
      drainTimeout: optional(duration('How long ports serve on; absent: 60s.')),
      minDrainDuration: optional(duration('How long they do at least.')),
    }),
  ),
  backendTLS: optional(backendTLS),
  bootstrap: optional(bootstrap),
  extraArgs: optional(unserved('Further arguments.')),
  filterOrder: optional(array('In which order filters of Envoy work. Not served.', filterPosition)),
  ipFamily: optional(
    oneOf('Addresses of the Service, and on which the data plane listens.', ['IPv4', 'IPv6', 'DualStack']),
  ),
  logging: optional(
    object('What data planes tell of themselves.', {
      level: optional(map('By component; only `default` is served. Absent: warn.', oneOf('Level.', LEVELS))),
    }),
  ),
  mergeGateways: optional(boolean('One for all Gateways of a class.')),
  preserveRouteOrder: optional(boolean('Routes in the order in which they are written.')),
  routingType: optional(oneOf('Where requests for a Service go; absent: to its endpoints.', ['Endpoint', 'Service'])),
  telemetry: optional(
    object('Metrics, logs and traces.', {
      metrics: optional(proxyMetrics),
      accessLog: optional(accessLog),
      tracing: optional(tracing),
    }),
  ),
});
export type EnvoyProxySpec = TypeOf<typeof spec>;

export const EnvoyProxyKind = envoyGatewayKind({
  kind: 'EnvoyProxy',
  plural: 'envoyproxies',
  shortName: 'eproxy',
  description: 'How the data planes of Gateways run that name it.',
  spec,
});
