/** Small fragments for tests; every function fills in what the test does not care about. */
import type { CertificateIR, EndpointSetIR, ForwardIR, InstanceIR, ListenerIR, RouteIR } from '@causeway/ir/gateway';

export const ALB = 'kube-system/alb-demo';

export function instance(fields: Partial<InstanceIR> = {}): InstanceIR {
  return {
    kind: 'instance',
    id: ALB,
    workers: 2,
    metricsPort: 1936,
    ipv6: true,
    http2: true,
    gzip: true,
    backlog: 2048,
    accessLog: 'text',
    metricsAuth: true,
    traceHeader: false,
    network: 'machine',
    interfaces: ['lo'],
    tuning: {},
    termSeconds: 30,
    trustedProxies: [],
    ...fields,
  };
}

export function listener(port: number, fields: Partial<ListenerIR> = {}): ListenerIR {
  const id = `kube-system/alb-demo-${port}`;
  return { kind: 'listener', id, instance: ALB, port, protocol: 'http', hostnames: [], name: id, ...fields };
}

export function forward(endpointSets: readonly string[], fields: Partial<ForwardIR> = {}): ForwardIR {
  return {
    type: 'forward',
    backends: endpointSets.map((id) => ({
      weight: 100,
      protocol: 'http',
      filters: [],
      target: { type: 'endpoints', id },
    })),
    noEndpoints: { type: 'respond', status: 500, reason: 'InvalidBalancer : no balancer found for r' },
    affinity: { type: 'roundRobin' },
    timeouts: { connectMs: 5_000, sendMs: 120_000, readMs: 120_000 },
    retry: { attempts: 5 },
    ...fields,
  };
}

/** A route for a path prefix on the listener of a port. */
export function route(name: string, path: string, port: number, fields: Partial<RouteIR> = {}): RouteIR {
  return {
    kind: 'route',
    id: `kube-system/${name}`,
    instance: ALB,
    listeners: [`kube-system/alb-demo-${port}`],
    match: [{ subject: 'path', tests: [{ op: 'prefix', value: path }] }],
    order: { priority: 5, specificity: [path.length], tie: name },
    filters: [],
    action: forward(['default/svc:80']),
    certificates: [],
    name,
    source: { type: 'ingress', namespace: 'default', name: 'ing' },
    ...fields,
  };
}

export function endpoints(id: string, ...ports: readonly number[]): EndpointSetIR {
  return { kind: 'endpointSet', id, endpoints: ports.map((port) => ({ address: '127.0.0.1', port })) };
}

export function certificate(id: string, text = 'PEM'): CertificateIR {
  return { kind: 'certificate', id, chainPem: `chain ${text}`, keyPem: `key ${text}` };
}
