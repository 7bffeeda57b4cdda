/** Objects as a user writes them. */
import type { EndpointSlice, Frontend, Ingress, Rule, Secret, Service } from '@causeway/resources/kinds';
import { BACKEND_ADDRESS } from './given-home.ts';
import { ALB_NAMESPACE } from './installation.ts';

export interface ServiceTarget {
  readonly name: string;
  readonly port: number;
  readonly addresses?: readonly string[];
}

/** A Service without selector in `default`, port 80, and its endpoints: all on one port, ready. */
export function serviceTo({ name, port, addresses = [BACKEND_ADDRESS] }: ServiceTarget): [Service, EndpointSlice] {
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'default' },
      spec: { ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }] },
    },
    slice(
      name,
      port,
      addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ),
  ];
}

export function slice(
  service: string,
  port: number,
  endpoints: EndpointSlice['endpoints'],
  name = `${service}-1`,
): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace: 'default', labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port, protocol: 'TCP' }],
    endpoints,
  };
}

export function frontend(alb: string, name: string, port: number, spec: Partial<Frontend['spec']> = {}): Frontend {
  return {
    apiVersion: 'crd.alauda.io/v1',
    kind: 'Frontend',
    metadata: { name, namespace: ALB_NAMESPACE, labels: { 'alb2.cpaas.io/name': alb } },
    spec: { port, protocol: 'http', ...spec },
  };
}

/** Services of `default`, port 80, with their weights. */
export function group(weights: Readonly<Record<string, number>>): NonNullable<Rule['spec']['serviceGroup']> {
  const services = Object.entries(weights).map(([name, weight]) => ({ namespace: 'default', name, port: 80, weight }));
  return { services };
}

export interface RuleOf {
  readonly alb: string;
  readonly frontend: string;
  readonly name: string;
}

export function rule({ alb, frontend, name }: RuleOf, spec: Rule['spec']): Rule {
  return {
    apiVersion: 'crd.alauda.io/v1',
    kind: 'Rule',
    metadata: {
      name,
      namespace: ALB_NAMESPACE,
      labels: { 'alb2.cpaas.io/name': alb, 'alb2.cpaas.io/frontend': frontend },
    },
    spec: { priority: 5, ...spec },
  };
}

export function tlsSecret(name: string, { chainPem, keyPem }: { chainPem: string; keyPem: string }): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'default' },
    type: 'kubernetes.io/tls',
    data: { 'tls.crt': base64(chainPem), 'tls.key': base64(keyPem) },
  };
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

export interface IngressOptions {
  readonly className?: string;
  readonly host?: string;
  readonly pathType?: string;
  /** Secret of `host`. */
  readonly tls?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

export function ingress(name: string, path: string, service: string, options: IngressOptions = {}): Ingress {
  const { className, host, pathType = 'Prefix', tls, annotations } = options;
  const backend = { service: { name: service, port: { number: 80 } } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, namespace: 'default', ...(annotations !== undefined && { annotations }) },
    spec: {
      ...(className !== undefined && { ingressClassName: className }),
      ...(tls !== undefined && { tls: [{ hosts: [host ?? ''], secretName: tls }] }),
      rules: [{ ...(host !== undefined && { host }), http: { paths: [{ path, pathType, backend }] } }],
    },
  };
}
