/** Well-formed objects that the fuzzer damages: one of each kind that has rules of its own. */
import type { JsonObject } from '@causeway/apiserver/schema/json';

export interface Sample {
  /** `/api/v1` or `/apis/<group>/<version>`. */
  readonly groupVersion: string;
  readonly plural: string;
  /** Cluster-scoped otherwise. */
  readonly namespaced: boolean;
  /** Without metadata. */
  readonly object: JsonObject;
}

const template: JsonObject = {
  metadata: { labels: { app: 'a' } },
  spec: { containers: [{ name: 'a', image: 'a', ports: [{ containerPort: 80 }], env: [{ name: 'A', value: 'a' }] }] },
};
const selector: JsonObject = { matchLabels: { app: 'a' } };
const rules: JsonObject[] = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];

export const SAMPLES: readonly Sample[] = [
  core('ConfigMap', 'configmaps', { data: { a: 'b' }, binaryData: { c: 'AAAA' }, immutable: false }),
  core('Secret', 'secrets', { type: 'Opaque', data: { a: 'AAAA' }, stringData: { b: 'c' } }),
  core('Service', 'services', {
    spec: {
      type: 'NodePort',
      selector: { app: 'a' },
      ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }],
      sessionAffinity: 'ClientIP',
    },
  }),
  core('Endpoints', 'endpoints', { subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80, name: 'a' }] }] }),
  core('Pod', 'pods', { spec: template['spec'] ?? null, status: { phase: 'Running', podIP: '10.0.0.1' } }),
  core('ServiceAccount', 'serviceaccounts', { secrets: [{ name: 'a' }], automountServiceAccountToken: true }),
  // New ones may be about an object of another namespace.
  core('Event', 'events', {
    involvedObject: { kind: 'Pod', namespace: 'fuzz', name: 'a' },
    reason: 'A',
    message: 'a',
    action: 'A',
    eventTime: '2026-01-01T00:00:00.000000Z',
    reportingComponent: 'example.org/a',
    reportingInstance: 'a',
  }),
  core('PersistentVolumeClaim', 'persistentvolumeclaims', {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  }),
  group('apps', 'v1', 'Deployment', 'deployments', {
    spec: { replicas: 2, selector, template, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%' } } },
  }),
  group('apps', 'v1', 'StatefulSet', 'statefulsets', { spec: { serviceName: 'a', selector, template } }),
  group('batch', 'v1', 'Job', 'jobs', {
    spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a' }] } } },
  }),
  group('discovery.k8s.io', 'v1', 'EndpointSlice', 'endpointslices', {
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
    endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: true }, hints: { forZones: [{ name: 'a' }] } }],
  }),
  group('networking.k8s.io', 'v1', 'Ingress', 'ingresses', {
    spec: {
      ingressClassName: 'alb',
      tls: [{ hosts: ['a.example.com'], secretName: 'a' }],
      rules: [
        {
          host: 'a.example.com',
          http: {
            paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'a', port: { number: 80 } } } }],
          },
        },
      ],
    },
  }),
  group('networking.k8s.io', 'v1', 'NetworkPolicy', 'networkpolicies', {
    spec: {
      podSelector: selector,
      ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }] }],
    },
  }),
  group('coordination.k8s.io', 'v1', 'Lease', 'leases', {
    spec: { holderIdentity: 'a', leaseDurationSeconds: 15, renewTime: '2026-01-01T00:00:00.000000Z' },
  }),
  group('rbac.authorization.k8s.io', 'v1', 'Role', 'roles', { rules }),
  group('rbac.authorization.k8s.io', 'v1', 'RoleBinding', 'rolebindings', {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'a' },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'a' }],
  }),
  group('policy', 'v1', 'PodDisruptionBudget', 'poddisruptionbudgets', { spec: { minAvailable: '50%', selector } }),
  group('crd.alauda.io', 'v1', 'Rule', 'rules', {
    spec: {
      priority: 5,
      dslx: [
        { type: 'HOST', values: [['EQ', 'a.example.com']] },
        { type: 'URL', values: [['STARTS_WITH', '/']] },
      ],
      dsl: '(AND (EQ HOST a.example.com) (STARTS_WITH URL /))',
      serviceGroup: { services: [{ namespace: 'fuzz', name: 'a', port: 80, weight: 100 }] },
      config: {},
    },
  }),
  group('crd.alauda.io', 'v1', 'Frontend', 'frontends', {
    spec: { port: 80, protocol: 'http', serviceGroup: { services: [{ namespace: 'fuzz', name: 'a', port: 80 }] } },
  }),
  group('crd.alauda.io', 'v2beta1', 'ALB2', 'alaudaloadbalancer2', {
    spec: { address: '127.0.0.1', type: 'nginx', config: { networkMode: 'host', projects: ['ALL_ALL'], replicas: 1 } },
  }),
  group('gateway.envoyproxy.io', 'v1alpha1', 'SecurityPolicy', 'securitypolicies', {
    spec: {
      targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'web' }],
      authorization: {
        defaultAction: 'Deny',
        rules: [
          { action: 'Allow', principal: { clientCIDRs: ['10.0.0.0/8'], jwt: { provider: 'p', scopes: ['read'] } } },
        ],
      },
      jwt: {
        providers: [
          {
            name: 'p',
            issuer: 'https://issuer.example',
            remoteJWKS: { uri: 'https://issuer.example/jwks' },
            claimToHeaders: [{ header: 'x-user', claim: 'sub' }],
          },
        ],
      },
      extAuth: { grpc: { backendRefs: [{ name: 'auth', port: 80 }] }, timeout: '1s' },
      oidc: {
        provider: { issuer: 'https://issuer.example' },
        clientID: 'shop',
        clientSecret: { name: 'client' },
        denyRedirect: { headers: [{ name: 'x-requested-with', value: 'XMLHttpRequest' }] },
      },
    },
  }),
  group('gateway.envoyproxy.io', 'v1alpha1', 'Backend', 'backends', {
    spec: { endpoints: [{ ip: { address: '10.0.0.1', port: 80 } }], appProtocols: ['gateway.envoyproxy.io/h2c'] },
  }),
  group('gateway.envoyproxy.io', 'v1alpha1', 'HTTPRouteFilter', 'httproutefilters', {
    spec: { directResponse: { statusCode: 503, body: { type: 'Inline', inline: 'closed' } } },
  }),
  group('gateway.envoyproxy.io', 'v1alpha1', 'EnvoyProxy', 'envoyproxies', {
    spec: { provider: { type: 'Kubernetes', kubernetes: { envoyService: { type: 'ClusterIP' } } }, concurrency: 2 },
  }),
  group('gateway.crd.alauda.io', 'v1alpha1', 'TimeoutPolicy', 'timeoutpolicies', {
    spec: {
      targetRef: { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'web' },
      default: { proxy_read_timeout_ms: 2000 },
    },
  }),
  group('envoy-gateway.alauda.io', 'v1', 'EnvoyGatewayCtl', 'envoygatewayctls', {
    spec: { deployment: { replicas: 1 }, config: { envoyGateway: { logging: {} } } },
  }),
  group('gateway.envoyproxy.io', 'v1alpha1', 'BackendTrafficPolicy', 'backendtrafficpolicies', {
    spec: {
      targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'web' }],
      rateLimit: { local: { rules: [{ limit: { requests: 3, unit: 'Minute' } }] } },
      healthCheck: { active: { type: 'HTTP', interval: '5s', http: { path: '/healthz' } }, panicThreshold: 20 },
    },
  }),
  group('gateway.envoyproxy.io', 'v1alpha1', 'ClientTrafficPolicy', 'clienttrafficpolicies', {
    spec: {
      targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'web' }],
      tls: { minVersion: '1.2', maxVersion: '1.3' },
      headers: { earlyRequestHeaders: { removeOnMatch: [{ type: 'Prefix', value: 'x-internal-' }] } },
      path: { escapedSlashesAction: 'RejectRequest' },
    },
  }),
  group('example.org', 'v1', 'Widget', 'widgets', { spec: { size: 3, color: 'red' }, status: { phase: 'a' } }),
  {
    ...group('networking.k8s.io', 'v1', 'IngressClass', 'ingressclasses', { spec: { controller: 'example.org/a' } }),
    namespaced: false,
  },
  {
    ...group('rbac.authorization.k8s.io', 'v1', 'ClusterRole', 'clusterroles', { rules }),
    namespaced: false,
  },
];

