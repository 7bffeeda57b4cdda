import type { KubernetesObject } from '@causeway/apis/meta/object';

/** Where the sample backends listen. */
export interface Backend {
  readonly address: string;
  readonly port: number;
}

export interface QuickStart {
  /** Where the Ingress answers. */
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly metricsPort: number;
  readonly backends: readonly Backend[];
}

/**
 * The quick start of "Understanding ALB", with backends on this machine in the
 * place of a Deployment, in the order they are applied. All backends listen on
 * the same port.
 *
 * Source: spec/alb.md, ALB-01.
 */
export function quickStart({ httpPort, httpsPort, metricsPort, backends }: QuickStart): readonly KubernetesObject[] {
  const [first] = backends;
  const objects = [
    {
      apiVersion: 'crd.alauda.io/v2beta1',
      kind: 'ALB2',
      metadata: { name: 'alb-demo', namespace: 'kube-system' },
      spec: {
        address: '127.0.0.1',
        type: 'nginx',
        config: {
          networkMode: 'host',
          loadbalancerName: 'alb-demo',
          projects: ['ALL_ALL'],
          replicas: 1,
          ingressHTTPPort: httpPort,
          ingressHTTPSPort: httpsPort,
          metricsPort,
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'hello-world', namespace: 'default', labels: { 'service.demo/name': 'hello-world' } },
      spec: { ports: [{ name: 'http', port: 80, targetPort: first?.port ?? 80 }] },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'hello-world', namespace: 'default', labels: { 'kubernetes.io/service-name': 'hello-world' } },
      addressType: 'IPv4',
      ports: [{ name: 'http', protocol: 'TCP', port: first?.port ?? 80 }],
      endpoints: backends.map(({ address }) => ({ addresses: [address], conditions: { ready: true } })),
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'hello-world', namespace: 'default' },
      spec: {
        ingressClassName: 'alb-demo',
        rules: [
          {
            http: {
              paths: [
                { path: '/', pathType: 'Prefix', backend: { service: { name: 'hello-world', port: { number: 80 } } } },
              ],
            },
          },
        ],
      },
    },
  ];
  return objects;
}
