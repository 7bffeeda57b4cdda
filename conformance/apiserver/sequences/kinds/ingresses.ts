import type { JsonObject } from '@causeway/apiserver/schema/json';
import type { Sequence } from '../../sequence.ts';
import { INGRESSES, ingress, MERGE_PATCH, object, patch, post, sequence } from '../steps.ts';

const path = (rest: JsonObject): JsonObject => ({
  path: '/',
  pathType: 'Prefix',
  backend: { service: { name: 's', port: { number: 80 } } },
  ...rest,
});

const INGRESS_SPECS: readonly (readonly [string, JsonObject])[] = [
  ['plain', { rules: [{ host: 'a.example.org', http: { paths: [path({})] } }] }],
  ['nothing', {}],
  ['default backend', { defaultBackend: { service: { name: 's', port: { name: 'web' } } } }],
  [
    'no path type',
    { rules: [{ http: { paths: [{ path: '/', backend: { service: { name: 's', port: { number: 80 } } } }] } }] },
  ],
  ['unknown path type', { rules: [{ http: { paths: [path({ pathType: 'Regex' })] } }] }],
  ['relative path', { rules: [{ http: { paths: [path({ path: 'a' })] } }] }],
  ['bad path', { rules: [{ http: { paths: [path({ path: '/a//b' })] } }] }],
  ['encoded slash', { rules: [{ http: { paths: [path({ path: '/a%2fb' })] } }] }],
  ['dots', { rules: [{ http: { paths: [path({ path: '/a/../b' })] } }] }],
  [
    'anything of the implementation',
    { rules: [{ http: { paths: [path({ path: 'a//b', pathType: 'ImplementationSpecific' })] } }] },
  ],
  ['empty path', { rules: [{ http: { paths: [path({ path: '' })] } }] }],
  ['no paths', { rules: [{ http: { paths: [] } }] }],
  ['no backend', { rules: [{ http: { paths: [{ path: '/', pathType: 'Exact' }] } }] }],
  [
    'port twice',
    { rules: [{ http: { paths: [path({ backend: { service: { name: 's', port: { number: 80, name: 'x' } } } })] } }] },
  ],
  ['no port', { rules: [{ http: { paths: [path({ backend: { service: { name: 's' } } })] } }] }],
  [
    'port out of range',
    { rules: [{ http: { paths: [path({ backend: { service: { name: 's', port: { number: 0x1_0000 } } } })] } }] },
  ],
  [
    'bad service',
    { rules: [{ http: { paths: [path({ backend: { service: { name: 'S_', port: { number: 80 } } } })] } }] },
  ],
  [
    'no service name',
    { rules: [{ http: { paths: [path({ backend: { service: { name: '', port: { number: 80 } } } })] } }] },
  ],
  [
    'resource',
    {
      rules: [
        { http: { paths: [path({ backend: { resource: { apiGroup: 'example.org', kind: 'Bucket', name: 'b' } } })] } },
      ],
    },
  ],
  [
    'resource and service',
    {
      rules: [
        {
          http: {
            paths: [
              path({
                backend: { resource: { kind: 'Bucket', name: 'b' }, service: { name: 's', port: { number: 80 } } },
              }),
            ],
          },
        },
      ],
    },
  ],
  [
    'bad resource',
    { rules: [{ http: { paths: [path({ backend: { resource: { apiGroup: 'A B', kind: '', name: '' } } })] } }] },
  ],
  ['host is an address', { rules: [{ host: '1.2.3.4' }] }],
  ['host with a port', { rules: [{ host: 'a.example.org:80' }] }],
  ['wildcard', { rules: [{ host: '*.example.org' }] }],
  ['bad wildcard', { rules: [{ host: 'a.*.example.org' }, { host: '*' }] }],
  ['upper case', { rules: [{ host: 'A.example.org' }] }],
  [
    'TLS',
    { tls: [{ hosts: ['a.example.org', '*.b.example.org'], secretName: 't' }], rules: [{ host: 'a.example.org' }] },
  ],
  ['bad TLS', { tls: [{ hosts: ['A B', '1.2.3.4'], secretName: 'T_' }], rules: [{ host: 'a.example.org' }] }],
  ['class', { ingressClassName: 'nginx', rules: [{ host: 'a.example.org' }] }],
  ['bad class', { ingressClassName: 'A B', rules: [{ host: 'a.example.org' }] }],
];

/** Ingresses and their classes. */
export const INGRESS_SEQUENCES: readonly Sequence[] = [
  ...INGRESS_SPECS.map(([what, spec]) => sequence(`Ingress/${what}`, post(INGRESSES, ingress('i', spec)))),
  sequence(
    'Ingress/class and annotation',
    post(INGRESSES, {
      ...ingress('i', { ingressClassName: 'a', rules: [{ host: 'a.example.org' }] }),
      metadata: { name: 'i', annotations: { 'kubernetes.io/ingress.class': 'b' } },
    }),
    post(INGRESSES, {
      ...ingress('j', { rules: [{ host: 'a.example.org' }] }),
      metadata: { name: 'j', annotations: { 'kubernetes.io/ingress.class': 'b' } },
    }),
  ),
  sequence(
    'Ingress/status and generation',
    post(INGRESSES, ingress('i', { rules: [{ host: 'a.example.org' }] })),
    patch(`${INGRESSES}/i/status`, MERGE_PATCH, {
      status: { loadBalancer: { ingress: [{ ip: '1.2.3.4', ports: [{ port: 80, protocol: 'TCP' }] }] } },
    }),
    patch(`${INGRESSES}/i`, MERGE_PATCH, { spec: { rules: [{ host: 'b.example.org' }] } }),
    patch(`${INGRESSES}/i/status`, MERGE_PATCH, { status: { loadBalancer: { ingress: [{ ip: 'x' }] } } }),
  ),
  sequence(
    'IngressClass/life',
    ...[
      { controller: 'example.org/c' },
      { controller: '' },
      { controller: 'c' },
      { controller: 'example.org/c', parameters: { kind: 'K', name: 'n' } },
      {
        controller: 'example.org/c',
        parameters: { apiGroup: 'example.org', kind: 'K', name: 'n', scope: 'Namespace' },
      },
    ].map((spec, index) =>
      post(
        '/apis/networking.k8s.io/v1/ingressclasses',
        object('networking.k8s.io/v1', 'IngressClass', `<<ns>>-${index}`, { spec }),
      ),
    ),
    patch('/apis/networking.k8s.io/v1/ingressclasses/<<ns>>-0', MERGE_PATCH, { spec: { controller: 'example.org/d' } }),
  ),
];
