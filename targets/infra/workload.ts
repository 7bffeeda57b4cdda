import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { ScalingIR, ServiceIR, WorkloadIR } from '@causeway/ir/gateway';
import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2';
import type { ConfigMap, Service, ServicePort } from 'kubernetes-types/core/v1';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1';
import { renderClusterRole, renderClusterRoleBinding, renderServiceAccount } from './access.ts';
import { renderDaemonSet, renderDeployment } from './deployment.ts';
import { metadata, namesOf, type Rendered, selectorOf } from './rendered.ts';

/**
 * Every object that one ALB's data planes consist of on a cluster, in the order in which they are made.
 *
 * Source: spec ALB 11.1. The LoadBalancer Service and the IngressClass are derived objects of their own.
 */
export function renderWorkload(workload: WorkloadIR): readonly KubernetesObject[] {
  return [
    renderServiceAccount(workload),
    renderClusterRole(workload),
    renderClusterRoleBinding(workload),
    ...(workload.portProjects === undefined ? [] : [renderPortInfo(workload, workload.portProjects)]),
    renderService(workload),
    workload.eachNode === true ? renderDaemonSet(workload) : renderDeployment(workload),
    ...(workload.scaling === undefined ? [] : [renderAutoscaler(workload, workload.scaling)]),
    ...(workload.disruption === undefined ? [] : [renderDisruptionBudget(workload, workload.disruption)]),
  ];
}

/** Kinds of the objects that {@link renderWorkload} gives, in the order in which they are made. */
export const WORKLOAD_KINDS = [
  'ServiceAccount',
  'ClusterRole',
  'ClusterRoleBinding',
  'ConfigMap',
  'Service',
  'Deployment',
  'DaemonSet',
  'HorizontalPodAutoscaler',
  'PodDisruptionBudget',
] as const;

export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];

/** By the processor, as Kubernetes does where nothing else is said; its user's measures are a change of it. */
function renderAutoscaler(workload: WorkloadIR, { min, max }: ScalingIR): Rendered<HorizontalPodAutoscaler> {
  const { pods, scaling } = namesOf(workload);
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: metadata(workload, scaling),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: pods },
      ...(min === undefined ? {} : { minReplicas: min }),
      maxReplicas: max,
    },
  };
}

function renderDisruptionBudget(
  workload: WorkloadIR,
  limits: NonNullable<WorkloadIR['disruption']>,
): Rendered<PodDisruptionBudget> {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metadata(workload, namesOf(workload).disruption),
    spec: { ...limits, selector: { matchLabels: selectorOf(workload) } },
  };
}

/** Read by the console of ALB. */
function renderPortInfo(workload: WorkloadIR, range: string): Rendered<ConfigMap> {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadata(workload, namesOf(workload).portInfo),
    data: { range },
  };
}

function renderService(workload: WorkloadIR): Rendered<Service> {
  if (workload.service !== undefined) return renderOwnService(workload, workload.service);
  const { metricsPort, ingressHttpPort, ingressHttpsPort } = workload;
  const ports: ServicePort[] = [];
  for (const [name, port] of [
    ['metrics', metricsPort],
    ['http', ingressHttpPort],
    ['https', ingressHttpsPort],
  ] as const) {
    const isNew = port !== 0 && !ports.some((each) => each.port === port);
    if (isNew) ports.push({ name, port, protocol: 'TCP', targetPort: port });
  }
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(workload, namesOf(workload).service),
    spec: { type: 'ClusterIP', selector: selectorOf(workload), ports },
  };
}

/** IN-03, IN-22: as its user wants it; the pool of addresses is named by annotations. */
function renderOwnService(workload: WorkloadIR, service: ServiceIR): Rendered<Service> {
  const { type, labels, annotations, loadBalancerIP, keepsClient, ipFamilies, ipFamilyPolicy, ports } = service;
  const { sourceRanges, loadBalancerClass, hasNodePorts } = service;
  const annotated = {
    ...workload,
    labels: { ...workload.labels, ...labels },
    annotations: { ...workload.annotations, ...annotations },
  };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(annotated, namesOf(workload).service),
    spec: {
      type,
      ...(loadBalancerIP === undefined ? {} : { loadBalancerIP }),
      ...(keepsClient === true ? { externalTrafficPolicy: 'Local' } : {}),
      ...(sourceRanges === undefined ? {} : { loadBalancerSourceRanges: [...sourceRanges] }),
      ...(loadBalancerClass === undefined ? {} : { loadBalancerClass }),
      ...(hasNodePorts === undefined ? {} : { allocateLoadBalancerNodePorts: hasNodePorts }),
      ...(ipFamilies === undefined ? {} : { ipFamilies: [...ipFamilies] }),
      ...(ipFamilyPolicy === undefined ? {} : { ipFamilyPolicy }),
      selector: selectorOf(workload),
      ports: ports.map(({ protocol = 'TCP', ...port }) => ({ ...port, protocol })),
    },
  };
}
