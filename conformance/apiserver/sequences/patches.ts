import type { JsonValue } from '@causeway/apiserver/schema/json';
import type { Sequence } from '../sequence.ts';
import {
  CONFIG_MAPS,
  configMap,
  core,
  DEPLOYMENTS,
  deployment,
  get,
  JSON_PATCH,
  MERGE_PATCH,
  object,
  patch,
  post,
  SERVICES,
  STRATEGIC,
  sequence,
  service,
} from './steps.ts';

const A = `${CONFIG_MAPS}/a`;
const made = post(CONFIG_MAPS, configMap('a', { a: '1', b: '2' }, { labels: { x: 'y' }, annotations: { n: 'm' } }), {
  name: 'made',
});
const D = `${DEPLOYMENTS}/d`;
const deployed = post(
  DEPLOYMENTS,
  deployment('d', { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } }, [
    {
      name: 'main',
      image: 'example.org/main:1',
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ],
      args: ['x', 'y'],
      ports: [{ containerPort: 80, name: 'http' }],
    },
    { name: 'side', image: 'example.org/side:1' },
  ]),
  { name: 'made' },
);
const S = `${SERVICES}/s`;
const served = post(
  SERVICES,
  service('s', {
    ports: [
      { name: 'a', port: 80 },
      { name: 'b', port: 81, targetPort: 'b' },
    ],
  }),
);

const JSON_PATCHES: readonly (readonly [string, JsonValue])[] = [
  ['add', [{ op: 'add', path: '/data/c', value: '3' }]],
  ['replace', [{ op: 'replace', path: '/data/a', value: '3' }]],
  ['replace what is not there', [{ op: 'replace', path: '/data/c', value: '3' }]],
  ['remove', [{ op: 'remove', path: '/data/a' }]],
  ['remove what is not there', [{ op: 'remove', path: '/data/c' }]],
  ['move', [{ op: 'move', from: '/data/a', path: '/data/c' }]],
  ['copy', [{ op: 'copy', from: '/data/a', path: '/data/c' }]],
  [
    'test',
    [
      { op: 'test', path: '/data/a', value: '1' },
      { op: 'remove', path: '/data/a' },
    ],
  ],
  [
    'test fails',
    [
      { op: 'test', path: '/data/a', value: '2' },
      { op: 'remove', path: '/data/a' },
    ],
  ],
  ['unknown operation', [{ op: 'increment', path: '/data/a' }]],
  ['no path', [{ op: 'add', value: '3' }]],
  ['no value', [{ op: 'add', path: '/data/c' }]],
  ['not a list', { op: 'add' }],
  ['empty', []],
  ['escapes', [{ op: 'add', path: '/metadata/annotations/example.org~1a~0b', value: 'x' }]],
  ['missing parent', [{ op: 'add', path: '/foo/bar', value: 'x' }]],
  ['the name', [{ op: 'replace', path: '/metadata/name', value: 'b' }]],
  ['the kind', [{ op: 'replace', path: '/kind', value: 'Secret' }]],
  ['a value of a wrong type', [{ op: 'add', path: '/data/c', value: 3 }]],
  ['whole document', [{ op: 'replace', path: '', value: {} }]],
  ['an old version', [{ op: 'add', path: '/metadata/resourceVersion', value: '1' }]],
  ['relative path', [{ op: 'add', path: 'data/c', value: 'x' }]],
];

const MERGE_PATCHES: readonly (readonly [string, JsonValue])[] = [
  ['merge', { data: { c: '3' } }],
  ['null removes', { data: { a: null } }],
  ['null of what is not there', { data: { zz: null } }],
  ['null of all', { data: null }],
  ['nothing', {}],
  ['nothing new', { data: { a: '1' } }],
  ['a list', []],
  ['a text', '"x"'],
  ['not JSON', '{'],
  ['empty body', ''],
  ['metadata null', { metadata: null }],
  ['the name', { metadata: { name: 'b' } }],
  ['the namespace', { metadata: { namespace: 'default' } }],
  ['the kind', { kind: 'Secret' }],
  ['the apiVersion', { apiVersion: 'v2' }],
  ['an old version', { metadata: { resourceVersion: '1' } }],
  ['the version', { metadata: { resourceVersion: '<<made.metadata.resourceVersion>>' }, data: { c: '3' } }],
  ['the uid', { metadata: { uid: '11111111-1111-1111-1111-111111111111' } }],
  ['a wrong type', { data: { a: 1 } }],
  ['an unknown field', { foo: 'bar' }],
  ['labels', { metadata: { labels: { x: null, z: '1' } } }],
  ['bad label', { metadata: { labels: { x: 'a b' } } }],
];

