import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What stored objects have in common, for the compression of their values: with it a Rule takes a sixth of its size on
 * disk, and of the memory in which the file is mapped.
 *
 * A store keeps the dictionary that it began with in a file beside it, so this text may change: only stores made from
 * then on use the new one.
 */
const COMMON = [
  {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      name: 'app.0123456789abcdef',
      namespace: 'default',
      uid: '',
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    involvedObject: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'app', namespace: 'default', uid: '' },
    type: 'Normal',
    reason: 'Synced',
    message: 'Ingress synced successfully',
    source: { component: 'alb2-alb' },
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:00Z',
    count: 1,
    reportingComponent: 'alb2-alb',
    reportingInstance: '',
  },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'app-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'app' } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: true, serving: true, terminating: false } }],
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'app', namespace: 'default', uid: '', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: {
      ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 8080 }],
      clusterIP: '10.96.0.1',
      clusterIPs: ['10.96.0.1'],
      type: 'ClusterIP',
      sessionAffinity: 'None',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      internalTrafficPolicy: 'Cluster',
    },
    status: { loadBalancer: {} },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name: 'app',
      namespace: 'default',
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '' },
      uid: '',
      creationTimestamp: '2026-01-01T00:00:00Z',
      generation: 1,
      resourceVersion: '1',
    },
    spec: {
      ingressClassName: 'alb',
      tls: [{ hosts: ['app.example.com'], secretName: 'app' }],
      rules: [
        {
          host: 'app.example.com',
          http: {
            paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'app', port: { number: 80 } } } }],
          },
        },
      ],
    },
    status: { loadBalancer: { ingress: [{ ip: '10.0.0.1', ports: [{ port: 80, protocol: 'TCP' }] }] } },
  },
  {
    apiVersion: 'crd.alauda.io/v1',
    kind: 'Rule',
    metadata: {
      name: 'alb-00080-abcd',
      namespace: 'kube-system',
      labels: {
        'alb2.cpaas.io/name': 'alb',
        'alb2.cpaas.io/frontend': 'alb-00080',
        'alb2.cpaas.io/source-type': 'ingress',
        'alb2.cpaas.io/source-name': 'app',
        'alb2.cpaas.io/source-ns': 'default',
        'alb2.cpaas.io/source-index': '0-0',
        'cpaas.io/project': 'demo',
      },
      annotations: { 'alb2.cpaas.io/source-ingress-rule-index': '0', 'alb2.cpaas.io/source-ingress-path-index': '0' },
      ownerReferences: [{ apiVersion: 'crd.alauda.io/v1', kind: 'Frontend', name: 'alb-00080', uid: '' }],
      uid: '',
      creationTimestamp: '2026-01-01T00:00:00Z',
      generation: 1,
      resourceVersion: '1',
    },
    spec: {
      dslx: [
        { type: 'HOST', values: [['EQ', 'app.example.com']] },
        { type: 'URL', values: [['STARTS_WITH', '/']] },
      ],
      priority: 5,
      dsl: '["AND",["EQ","HOST","app.example.com"],["STARTS_WITH","URL","/"]]',
      domain: 'app.example.com',
      url: '/',
      rewrite_base: '/',
      certificate_name: 'default_app',
      serviceGroup: { services: [{ namespace: 'default', name: 'app', port: 80, weight: 100 }] },
      description: 'default/app:80:0',
      source: { type: 'ingress', namespace: 'default', name: 'app' },
    },
  },
];

/**
 * The dictionary of the store in a directory; made if there is none, and on disk before it is used.
 *
 * @throws the file system's error
 */
export function dictionaryOf(directory: string): Buffer {
  const file = join(directory, 'dictionary');
  if (!existsSync(file)) {
    const next = openSync(`${file}.next`, 'w', 0o600);
    writeSync(next, COMMON.map((object) => JSON.stringify(object)).join(''));
    fsyncSync(next);
    closeSync(next);
    renameSync(`${file}.next`, file);
    const folder = openSync(directory, 'r');
    fsyncSync(folder);
    closeSync(folder);
  }
  return readFileSync(file);
}
