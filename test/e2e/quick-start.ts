import type { ALB2, EndpointSlice, Ingress, Service } from '@causeway/resources/kinds';

/** Ports of one ALB under test; none is privileged or fixed, and only the loopback interface listens. */
export interface AlbPorts {
  readonly http: number;
  readonly https: number;
  readonly metrics: number;
}

export function alb(name: string, ports: AlbPorts, config: NonNullable<ALB2['spec']['config']> = {}): ALB2 {
  return {
    apiVersion: 'crd.alauda.io/v2beta1',
    kind: 'ALB2',
    metadata: { name, namespace: 'kube-system' },
    spec: {
      type: 'nginx',
      address: '127.0.0.1,alb.example.com',
      config: {
        networkMode: 'host',
        loadbalancerName: name,
        replicas: 1,
        projects: ['ALL_ALL'],
        bindNIC: '{"nic":["lo"]}',
        workerLimit: 2,
        ingressHTTPPort: ports.http,
        ingressHTTPSPort: ports.https,
        metricsPort: ports.metrics,
        ...config,
      },
    },
  };
}

/** A Service without selector. */
export function service(name: string): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }] },
  };
}

/** All on one port of 127.0.0.1. */
export function endpointSlice(serviceName: string, port: number): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${serviceName}-1`,
      namespace: 'default',
      labels: { 'kubernetes.io/service-name': serviceName },
    },
    addressType: 'IPv4',
    ports: [{ name: 'http', port, protocol: 'TCP' }],
    endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready: true } }],
  };
}

export function ingress(name: string, path: string, serviceName: string, ingressClassName?: string): Ingress {
  const backend = { service: { name: serviceName, port: { number: 80 } } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, namespace: 'default' },
    spec: {
      ...(ingressClassName === undefined ? {} : { ingressClassName }),
      rules: [{ http: { paths: [{ path, pathType: 'Prefix', backend }] } }],
    },
  };
}
