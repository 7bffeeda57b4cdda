import type { JsonObject } from '@causeway/apiserver/schema/json';
import type { Sequence } from '../../sequence.ts';
import {
  APPLY,
  events,
  get,
  JSON_PATCH,
  MERGE_PATCH,
  object,
  patch,
  post,
  put,
  remove,
  STRATEGIC,
  sequence,
  TABLE,
  watch,
} from '../steps.ts';
import { CRD, CRDS, defined, definition, GROUP, props, SIZE, W, WIDGETS, widget } from './widget.ts';

const WITH_STATUS = definition(
  {
    type: 'object',
    properties: {
      spec:
        SIZE['properties'] === undefined
          ? {}
          : { type: 'object', properties: { size: { type: 'integer', default: 3 } } },
      status: { type: 'object', properties: { phase: { type: 'string' }, size: { type: 'integer' } } },
    },
  },
  {
    subresources: {
      status: {},
      scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size', labelSelectorPath: '.status.phase' },
    },
  },
);

const COLUMNS = definition(
  props({
    size: { type: 'integer' },
    s: { type: 'string' },
    t: { type: 'string', format: 'date-time' },
    b: { type: 'boolean' },
    l: { type: 'array', items: { type: 'string' } },
  }),
  {
    additionalPrinterColumns: [
      { name: 'Size', type: 'integer', jsonPath: '.spec.size', description: 'how big' },
      { name: 'Text', type: 'string', jsonPath: '.spec.s', priority: 1 },
      { name: 'Time', type: 'date', jsonPath: '.spec.t' },
      { name: 'Flag', type: 'boolean', jsonPath: '.spec.b' },
      { name: 'First', type: 'string', jsonPath: '.spec.l[0]' },
      { name: 'All', type: 'string', jsonPath: '.spec.l' },
      { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    ],
  },
);

const LISTS = definition(
  props({
    map: {
      type: 'array',
      items: { type: 'object', required: ['k'], properties: { k: { type: 'string' }, v: { type: 'string' } } },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
    },
    set: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
    atomic: { type: 'array', items: { type: 'string' } },
    whole: {
      type: 'object',
      'x-kubernetes-map-type': 'atomic',
      properties: { a: { type: 'string' }, b: { type: 'string' } },
    },
  }),
);
const applied = (manager: string, spec: JsonObject, more = '') =>
  patch(`${W}?fieldManager=${manager}${more}`, APPLY, widget({ spec }));

const VERSIONS = definition(
  SIZE,
  {},
  {
    versions: [
      { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: SIZE } },
      {
        name: 'v1beta1',
        served: true,
        storage: false,
        deprecated: true,
        schema: {
          openAPIV3Schema: props({
            size: { type: 'integer' },
            color: { type: 'string' },
            beta: { type: 'string', default: 'b' },
          }),
        },
      },
      { name: 'v2', served: false, storage: false, schema: { openAPIV3Schema: SIZE } },
    ],
  },
);
const BETA = `/apis/${GROUP}/v1beta1/namespaces/<<ns>>/widgets`;