/** Written under names of its own, since the name says what it defines. */
export const DEFINITION: Sample = {
  ...group('apiextensions.k8s.io', 'v1', 'CustomResourceDefinition', 'customresourcedefinitions', {
    spec: {
      group: 'fuzz.example.org',
      scope: 'Namespaced',
      names: { kind: 'Fuzz', plural: 'fuzzes', singular: 'fuzz', listKind: 'FuzzList', shortNames: ['fz'] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
          selectableFields: [{ jsonPath: '.spec.color' }],
          subresources: { status: {}, scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' } },
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: {
                  type: 'object',
                  required: ['size'],
                  'x-kubernetes-validations': [{ rule: 'self.size < 10 && self.color.size() > 0', message: 'm' }],
                  properties: {
                    size: { type: 'integer', minimum: 1, default: 3 },
                    color: { type: 'string', pattern: '^[a-z]+$', maxLength: 10 },
                    items: {
                      type: 'array',
                      'x-kubernetes-list-type': 'map',
                      'x-kubernetes-list-map-keys': ['name'],
                      items: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
                    },
                    any: { 'x-kubernetes-preserve-unknown-fields': true },
                    port: { 'x-kubernetes-int-or-string': true },
                  },
                },
                status: { type: 'object', properties: { size: { type: 'integer' } } },
              },
            },
          },
        },
      ],
    },
  }),
  namespaced: false,
};

function core(kind: string, plural: string, object: JsonObject): Sample {
  return { groupVersion: '/api/v1', plural, namespaced: true, object: { apiVersion: 'v1', kind, ...object } };
}

function group(group: string, version: string, kind: string, plural: string, object: JsonObject): Sample {
  const apiVersion = `${group}/${version}`;
  return { groupVersion: `/apis/${apiVersion}`, plural, namespaced: true, object: { apiVersion, kind, ...object } };
}
