import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { KIND_REFS, type KindMap, type KindName } from '@causeway/resources/kinds';

const NAMESPACE = 'default';
export const ALB = { namespace: 'kube-system', name: 'bench' } as const;

/** Ports of the data plane under test. */
export interface AlbPorts {
  readonly http: number;
  readonly https: number;
  readonly metrics: number;
}

/** Two workers that listen on loopback only. */
export function benchAlb(ports: AlbPorts): KindMap['ALB2'] {
  return {
    apiVersion: 'crd.alauda.io/v2beta1',
    kind: 'ALB2',
    metadata: { ...ALB },
    spec: {
      type: 'nginx',
      address: '127.0.0.1',
      config: {
        networkMode: 'host',
        loadbalancerName: ALB.name,
        replicas: 1,
        projects: ['ALL_ALL'],
        bindNIC: '{"nic":["lo"]}',
        workerLimit: 2,
        ingressHTTPPort: ports.http,
        ingressHTTPSPort: ports.https,
        metricsPort: ports.metrics,
      },
    },
  };
}

/** A Service without selector and its only endpoint. */
export function benchService(name: string, port: number): readonly [KindMap['Service'], KindMap['EndpointSlice']] {
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: NAMESPACE },
      spec: { ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }] },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: `${name}-1`, namespace: NAMESPACE, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: [{ name: 'http', port, protocol: 'TCP' }],
      endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready: true } }],
    },
  ];
}

/** Host and path of the `index`-th Ingress: 100 paths a host, as in a cluster with many teams. */
export function siteOf(index: number): { readonly host: string; readonly path: string } {
  return { host: `h${Math.floor(index / 100)}.bench.example`, path: `/p${index}` };
}

export function ingressName(index: number): string {
  return `i${String(index).padStart(6, '0')}`;
}

export function benchIngress(index: number, serviceName: string, tlsSecret?: string): KindMap['Ingress'] {
  const { host, path } = siteOf(index);
  const backend = { service: { name: serviceName, port: { number: 80 } } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: ingressName(index), namespace: NAMESPACE },
    spec: {
      rules: [{ host, http: { paths: [{ path, pathType: 'Prefix', backend }] } }],
      ...(tlsSecret !== undefined && { tls: [{ hosts: [host], secretName: tlsSecret }] }),
    },
  };
}

export function ruleName(index: number): string {
  return `r${String(index).padStart(6, '0')}`;
}

/** What a team has: the paths of three of its sites in one Ingress; makes three Rules. */
export function teamIngress(index: number, serviceName: string): KindMap['Ingress'] {
  const { host } = siteOf(index);
  const backend = { service: { name: serviceName, port: { number: 80 } } };
  const paths = teamPaths(index).map((path) => ({ path, pathType: 'Prefix', backend }));
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: ingressName(index), namespace: NAMESPACE },
    spec: { rules: [{ host, http: { paths } }] },
  };
}

export function teamPaths(index: number): readonly string[] {
  const { path } = siteOf(index);
  return [path, `${path}/api`, `${path}/static`];
}

/** A Rule that a user wrote, for the `index`-th site. @param port of its Frontend, which the first Ingress brings */
export function benchRule(index: number, serviceName: string, port: number): KindMap['Rule'] {
  const { host, path } = siteOf(index);
  const frontend = `${ALB.name}-${String(port).padStart(5, '0')}`;
  return {
    apiVersion: 'crd.alauda.io/v1',
    kind: 'Rule',
    metadata: {
      namespace: ALB.namespace,
      name: ruleName(index),
      labels: { 'alb2.cpaas.io/name': ALB.name, 'alb2.cpaas.io/frontend': frontend },
    },
    spec: {
      priority: 5,
      dslx: [
        { type: 'HOST', values: [['EQ', host]] },
        { type: 'URL', values: [['STARTS_WITH', path]] },
      ],
      serviceGroup: { services: [{ namespace: NAMESPACE, name: serviceName, port: 80, weight: 100 }] },
    },
  };
}

export async function createAll(api: KubernetesClient, objects: readonly KubernetesObject[]): Promise<void> {
  await inParallel(objects, (object) => api.create(KIND_REFS[object.kind as KindName], object));
}

export async function deleteAll(api: KubernetesClient, kind: KindName, names: readonly string[]): Promise<void> {
  await inParallel(names, (name) => api.delete(KIND_REFS[kind], { namespace: NAMESPACE, name }));
}

/** At most 32 at a time; fails with the first failure. */
export async function inParallel<Item>(items: Iterable<Item>, work: (item: Item) => Promise<unknown>): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const run = async (): Promise<void> => {
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: 32 }, run));
}
