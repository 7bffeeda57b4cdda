import type { JsonValue } from '@causeway/apiserver/schema/json';
import type { Sequence } from '../sequence.ts';
import {
  CONFIG_MAPS,
  configMap,
  core,
  DEPLOYMENTS,
  deployment,
  get,
  MERGE_PATCH,
  object,
  patch,
  post,
  put,
  remove,
  SERVICES,
  sequence,
  service,
} from './steps.ts';

const A = `${CONFIG_MAPS}/a`;
const made = (name = 'a', data = { a: '1' }) => post(CONFIG_MAPS, configMap(name, data), { name: 'made' });

/** Creating, replacing, deleting: optimistic concurrency, generated names, dry run, preconditions, finalizers. */
export const WRITES: readonly Sequence[] = [
  sequence('writes/create', made(), get(A)),
  sequence('writes/create twice', made(), post(CONFIG_MAPS, configMap('a'))),
  sequence('writes/get what is not there', get(A)),
  sequence(
    'writes/create in a namespace that is not there',
    post('/api/v1/namespaces/nowhere-at-all/configmaps', configMap('a')),
  ),
  sequence('writes/create with another namespace', post(CONFIG_MAPS, configMap('a', {}, { namespace: 'default' }))),
  sequence('writes/create with the namespace', post(CONFIG_MAPS, configMap('a', {}, { namespace: '<<ns>>' }))),
  sequence('writes/create without a name', post(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap' })),
  sequence(
    'writes/generated name',
    post(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'g-' } }, { name: 'made' }),
    get(`${CONFIG_MAPS}/<<made.metadata.name>>`),
    remove(`${CONFIG_MAPS}/<<made.metadata.name>>`),
  ),
  sequence('writes/name wins over generateName', post(CONFIG_MAPS, configMap('a', {}, { generateName: 'g-' }))),
  sequence('writes/create with a resourceVersion', post(CONFIG_MAPS, configMap('a', {}, { resourceVersion: '5' }))),
  sequence(
    'writes/what a client may not set',
    post(
      CONFIG_MAPS,
      configMap(
        'a',
        {},
        {
          uid: 'mine',
          creationTimestamp: '2001-01-01T00:00:00Z',
          generation: 7,
          selfLink: '/x',
          deletionTimestamp: '2001-01-01T00:00:00Z',
          deletionGracePeriodSeconds: 5,
        },
      ),
    ),
  ),
  sequence('writes/another kind', post(CONFIG_MAPS, object('v1', 'Secret', 'a'))),
  sequence('writes/another version', post(CONFIG_MAPS, object('v2', 'ConfigMap', 'a'))),
  sequence('writes/no kind', post(CONFIG_MAPS, { metadata: { name: 'a' } })),
  sequence('writes/no body', post(CONFIG_MAPS, '')),
  sequence('writes/not JSON', post(CONFIG_MAPS, '{"a')),
  sequence('writes/a list as body', post(CONFIG_MAPS, '[]')),
  sequence('writes/a number as body', post(CONFIG_MAPS, '5')),
  sequence('writes/wrong type of a field', post(CONFIG_MAPS, configMap('a', { a: 5 }))),
  sequence('writes/unknown content type', post(CONFIG_MAPS, configMap('a'), { contentType: 'text/plain' })),
  sequence('writes/unknown accept', get(CONFIG_MAPS, { accept: 'text/html' })),
  sequence(
    'writes/YAML body',
    post(CONFIG_MAPS, 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  a: "yes"\n', {
      contentType: 'application/yaml',
    }),
  ),
  ...['A', 'a_b', '-a', 'a.b', 'a..b', 'a/b', '.', 'a'.repeat(254)].map((name) =>
    sequence(`writes/name ${name.length > 20 ? 'of 254' : name}`, post(CONFIG_MAPS, configMap(name))),
  ),
  ...(
    [
      ['label key', { labels: { 'a b': 'x' } }],
      ['label value', { labels: { a: 'x y' } }],
      ['label too long', { labels: { a: 'x'.repeat(64) } }],
      ['label prefix', { labels: { 'A_/b': 'x' } }],
      ['annotation key', { annotations: { 'a b': 'x' } }],
      ['finalizer', { finalizers: ['a b'] }],
      ['plain finalizer', { finalizers: ['foo'] }],
      ['owner without uid', { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: '' }] }],
      [
        'two controllers',
        {
          ownerReferences: [1, 2].map((n) => ({
            apiVersion: 'v1',
            kind: 'ConfigMap',
            name: `o${n}`,
            uid: `u${n}`,
            controller: true,
          })),
        },
      ],
      ['owner of an event', { ownerReferences: [{ apiVersion: 'v1', kind: 'Event', name: 'o', uid: 'u' }] }],
      ['label of a wrong type', { labels: { a: 1 } }],
      ['labels as a list', { labels: [] }],
      ['annotations null', { annotations: null }],
      ['annotation value null', { annotations: { a: null } }],
    ] as const
  ).map(([what, metadata]) => sequence(`metadata/${what}`, post(CONFIG_MAPS, configMap('a', {}, metadata as never)))),
  sequence(
    'replace/with the version',
    made(),
    put(A, configMap('a', { b: '2' }, { resourceVersion: '<<made.metadata.resourceVersion>>' })),
    get(A),
  ),
  sequence('replace/without a version', made(), put(A, configMap('a', { b: '2' }))),
  sequence(
    'replace/with an old version',
    made(),
    put(A, configMap('a', { b: '2' })),
    put(A, configMap('a', { b: '3' }, { resourceVersion: '<<made.metadata.resourceVersion>>' })),
  ),
  sequence('replace/with a version that is no number', made(), put(A, configMap('a', {}, { resourceVersion: 'x' }))),
  sequence('replace/by nothing new', made(), put(A, configMap('a', { a: '1' })), get(A)),
  sequence('replace/another name', made(), put(A, configMap('b'))),
  sequence('replace/no name', made(), put(A, { apiVersion: 'v1', kind: 'ConfigMap' })),
  sequence('replace/another uid', made(), put(A, configMap('a', {}, { uid: '11111111-1111-1111-1111-111111111111' }))),
  sequence('replace/what is not there', put(A, configMap('a'))),
  sequence(
    'replace/what is not there, with a uid',
    put(A, configMap('a', {}, { uid: '11111111-1111-1111-1111-111111111111' })),
  ),
  sequence('replace/what is not there, with a version', put(A, configMap('a', {}, { resourceVersion: '1' }))),
  sequence('replace/another namespace', made(), put(A, configMap('a', {}, { namespace: 'default' }))),
  sequence(
    'replace/creationTimestamp stays',
    made(),
    put(A, configMap('a', {}, { creationTimestamp: null })),
    put(A, configMap('a', {}, { creationTimestamp: '2001-01-01T00:00:00Z' })),
  ),
  sequence('replace/a collection', put(CONFIG_MAPS, configMap('a'))),
  sequence('create/at a name', post(A, configMap('a'))),
  ...['All', '', 'all', 'Some'].map((value) =>
    sequence(
      `dry run/${value === '' ? 'empty' : value}`,
      post(`${CONFIG_MAPS}?dryRun=${value}`, configMap('a')),
      get(A),
    ),
  ),
  sequence(
    'dry run/of a generated name',
    post(`${CONFIG_MAPS}?dryRun=All`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'g-' } }),
  ),
  sequence(
    'dry run/of changes',
    made(),
    put(`${A}?dryRun=All`, configMap('a', { b: '2' })),
    patch(`${A}?dryRun=All`, MERGE_PATCH, { data: { c: '3' } }),
    remove(`${A}?dryRun=All`),
    remove(A, { dryRun: ['All'] }),
    remove(CONFIG_MAPS, { dryRun: ['All'] }),
    get(A),
  ),
  sequence(
    'dry run/of a Service',
    post(`${SERVICES}?dryRun=All`, service('a', { clusterIP: '10.96.77.77' })),
    post(SERVICES, service('b', { clusterIP: '10.96.77.77' })),
  ),
  ...['Strict', 'Warn', 'Ignore', 'strict', ''].map((value) =>
    sequence(
      `fieldValidation/${value === '' ? 'default' : value}`,
      post(`${CONFIG_MAPS}?fieldValidation=${value}`, { ...configMap('a'), foo: 1, metadata: { name: 'a', bar: 2 } }),
      post(
        `${CONFIG_MAPS}?fieldValidation=${value}`,
        '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"b","name":"c"},"data":{"a":"1","a":"2"}}',
      ),
      post(
        `${DEPLOYMENTS}?fieldValidation=${value}`,
        deployment('d', { replica: 3 }, [{ name: 'main', image: 'x', img: 'y' }]),
      ),
      patch(`${CONFIG_MAPS}/a?fieldValidation=${value}`, MERGE_PATCH, { foo: 1, data: { z: '1' } }),
      put(`${CONFIG_MAPS}/a?fieldValidation=${value}`, { ...configMap('a'), foo: 1 }),
    ),
  ),
  sequence(
    'fieldValidation/YAML duplicates',
    post(
      `${CONFIG_MAPS}?fieldValidation=Strict`,
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  a: "1"\n  a: "2"\n',
      { contentType: 'application/yaml' },
    ),
    post(
      `${CONFIG_MAPS}?fieldValidation=Warn`,
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  a: "1"\n  a: "2"\n',
      { contentType: 'application/yaml' },
    ),
  ),
  sequence('delete/an object', made(), remove(A), get(A), remove(A)),
  sequence(
    'delete/a kind that answers with the object',
    post(SERVICES, service('a')),
    remove(`${SERVICES}/a`),
    get(`${SERVICES}/a`),
  ),
  sequence(
    'delete/wrong uid',
    made(),
    remove(A, { preconditions: { uid: '11111111-1111-1111-1111-111111111111' } }),
    get(A),
  ),
  sequence('delete/right uid', made(), remove(A, { preconditions: { uid: '<<made.metadata.uid>>' } })),
  sequence('delete/wrong version', made(), remove(A, { preconditions: { resourceVersion: '1' } })),
  sequence(
    'delete/right version',
    made(),
    remove(A, { preconditions: { resourceVersion: '<<made.metadata.resourceVersion>>' } }),
  ),
  sequence(
    'delete/options with a kind',
    made(),
    remove(A, { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background' }),
  ),
  sequence('delete/options of a wrong kind', made(), remove(A, { apiVersion: 'v1', kind: 'ConfigMap' })),
  sequence('delete/wrong policy', made(), remove(A, { propagationPolicy: 'Sideways' })),
  sequence('delete/policy in the query', made(), remove(`${A}?propagationPolicy=Foreground`)),
  sequence(
    'delete/policy and orphanDependents',
    made(),
    remove(A, { propagationPolicy: 'Orphan', orphanDependents: true }),
  ),
  sequence('delete/negative grace period', made(), remove(A, { gracePeriodSeconds: -1 })),
  sequence('delete/grace period', made(), remove(A, { gracePeriodSeconds: 30 })),
  ...['Foreground', 'Orphan', 'Background'].map((policy) =>
    sequence(`delete/${policy}`, made(), remove(A, { propagationPolicy: policy })),
  ),
  sequence(
    'finalizers/hold',
    post(CONFIG_MAPS, configMap('a', {}, { finalizers: ['example.org/hold', 'example.org/other'] })),
    remove(A),
    get(A),
    remove(A),
    patch(A, MERGE_PATCH, { data: { still: 'possible' } }),
    patch(A, MERGE_PATCH, { metadata: { finalizers: ['example.org/hold', 'example.org/third'] } }),
    patch(A, MERGE_PATCH, { metadata: { finalizers: ['example.org/hold'] } }),
    patch(A, MERGE_PATCH, { metadata: { finalizers: null } }),
    get(A),
  ),
  sequence(
    'finalizers/go with a replacement',
    post(CONFIG_MAPS, configMap('a', {}, { finalizers: ['example.org/hold'] })),
    remove(A, { propagationPolicy: 'Background' }),
    put(A, configMap('a', { last: 'words' })),
    get(A),
  ),
  sequence(
    'finalizers/create while it is held',
    post(CONFIG_MAPS, configMap('a', {}, { finalizers: ['example.org/hold'] })),
    remove(A),
    post(CONFIG_MAPS, configMap('a')),
  ),
  sequence(
    'deletecollection/by label',
    post(CONFIG_MAPS, configMap('a', {}, { labels: { x: '1' } })),
    post(CONFIG_MAPS, configMap('b', {}, { labels: { x: '2' } })),
    post(CONFIG_MAPS, configMap('c', {}, { labels: { x: '1' }, finalizers: ['example.org/hold'] })),
    remove(`${CONFIG_MAPS}?labelSelector=x%3D1`),
    get(CONFIG_MAPS),
    remove(`${CONFIG_MAPS}?labelSelector=x%3D%3D%3D`),
    remove(`${CONFIG_MAPS}?fieldSelector=metadata.name%3Db`),
    get(CONFIG_MAPS),
  ),
  sequence('deletecollection/of Services', remove(SERVICES)),
  sequence(
    'deletecollection/with a precondition',
    made(),
    remove(CONFIG_MAPS, { preconditions: { resourceVersion: '1' } }),
  ),
  sequence(
    'immutable/ConfigMap',
    post(CONFIG_MAPS, { ...configMap('a'), immutable: true }),
    patch(A, MERGE_PATCH, { data: { b: '2' } }),
    patch(A, MERGE_PATCH, { immutable: false }),
    patch(A, MERGE_PATCH, { metadata: { labels: { may: 'change' } } }),
  ),
  ...(
    [
      ['plain', { stringData: { a: 'b' } }],
      ['both', { data: { a: 'eA==' }, stringData: { a: 'y' } }],
      ['not base64', { data: { a: '*' } }],
      ['bad key', { data: { 'a b': 'eA==' } }],
      ['TLS without a key', { type: 'kubernetes.io/tls', data: { 'tls.crt': 'eA==' } }],
      ['TLS', { type: 'kubernetes.io/tls', data: { 'tls.crt': 'eA==', 'tls.key': 'eA==' } }],
      ['token without an account', { type: 'kubernetes.io/service-account-token' }],
      ['docker config that is none', { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': 'eA==' } }],
      ['basic auth', { type: 'kubernetes.io/basic-auth', stringData: { username: 'u', password: 'p' } }],
      ['ssh auth without a key', { type: 'kubernetes.io/ssh-auth', stringData: { x: 'u' } }],
      ['own type', { type: 'example.org/own' }],
    ] as const
  ).map(([what, rest]) =>
    sequence(
      `Secret/${what}`,
      post(core('secrets'), object('v1', 'Secret', 's', rest as never)),
      patch(core('secrets', '/s'), MERGE_PATCH, { type: 'Opaque2' }),
      patch(core('secrets', '/s'), MERGE_PATCH, { stringData: { more: 'x' } }),
    ),
  ),
  ...(
    [
      ['key in both', { data: { a: 'x' }, binaryData: { a: 'eA==' } }],
      ['binary', { binaryData: { a: 'eA==' } }],
      ['bad key', { data: { 'a/b': 'x' } }],
      ['dots', { data: { '..': 'x' } }],
      ['null value', { data: { a: null } }],
      ['null data', { data: null }],
    ] as readonly (readonly [string, JsonValue])[]
  ).map(([what, rest]) =>
    sequence(`ConfigMap/${what}`, post(CONFIG_MAPS, object('v1', 'ConfigMap', 'a', rest as never))),
  ),
];
