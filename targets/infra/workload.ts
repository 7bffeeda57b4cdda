import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { ServiceIR, WorkloadIR } from '@causeway/ir/gateway';
import type { ConfigMap, Service, ServicePort } from 'kubernetes-types/core/v1';
import { renderClusterRole, renderClusterRoleBinding, renderServiceAccount } from './access.ts';
import { renderDeployment } from './deployment.ts';
import { metadata, namesOf, type Owner, type Rendered, selectorOf } from './rendered.ts';

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
    renderDeployment(workload),
  ];
}

/** The names that {@link renderWorkload} may give, to find what is stored; `namespace` is `''` for cluster-scoped kinds. */
export function workloadObjects(
  owner: Owner,
): readonly { readonly kind: WorkloadKind; readonly namespace: string; readonly name: string }[] {
  const names = namesOf(owner);
  const { namespace } = owner;
  return [
    { kind: 'ServiceAccount', namespace, name: names.serviceAccount },
    { kind: 'ClusterRole', namespace: '', name: names.clusterRole },
    { kind: 'ClusterRoleBinding', namespace: '', name: names.clusterRoleBinding },
    { kind: 'ConfigMap', namespace, name: names.portInfo },
    { kind: 'Service', namespace, name: names.service },
    { kind: 'Deployment', namespace, name: names.deployment },
  ];
}

export type WorkloadKind =
  | 'ServiceAccount'
  | 'ClusterRole'
  | 'ClusterRoleBinding'
  | 'ConfigMap'
  | 'Service'
  | 'Deployment';

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
  const { type, annotations, loadBalancerIP, keepsClient, ipFamilyPolicy, ports } = service;
  const annotated = { ...workload, annotations: { ...workload.annotations, ...annotations } };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(annotated, namesOf(workload).service),
    spec: {
      type,
      ...(loadBalancerIP === undefined ? {} : { loadBalancerIP }),
      ...(keepsClient === true ? { externalTrafficPolicy: 'Local' } : {}),
      ...(ipFamilyPolicy === undefined ? {} : { ipFamilyPolicy }),
      selector: selectorOf(workload),
      ports: ports.map(({ protocol = 'TCP', ...port }) => ({ ...port, protocol })),
    },
  };
}