const STRATEGIC_PATCHES: readonly (readonly [string, JsonValue])[] = [
  [
    'container by name',
    { spec: { template: { spec: { containers: [{ name: 'main', image: 'example.org/main:2' }] } } } },
  ],
  ['new container', { spec: { template: { spec: { containers: [{ name: 'new', image: 'example.org/new:1' }] } } } }],
  ['delete a container', { spec: { template: { spec: { containers: [{ name: 'side', $patch: 'delete' }] } } } }],
  [
    'replace containers',
    { spec: { template: { spec: { containers: [{ name: 'only', image: 'x' }, { $patch: 'replace' }] } } } },
  ],
  [
    'order of containers',
    {
      spec: {
        template: {
          spec: {
            $setElementOrder$containers: [],
            '$setElementOrder/containers': [{ name: 'side' }, { name: 'main' }],
          },
        },
      },
    },
  ],
  [
    'env',
    {
      spec: {
        template: {
          spec: {
            containers: [
              {
                name: 'main',
                env: [
                  { name: 'B', value: '3' },
                  { name: 'C', value: '4' },
                  { name: 'A', $patch: 'delete' },
                ],
              },
            ],
          },
        },
      },
    },
  ],
  ['atomic args', { spec: { template: { spec: { containers: [{ name: 'main', args: ['z'] }] } } } }],
  ['retainKeys', { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } }],
  ['without retainKeys', { spec: { strategy: { type: 'Recreate' } } }],
  ['null map', { spec: { strategy: null } }],
  ['replace a map', { spec: { template: { metadata: { labels: { $patch: 'replace', app: 'a', b: 'c' } } } } }],
  ['delete a map', { spec: { strategy: { $patch: 'delete' } } }],
  ['unknown directive', { spec: { strategy: { $patch: 'explode' } } }],
  ['finalizers', { metadata: { finalizers: ['example.org/a'] } }],
  ['no merge key', { spec: { template: { spec: { containers: [{ image: 'x' }] } } } }],
  ['wrong type', { spec: { replicas: 'many' } }],
  ['selector is immutable', { spec: { selector: { matchLabels: { app: 'b' } } } }],
  ['labels must match', { spec: { template: { metadata: { labels: { app: 'b' } } } } }],
  [
    'port by number',
    {
      spec: {
        template: {
          spec: { containers: [{ name: 'main', ports: [{ containerPort: 80, name: 'web' }, { containerPort: 81 }] }] },
        },
      },
    },
  ],
  ['nothing', {}],
  ['not an object', []],
];

/** JSON patch, merge patch, strategic merge patch. Server-side apply has a file of its own. */
export const PATCHES: readonly Sequence[] = [
  ...JSON_PATCHES.map(([what, body]) => sequence(`json patch/${what}`, made, patch(A, JSON_PATCH, body), get(A))),
  ...MERGE_PATCHES.map(([what, body]) => sequence(`merge patch/${what}`, made, patch(A, MERGE_PATCH, body), get(A))),
  ...STRATEGIC_PATCHES.map(([what, body]) => sequence(`strategic/${what}`, deployed, patch(D, STRATEGIC, body))),
  sequence(
    'strategic/ports of a Service',
    served,
    patch(S, STRATEGIC, {
      spec: {
        ports: [
          { port: 81, targetPort: 8081 },
          { port: 80, $patch: 'delete' },
          { name: 'c', port: 82 },
        ],
      },
    }),
  ),
  sequence(
    'strategic/delete from a primitive list',
    post(CONFIG_MAPS, configMap('a', {}, { finalizers: ['example.org/a', 'example.org/b'] })),
    patch(A, STRATEGIC, { metadata: { '$deleteFromPrimitiveList/finalizers': ['example.org/a'] } }),
  ),
  sequence(
    'strategic/order of finalizers',
    post(CONFIG_MAPS, configMap('a', {}, { finalizers: ['example.org/a', 'example.org/b'] })),
    patch(A, STRATEGIC, {
      metadata: {
        finalizers: ['example.org/c'],
        '$setElementOrder/finalizers': ['example.org/c', 'example.org/b', 'example.org/a'],
      },
    }),
  ),
  sequence(
    'strategic/owner references',
    made,
    post(core('configmaps'), object('v1', 'ConfigMap', 'o'), { name: 'owner' }),
    patch(A, STRATEGIC, {
      metadata: {
        ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: '<<owner.metadata.uid>>' }],
      },
    }),
    patch(A, STRATEGIC, { metadata: { ownerReferences: [{ uid: '<<owner.metadata.uid>>', controller: true }] } }),
    patch(A, STRATEGIC, { metadata: { ownerReferences: [{ uid: '<<owner.metadata.uid>>', $patch: 'delete' }] } }),
  ),
  sequence('merge patch/lists are replaced', served, patch(S, MERGE_PATCH, { spec: { ports: [{ port: 90 }] } })),
  sequence(
    'json patch/item of a list',
    served,
    patch(S, JSON_PATCH, [
      { op: 'add', path: '/spec/ports/-', value: { name: 'c', port: 82 } },
      { op: 'remove', path: '/spec/ports/0' },
      { op: 'replace', path: '/spec/ports/0/port', value: 91 },
    ]),
  ),
  sequence(
    'json patch/index out of range',
    served,
    patch(S, JSON_PATCH, [{ op: 'remove', path: '/spec/ports/7' }]),
    patch(S, JSON_PATCH, [{ op: 'add', path: '/spec/ports/x', value: {} }]),
  ),
  sequence('patch/what is not there', patch(A, MERGE_PATCH, {}), patch(A, JSON_PATCH, []), patch(A, STRATEGIC, {})),
  sequence('patch/unknown type', made, patch(A, 'application/json', {}), patch(A, 'text/plain', {})),
  sequence('patch/a collection', patch(CONFIG_MAPS, MERGE_PATCH, {})),
  sequence('patch/force without apply', made, patch(`${A}?force=true`, MERGE_PATCH, {})),
];