/** What is done with objects of custom kinds. */
export const OBJECT_SEQUENCES: readonly Sequence[] = [
  sequence(
    'custom/life',
    ...defined(
      definition(SIZE),
      post(WIDGETS, widget({ spec: { color: 'red' }, extra: 1 })),
      get(W),
      put(W, widget({ spec: { size: 4 } }, { resourceVersion: '1' })),
      put(W, widget({ spec: { size: 4 } })),
      patch(W, MERGE_PATCH, { spec: { size: 5 } }),
      patch(W, JSON_PATCH, [{ op: 'replace', path: '/spec/size', value: 6 }]),
      patch(W, STRATEGIC, {}),
      get(WIDGETS),
      remove(W),
      get(W),
    ),
  ),
  sequence(
    'custom/replace needs a version',
    ...defined(
      definition(SIZE),
      post(WIDGETS, widget({ spec: {} }), { name: 'made' }),
      put(W, widget({ spec: { size: 4 } }, { resourceVersion: '<<made.metadata.resourceVersion>>' })),
      put(W, widget({ spec: { size: 5 } })),
    ),
  ),
  sequence(
    'custom/generation',
    ...defined(
      definition(SIZE),
      post(WIDGETS, widget({ spec: {} })),
      patch(W, MERGE_PATCH, { metadata: { labels: { a: 'b' } } }),
      patch(W, MERGE_PATCH, { spec: { size: 7 } }),
      patch(W, MERGE_PATCH, { spec: { size: 7 } }),
    ),
  ),
  sequence(
    'custom/status',
    ...defined(
      WITH_STATUS,
      post(WIDGETS, widget({ spec: {}, status: { phase: 'ignored' } })),
      patch(W, MERGE_PATCH, { status: { phase: 'ignored' }, spec: { size: 4 } }),
      patch(`${W}/status`, MERGE_PATCH, { status: { phase: 'seen' }, spec: { size: 9 } }),
      get(`${W}/status`),
      put(`${W}/status`, widget({ status: { phase: 'put' } }, { labels: { a: 'b' } })),
      patch(`${W}/status`, MERGE_PATCH, { status: { phase: 5 } }),
      get(W),
      remove(`${W}/status`),
    ),
  ),
  sequence(
    'custom/no status',
    ...defined(
      definition(SIZE),
      post(WIDGETS, widget({ spec: {} })),
      get(`${W}/status`),
      get(`${W}/scale`),
      get(`${W}/none`),
    ),
  ),
  sequence(
    'custom/scale',
    ...defined(
      WITH_STATUS,
      post(WIDGETS, widget({ spec: { size: 2 } })),
      get(`${W}/scale`),
      patch(`${W}/scale`, MERGE_PATCH, { spec: { replicas: 5 } }),
      put(`${W}/scale`, {
        apiVersion: 'autoscaling/v1',
        kind: 'Scale',
        metadata: { name: 'w', namespace: '<<ns>>' },
        spec: { replicas: 6 },
      }),
      patch(`${W}/scale`, MERGE_PATCH, { spec: { replicas: -1 } }),
      get(W),
    ),
  ),
  sequence(
    'custom/table',
    ...defined(
      COLUMNS,
      post(WIDGETS, widget({ spec: { size: 2, s: 'x', t: '2020-01-01T00:00:00Z', b: true, l: ['a', 'b'] } })),
      post(WIDGETS, object(`${GROUP}/v1`, 'Widget', 'empty', { spec: {} })),
      get(WIDGETS, { accept: TABLE }),
    ),
  ),
  sequence(
    'custom/table without columns',
    ...defined(definition(SIZE), post(WIDGETS, widget({ spec: {} })), get(WIDGETS, { accept: TABLE })),
  ),
  sequence(
    'custom/watch',
    ...defined(
      definition(SIZE),
      watch('w', `${WIDGETS}?watch=true`),
      post(WIDGETS, widget({ spec: {} })),
      patch(W, MERGE_PATCH, { spec: { size: 8 } }),
      remove(W),
      events('w', 3),
    ),
  ),
  sequence(
    'custom/apply lists',
    ...defined(
      LISTS,
      applied('one', { map: [{ k: 'a', v: '1' }], set: ['x'], atomic: ['p'], whole: { a: '1' } }),
      applied('two', { map: [{ k: 'b', v: '1' }], set: ['y'] }),
      applied('two', { atomic: ['q'] }),
      applied('two', { whole: { b: '2' } }),
      applied('one', { map: [], set: [], atomic: [], whole: {} }),
      applied('one', { map: [{ k: 'a' }, { k: 'a' }] }),
      applied('one', { set: ['x', 'x'] }),
      applied('one', { map: [{ v: '1' }] }),
    ),
  ),
  sequence(
    'custom/apply conflicts',
    ...defined(
      LISTS,
      applied('one', { map: [{ k: 'a', v: '1' }] }),
      applied('two', { map: [{ k: 'a', v: '2' }] }),
      applied('two', { map: [{ k: 'a', v: '2' }] }, '&force=true'),
      applied('one', {}),
    ),
  ),
  sequence(
    'custom/apply defaults',
    ...defined(definition(SIZE), applied('one', { color: 'red' }), applied('two', { size: 3 }), applied('one', {})),
  ),
  sequence(
    'custom/fieldValidation',
    ...defined(
      definition(SIZE),
      ...['Strict', 'Warn', 'Ignore', ''].flatMap((value) => [
        post(
          `${WIDGETS}?dryRun=All&fieldValidation=${value}`,
          widget({ spec: { size: 1, foo: 2 }, top: 3 }, { bar: 1 }),
        ),
        post(
          `${WIDGETS}?dryRun=All&fieldValidation=${value}`,
          `{"apiVersion":"${GROUP}/v1","kind":"Widget","metadata":{"name":"w"},"spec":{"size":1,"size":2}}`,
        ),
      ]),
      post(WIDGETS, widget({ spec: {} })),
      patch(`${W}?fieldValidation=Strict`, MERGE_PATCH, { spec: { foo: 1 } }),
      patch(`${W}?fieldValidation=Strict&fieldManager=m`, APPLY, widget({ spec: { foo: 1 } })),
    ),
  ),
  sequence(
    'custom/no spec at all',
    ...defined(
      definition({
        type: 'object',
        required: ['spec'],
        properties: { spec: { type: 'object', required: ['size'], properties: { size: { type: 'integer' } } } },
      }),
      post(WIDGETS, widget()),
      post(WIDGETS, widget({ spec: {} })),
      post(WIDGETS, widget({ spec: null })),
      post(WIDGETS, widget({ spec: [] })),
    ),
  ),
  sequence(
    'custom/bad metadata',
    ...defined(
      definition(SIZE),
      post(WIDGETS, widget({}, { labels: { 'a b': 'x' } })),
      post(WIDGETS, widget({}, { labels: 'x' })),
      post(WIDGETS, object(`${GROUP}/v1`, 'Widget', 'A_B')),
      post(WIDGETS, { apiVersion: `${GROUP}/v1`, kind: 'Widget', metadata: null }),
      post(WIDGETS, { apiVersion: `${GROUP}/v1`, kind: 'Other', metadata: { name: 'w' } }),
      post(WIDGETS, { apiVersion: 'v1', kind: 'Widget', metadata: { name: 'w' } }),
    ),
  ),
  sequence(
    'custom/selectable fields',
    ...defined(
      definition(SIZE, { selectableFields: [{ jsonPath: '.spec.color' }, { jsonPath: '.spec.size' }] }),
      post(WIDGETS, widget({ spec: { color: 'red' } })),
      get(`${WIDGETS}?fieldSelector=spec.color%3Dred`),
      get(`${WIDGETS}?fieldSelector=spec.color%3Dgreen`),
      get(`${WIDGETS}?fieldSelector=spec.size%3D3`),
      get(`${WIDGETS}?fieldSelector=spec.none%3D3`),
    ),
  ),
  sequence(
    'custom/versions',
    ...defined(
      VERSIONS,
      post(WIDGETS, widget({ spec: { color: 'red' } })),
      get(`${BETA}/w`),
      post(BETA, { ...widget({ spec: { size: 2 } }, {}, 'v1beta1'), metadata: { name: 'b' } }),
      get(`${WIDGETS}/b`),
      get(BETA),
      get(`/apis/${GROUP}/v2/namespaces/<<ns>>/widgets`),
      patch(`${BETA}/w?fieldManager=old`, MERGE_PATCH, { spec: { color: 'green' } }),
      get(W),
      get(`/apis/${GROUP}`),
      get(`/apis/${GROUP}/v1`),
      get(`/apis/${GROUP}/v1beta1`),
    ),
  ),
  sequence(
    'custom/discovery',
    ...defined(
      definition(
        SIZE,
        { subresources: { status: {} } },
        { names: { shortNames: ['wd'], categories: ['all'], singular: 'widget' } },
      ),
      get(`/apis/${GROUP}`),
      get(`/apis/${GROUP}/v1`),
    ),
  ),
  sequence(
    'custom/definition',
    ...defined(
      definition(SIZE),
      get(CRD),
      patch(CRD, MERGE_PATCH, { spec: { scope: 'Cluster' } }),
      patch(CRD, MERGE_PATCH, { spec: { group: 'other.example.org' } }),
      patch(CRD, MERGE_PATCH, { spec: { names: { kind: 'Other' } } }),
      get(CRD, { accept: TABLE }),
    ),
  ),
  sequence(
    'custom/gone',
    ...defined(definition(SIZE), post(WIDGETS, widget({ spec: {} })), remove(CRD), get(WIDGETS, { until: 404 })),
  ),
  sequence(
    'custom/cluster scope',
    post(CRDS, definition(SIZE, {}, { scope: 'Cluster' })),
    get(`/apis/${GROUP}/v1/widgets`, { until: 200 }),
    post(`/apis/${GROUP}/v1/widgets`, widget({ spec: {} })),
    get(`/apis/${GROUP}/v1/widgets/w`),
    post(WIDGETS, widget({ spec: {} })),
    remove(CRD, undefined, { unseen: true }),
  ),
  sequence(
    'custom/namespaced only',
    ...defined(
      definition(SIZE),
      post(`/apis/${GROUP}/v1/widgets`, widget({ spec: {} })),
      get(`/apis/${GROUP}/v1/widgets`),
      get(`/apis/${GROUP}/v1/widgets/w`),
    ),
  ),
];
