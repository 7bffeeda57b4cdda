import { BASE_DOMAIN, LABEL_ANTI_AFFINITY } from '@causeway/apis/gateway/labels';
import { VERSION } from '@causeway/apis/meta/version';
import type { TolerationIR, WorkloadIR } from '@causeway/ir/gateway';
import type { DaemonSet, Deployment } from 'kubernetes-types/apps/v1';
import type { Affinity, Container, PodSpec, PodTemplateSpec, Probe, Toleration } from 'kubernetes-types/core/v1';
import { metadata, namesOf, type Rendered, selectorOf } from './rendered.ts';

/** Of the pods of a data plane. */
export const CONTAINER = 'nginx';
const RUN_DIRECTORY = '/run/causeway';
/** Where our image has nginx and its modules. */
const RUNTIME = '/opt/causeway/runtime/runtime.json';
/** Beyond the time that ports serve on: for connections to end. */
const GRACE_SECONDS = 15;

/**
 * What the agent needs: it starts nginx as a user of its own (SETUID, SETGID, CHOWN, FOWNER, KILL, DAC_OVERRIDE) that may
 * bind low ports, and names the process that holds a port (SYS_PTRACE). ALB's NET_RAW and NET_ADMIN are not used.
 */
export const CAPABILITIES: readonly string[] = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'KILL',
  'NET_BIND_SERVICE',
  'SETGID',
  'SETUID',
  'SYS_PTRACE',
];

/**
 * The Deployment of an ALB: pods with one container, whose agent runs nginx.
 *
 * Source: spec ALB 11.1, ALB-122, ALB-129. ALB has two containers, since its controller cannot start nginx; here the limits
 * of nginx are those of the container, and those of the controller have no meaning.
 */
export function renderDeployment(workload: WorkloadIR): Rendered<Deployment> {
  const { replicas, scaling } = workload;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(workload, namesOf(workload).pods),
    spec: {
      // Otherwise the HorizontalPodAutoscaler says it.
      ...(scaling === undefined ? { replicas } : {}),
      selector: { matchLabels: selectorOf(workload) },
      strategy: {
        type: 'RollingUpdate',
        rollingUpdate:
          workload.rollout === 'surge' ? { maxSurge: 1, maxUnavailable: 0 } : { maxSurge: 0, maxUnavailable: 1 },
      },
      template: podTemplate(workload),
    },
  };
}

/** The same with a pod on each node. Two of them would want the same ports of the node, so an old one ends first. */
export function renderDaemonSet(workload: WorkloadIR): Rendered<DaemonSet> {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: metadata(workload, namesOf(workload).pods),
    spec: {
      selector: { matchLabels: selectorOf(workload) },
      updateStrategy: { type: 'RollingUpdate' },
      template: podTemplate(workload),
    },
  };
}

function podTemplate(workload: WorkloadIR): PodTemplateSpec {
  const { name, antiAffinityKey, podAnnotations } = workload;
  return {
    metadata: {
      labels: {
        ...workload.labels,
        ...selectorOf(workload),
        [`service.${BASE_DOMAIN}/name`]: `deployment-${name}`,
        [`alb2.${BASE_DOMAIN}/pod_type`]: 'alb',
        [`alb2.${BASE_DOMAIN}/version`]: VERSION,
        [LABEL_ANTI_AFFINITY]: antiAffinityKey,
      },
      annotations: { ...workload.annotations, ...podAnnotations },
    },
    spec: podSpec(workload),
  };
}

function podSpec(workload: WorkloadIR): PodSpec {
  const { network, nodeSelector, tolerations, termSeconds } = workload;
  return {
    serviceAccountName: namesOf(workload).serviceAccount,
    hostNetwork: network === 'machine',
    dnsPolicy: network === 'machine' ? 'ClusterFirstWithHostNet' : 'ClusterFirst',
    terminationGracePeriodSeconds: termSeconds + GRACE_SECONDS,
    nodeSelector,
    tolerations: tolerations === undefined ? [{ operator: 'Exists' }] : tolerations.map(renderToleration),
    ...(workload.eachNode === true ? {} : { affinity: affinity(workload) }),
    containers: [container(workload)],
    volumes: [
      { name: 'run', emptyDir: { medium: 'Memory' } },
      { name: 'tmp', emptyDir: {} },
    ],
  };
}

function renderToleration(toleration: TolerationIR): Toleration {
  return { ...toleration };
}

/** Host mode: one per node and key. Container mode: spread, if possible. */
function affinity(workload: WorkloadIR): Affinity {
  const topologyKey = 'kubernetes.io/hostname';
  if (workload.network === 'machine') {
    const labelSelector = { matchLabels: { [LABEL_ANTI_AFFINITY]: workload.antiAffinityKey } };
    // Of every namespace: ports of a node are shared by all of them.
    const term = { labelSelector, namespaceSelector: {}, topologyKey };
    return { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
  }
  const term = { labelSelector: { matchLabels: selectorOf(workload) }, topologyKey };
  return {
    podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: term }] },
  };
}

function container(workload: WorkloadIR): Container {
  const { image, limits, requests, metricsPort, readOnlyRoot } = workload;
  const { namespace, name } = workload.dataPlane ?? workload;
  return {
    name: CONTAINER,
    image,
    args: [
      'agent',
      ...['--alb', `${namespace}/${name}`],
      ...['--node', '$(NODE_NAME)', '--instance-name', '$(POD_NAME)'],
      ...['--run-dir', RUN_DIRECTORY, '--runtime', RUNTIME],
      ...(workload.network === 'own' ? ['--pod-network'] : []),
      '--drain',
      '--log-to-stdout',
    ],
    env: [
      { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
      { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    ],
    resources: { limits: { ...limits }, requests: { ...requests } },
    ports: [{ name: 'metrics', containerPort: metricsPort, protocol: 'TCP' }],
    readinessProbe: health(metricsPort, { initialDelaySeconds: 3, periodSeconds: 5 }),
    livenessProbe: health(metricsPort, { initialDelaySeconds: 60, periodSeconds: 60 }),
    securityContext: {
      readOnlyRootFilesystem: readOnlyRoot,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'], add: [...CAPABILITIES] },
    },
    volumeMounts: [
      { name: 'run', mountPath: RUN_DIRECTORY },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  };
}

function health(port: number, timing: Pick<Probe, 'initialDelaySeconds' | 'periodSeconds'>): Probe {
  return { httpGet: { path: '/healthz', port, scheme: 'HTTPS' }, ...timing, timeoutSeconds: 5, failureThreshold: 5 };
}
