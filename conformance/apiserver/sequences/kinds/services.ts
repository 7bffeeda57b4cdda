import type { JsonObject } from '@causeway/apiserver/schema/json';
import type { Sequence } from '../../sequence.ts';
import { get, MERGE_PATCH, patch, post, put, remove, SERVICES, sequence, service } from '../steps.ts';

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

/** What the server makes of itself. */
const OF_THE_SERVER: readonly string[] = [
  '/api/v1/namespaces/default/services/kubernetes',
  '/api/v1/namespaces/default/endpoints/kubernetes',
  '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes',
];

/** Services: defaults, addresses and ports that are given out, validation. */
export const SERVICE_SEQUENCES: readonly Sequence[] = [
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
  sequence(
    'Service/address twice',
    post(SERVICES, service('s', { clusterIP: '10.96.89.1' })),
    post(SERVICES, service('t', { clusterIP: '10.96.89.1' })),
    remove(S),
    post(SERVICES, service('t', { clusterIP: '10.96.89.1' })),
  ),
  // Below 30086: ports that nobody names are taken from above, as long as there are any.
  sequence(
    'Service/node port twice',
    post(SERVICES, service('s', { type: 'NodePort', ports: [{ port: 80, nodePort: 30_021 }] })),
    post(SERVICES, service('t', { type: 'NodePort', ports: [{ port: 80, nodePort: 30_021 }] })),
  ),
  sequence('Service/name', post(SERVICES, service('1s')), post(SERVICES, service('a.b'))),
];
