import type { JsonObject, JsonValue } from '@causeway/apiserver/schema/json';
import type { Sequence } from '../../sequence.ts';
import {
  CONTAINER,
  DEPLOYMENTS,
  deployment,
  get,
  MERGE_PATCH,
  object,
  PODS,
  patch,
  pod,
  post,
  remove,
  sequence,
} from '../steps.ts';

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

/** Pods, and containers wherever they stand. */
export const POD_SEQUENCES: readonly Sequence[] = [
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
  sequence(
    'Pod/deleted on a node',
    post(PODS, pod('p')),
    post(`${PODS}/p/binding`, object('v1', 'Binding', 'p', { target: { kind: 'Node', name: 'n' } })),
    remove(`${PODS}/p`),
    get(`${PODS}/p`),
  ),
];
