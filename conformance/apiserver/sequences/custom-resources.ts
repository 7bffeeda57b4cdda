import type { JsonObject, JsonValue } from '@causeway/apiserver/schema/json';
import type { Sequence, Step } from '../sequence.ts';
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
} from './steps.ts';

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const GROUP = '<<ns>>.example.org';
const CRD = `${CRDS}/widgets.${GROUP}`;
const WIDGETS = `/apis/${GROUP}/v1/namespaces/<<ns>>/widgets`;
const W = `${WIDGETS}/w`;

const widget = (rest: JsonObject = {}, metadata: JsonObject = {}, version = 'v1') =>
  object(`${GROUP}/${version}`, 'Widget', 'w', rest, metadata);

function definition(schema: JsonValue, version: JsonObject = {}, spec: JsonObject = {}): JsonObject {
  return object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', `widgets.${GROUP}`, {
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget', ...(spec['names'] as JsonObject | undefined) },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, ...version }],
      ...Object.fromEntries(Object.entries(spec).filter(([key]) => key !== 'names')),
    },
  });
}

/** Definition, wait until it is served, steps. */
function defined(crd: JsonObject, ...steps: readonly Step[]): readonly Step[] {
  return [
    post(CRDS, crd, { unseen: true }),
    get(WIDGETS, { until: 200, unseen: true }),
    ...steps,
    remove(CRD, undefined, { unseen: true }),
  ];
}

const props = (spec: JsonObject, rest: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties: { spec: { type: 'object', properties: spec, ...rest } },
});

const SIZE = props({
  size: { type: 'integer', minimum: 1, maximum: 10, default: 3 },
  color: { type: 'string', enum: ['red', 'green'] },
});

/** Schema of one field `v`, and values for it. */
const VALUES: readonly (readonly [string, JsonObject, readonly JsonValue[]])[] = [
  ['integer', { type: 'integer' }, [1, 1.5, 'a', null, true, 1e20, -0, {}]],
  ['number', { type: 'number' }, [1, 1.5, 'a', 1e300]],
  ['string', { type: 'string' }, ['', 'x', 1, null, [], true]],
  ['boolean', { type: 'boolean' }, [true, 'true', 0]],
  ['array', { type: 'array', items: { type: 'string' } }, [[], ['a'], ['a', 1], {}, 'a', [null]]],
  ['object', { type: 'object', properties: { a: { type: 'string' } } }, [{}, { a: 'x', b: 'y' }, [], 'x', { a: null }]],
  ['map', { type: 'object', additionalProperties: { type: 'integer' } }, [{ a: 1 }, { a: 'x' }, { a: null }]],
  ['nullable', { type: 'string', nullable: true }, [null, 'x']],
  ['nullable with a default', { type: 'string', nullable: true, default: 'd' }, [null, 'x']],
  ['default', { type: 'string', default: 'd' }, [null, 'x', '']],
  ['int or string', { 'x-kubernetes-int-or-string': true }, [1, '1', 1.5, true]],
  ['int or string with a pattern', { 'x-kubernetes-int-or-string': true, pattern: '^\\d+%$' }, [1, '1', '1%']],
  ['unknown fields', { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }, [{ a: { b: [1] } }, 'x']],
  [
    'unknown fields beside known',
    {
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
      properties: { a: { type: 'object', properties: { b: { type: 'string' } } } },
    },
    [{ a: { b: 'x', c: 'y' }, z: 1 }],
  ],
  ['bounds', { type: 'integer', minimum: 1, maximum: 5, exclusiveMaximum: true }, [0, 1, 5]],
  ['multipleOf', { type: 'integer', multipleOf: 3 }, [3, 4]],
  ['lengths', { type: 'string', minLength: 2, maxLength: 3 }, ['a', 'ab', 'abcd', 'äöü']],
  ['pattern', { type: 'string', pattern: '^a+$' }, ['aa', 'ab']],
  ['items', { type: 'array', items: { type: 'integer' }, minItems: 1, maxItems: 2 }, [[], [1], [1, 2, 3]]],
  [
    'properties',
    { type: 'object', additionalProperties: { type: 'string' }, minProperties: 1, maxProperties: 2 },
    [{}, { a: '1', b: '2', c: '3' }],
  ],
  ['enum', { type: 'string', enum: ['a', 'b'] }, ['a', 'c', '']],
  ['enum of integers', { type: 'integer', enum: [1, 2] }, [1, 3]],
  [
    'required',
    { type: 'object', required: ['a'], properties: { a: { type: 'string' } } },
    [{}, { a: 'x' }, { a: null }],
  ],
  [
    'set',
    { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
    [
      ['a', 'b'],
      ['a', 'a'],
    ],
  ],
  [
    'list map',
    {
      type: 'array',
      items: { type: 'object', required: ['k'], properties: { k: { type: 'string' }, v: { type: 'string' } } },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
    },
    [[{ k: 'a' }, { k: 'b' }], [{ k: 'a' }, { k: 'a' }], [{ v: 'x' }]],
  ],
  ['format date-time', { type: 'string', format: 'date-time' }, ['2020-01-01T00:00:00Z', 'yesterday']],
  ['format duration', { type: 'string', format: 'duration' }, ['1h', 'soon']],
  ['format ipv4', { type: 'string', format: 'ipv4' }, ['1.2.3.4', '::1']],
  ['format cidr', { type: 'string', format: 'cidr' }, ['1.2.3.0/24', '1.2.3.4']],
  ['format uuid', { type: 'string', format: 'uuid' }, ['11111111-1111-1111-1111-111111111111', 'x']],
  ['format email', { type: 'string', format: 'email' }, ['a@example.org', 'x']],
  ['format uri', { type: 'string', format: 'uri' }, ['https://example.org', 'x y']],
  ['format byte', { type: 'string', format: 'byte' }, ['eA==', '*']],
  ['format date', { type: 'string', format: 'date' }, ['2020-01-01', '2020-13-01']],
  ['format hostname', { type: 'string', format: 'hostname' }, ['example.org', 'a b']],
  ['format int32', { type: 'integer', format: 'int32' }, [1, 3_000_000_000]],
  ['format unknown', { type: 'string', format: 'colour' }, ['x']],
  ['anyOf', { type: 'integer', anyOf: [{ minimum: 10 }, { maximum: 2 }] }, [1, 5, 11]],
  [
    'oneOf',
    {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'string' } },
      oneOf: [{ required: ['a'] }, { required: ['b'] }],
    },
    [{ a: 'x' }, { a: 'x', b: 'y' }, {}],
  ],
  ['allOf', { type: 'integer', allOf: [{ minimum: 2 }, { maximum: 4 }] }, [1, 3, 5]],
  ['not', { type: 'string', not: { enum: ['x'] } }, ['x', 'y']],
  [
    'embedded object',
    { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
    [
      {},
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' } },
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'A B' } },
    ],
  ],
];

/** Rule of CEL for `spec` with fields a and b (integers), s (text), l (list) and m (map); objects to try. */
const RULES: readonly (readonly [string, JsonObject, readonly JsonObject[]])[] = [
  ['less', { rule: 'self.a < self.b' }, [{ a: 1, b: 2 }, { a: 2, b: 1 }, { a: 1 }]],
  ['message', { rule: 'self.a < self.b', message: 'a must be less than b' }, [{ a: 2, b: 1 }]],
  ['messageExpression', { rule: 'self.a < self.b', messageExpression: '"s is " + self.s' }, [{ a: 2, b: 1, s: 'x' }]],
  ['reason and path', { rule: 'self.a < self.b', reason: 'FieldValueForbidden', fieldPath: '.a' }, [{ a: 2, b: 1 }]],
  ['has', { rule: '!has(self.a) || has(self.b)' }, [{}, { a: 1 }, { a: 1, b: 1 }]],
  ['lists', { rule: 'self.l.all(x, x.startsWith("a"))' }, [{ l: ['a', 'ab'] }, { l: ['b'] }, {}]],
  ['maps', { rule: '!("k" in self.m) || self.m["k"] == "v"' }, [{ m: { k: 'v' } }, { m: { k: 'x' } }]],
  ['texts', { rule: 'self.s.matches("^[a-z]+$") && self.s.size() < 4' }, [{ s: 'abc' }, { s: 'ABC' }, { s: 'abcd' }]],
  ['division', { rule: '10 / self.a > 1' }, [{ a: 2 }, { a: 0 }]],
  ['quantity', { rule: 'quantity(self.s).isGreaterThan(quantity("1Gi"))' }, [{ s: '2Gi' }, { s: '1Mi' }, { s: 'x' }]],
  ['url', { rule: 'isURL(self.s) && url(self.s).getScheme() == "https"' }, [{ s: 'https://example.org' }, { s: 'x' }]],
  ['ip', { rule: 'isIP(self.s) && ip(self.s).family() == 4' }, [{ s: '1.2.3.4' }, { s: '::1' }]],
];

/** Definitions that are refused, or that are not. */
const DEFINITIONS: readonly (readonly [string, JsonObject])[] = [
  ['plain', definition(SIZE)],
  [
    'with everything',
    definition(
      SIZE,
      {
        additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
        subresources: { status: {}, scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' } },
        deprecated: true,
      },
      { names: { singular: 'widget', shortNames: ['wd'], categories: ['all'], listKind: 'WidgetList' } },
    ),
  ],
  ['no schema', definition(SIZE, { schema: {} })],
  [
    'rule that may be dear',
    definition(
      props(
        { a: { type: 'integer' } },
        { 'x-kubernetes-validations': [{ rule: 'self.a < 3', messageExpression: '"a is " + string(self.a)' }] },
      ),
    ),
  ],
  ['no type', definition({ properties: { a: { type: 'string' } } })],
  ['field without a type', definition(props({ a: {} }))],
  ['unknown type', definition(props({ a: { type: 'thing' } }))],
  [
    'properties and additionalProperties',
    definition(
      props({ a: { type: 'object', properties: { b: { type: 'string' } }, additionalProperties: { type: 'string' } } }),
    ),
  ],
  ['additionalProperties false', definition(props({ a: { type: 'object', additionalProperties: false } }))],
  ['uniqueItems', definition(props({ a: { type: 'array', items: { type: 'string' }, uniqueItems: true } }))],
  ['array without items', definition(props({ a: { type: 'array' } }))],
  ['reference', definition(props({ a: { $ref: '#/x' } }))],
  ['wrong default', definition(props({ a: { type: 'integer', default: 'x' } }))],
  [
    'default that is pruned',
    definition(props({ a: { type: 'object', default: { z: 1 }, properties: { b: { type: 'string' } } } })),
  ],
  ['bad pattern', definition(props({ a: { type: 'string', pattern: '(' } }))],
  ['type in anyOf', definition(props({ a: { type: 'integer', anyOf: [{ type: 'integer' }] } }))],
  [
    'unknown field in anyOf',
    definition(props({ a: { type: 'object', anyOf: [{ properties: { b: { minimum: 1 } } }] } })),
  ],
  [
    'metadata constrained',
    definition({
      type: 'object',
      properties: { metadata: { type: 'object', properties: { labels: { type: 'object' } } } },
    }),
  ],
  [
    'metadata.name constrained',
    definition({
      type: 'object',
      properties: { metadata: { type: 'object', properties: { name: { type: 'string', maxLength: 3 } } } },
    }),
  ],
  [
    'list type of a map',
    definition(props({ a: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'map' } })),
  ],
  [
    'map keys without a map',
    definition(props({ a: { type: 'array', items: { type: 'object' }, 'x-kubernetes-list-map-keys': ['k'] } })),
  ],
  [
    'set of objects',
    definition(
      props({
        a: {
          type: 'array',
          items: { type: 'object', properties: { k: { type: 'string' } } },
          'x-kubernetes-list-type': 'set',
        },
      }),
    ),
  ],
  [
    'unknown list type',
    definition(props({ a: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'tree' } })),
  ],
  [
    'map type of a list',
    definition(props({ a: { type: 'array', items: { type: 'string' }, 'x-kubernetes-map-type': 'atomic' } })),
  ],
  ['int-or-string with a type', definition(props({ a: { type: 'string', 'x-kubernetes-int-or-string': true } }))],
  [
    'rule that does not compile',
    definition(props({ a: { type: 'integer' } }, { 'x-kubernetes-validations': [{ rule: 'self.a +' }] })),
  ],
  [
    'rule that is no boolean',
    definition(props({ a: { type: 'integer' } }, { 'x-kubernetes-validations': [{ rule: 'self.a' }] })),
  ],
  [
    'rule of an unknown field',
    definition(props({ a: { type: 'integer' } }, { 'x-kubernetes-validations': [{ rule: 'self.z == 1' }] })),
  ],
  ['empty rule', definition(props({ a: { type: 'integer' } }, { 'x-kubernetes-validations': [{ rule: '' }] }))],
  [
    'rule with a wrong reason',
    definition(
      props({ a: { type: 'integer' } }, { 'x-kubernetes-validations': [{ rule: 'self.a == 1', reason: 'Because' }] }),
    ),
  ],
  [
    'rule with a wrong path',
    definition(
      props({ a: { type: 'integer' } }, { 'x-kubernetes-validations': [{ rule: 'self.a == 1', fieldPath: '.z' }] }),
    ),
  ],
  ['name that does not fit', { ...definition(SIZE), metadata: { name: `others.${GROUP}` } }],
  ['no versions', definition(SIZE, {}, { versions: [] })],
  [
    'two storage versions',
    definition(
      SIZE,
      {},
      {
        versions: ['v1', 'v2'].map((name) => ({
          name,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: SIZE },
        })),
      },
    ),
  ],
  ['no storage version', definition(SIZE, { storage: false })],
  [
    'version twice',
    definition(
      SIZE,
      {},
      {
        versions: [true, false].map((storage) => ({
          name: 'v1',
          served: true,
          storage,
          schema: { openAPIV3Schema: SIZE },
        })),
      },
    ),
  ],
  ['bad version', definition(SIZE, { name: 'V1' })],
  ['bad scope', definition(SIZE, {}, { scope: 'Galactic' })],
  ['bad kind', definition(SIZE, {}, { names: { kind: 'widget-x' } })],
  ['bad plural', definition(SIZE, {}, { names: { plural: 'Widgets' } })],
  ['bad short name', definition(SIZE, {}, { names: { shortNames: ['W D'] } })],
  ['listKind is the kind', definition(SIZE, {}, { names: { listKind: 'Widget' } })],
  ['bad column', definition(SIZE, { additionalPrinterColumns: [{ name: 'Size', type: 'colour', jsonPath: 'spec' }] })],
  ['column without a path', definition(SIZE, { additionalPrinterColumns: [{ name: 'Size', type: 'integer' }] })],
  ['bad scale', definition(SIZE, { subresources: { scale: { specReplicasPath: 'spec', statusReplicasPath: '' } } })],
  ['conversion webhook without a client', definition(SIZE, {}, { conversion: { strategy: 'Webhook' } })],
  ['unknown conversion', definition(SIZE, {}, { conversion: { strategy: 'Magic' } })],
  ['preserveUnknownFields', definition(SIZE, {}, { preserveUnknownFields: true })],
  ['selectable fields', definition(SIZE, { selectableFields: [{ jsonPath: '.spec.color' }] })],
  ['selectable field that is none', definition(SIZE, { selectableFields: [{ jsonPath: '.spec.none' }] })],
  ['deprecation warning alone', definition(SIZE, { deprecationWarning: 'old' })],
  ['kubernetes group', { ...definition(SIZE, {}, { group: 'x.k8s.io' }), metadata: { name: 'widgets.x.k8s.io' } }],
];

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

/** CustomResourceDefinitions and objects of them. */
export const CUSTOM_RESOURCES: readonly Sequence[] = [
  ...DEFINITIONS.map(([what, crd]) =>
    sequence(`crd/${what}`, post(CRDS, crd), remove(CRD, undefined, { unseen: true })),
  ),
  ...VALUES.map(([what, schema, values]) =>
    sequence(
      `value/${what}`,
      ...defined(
        definition(props({ v: schema })),
        ...values.map((v, index) => post(WIDGETS, object(`${GROUP}/v1`, 'Widget', `w${index}`, { spec: { v } }))),
        post(WIDGETS, object(`${GROUP}/v1`, 'Widget', 'none', { spec: {} })),
      ),
    ),
  ),
  ...RULES.map(([what, rule, specs]) =>
    sequence(
      `cel/${what}`,
      ...defined(
        definition(
          props(
            {
              a: { type: 'integer' },
              b: { type: 'integer' },
              s: { type: 'string', maxLength: 50 },
              l: { type: 'array', maxItems: 10, items: { type: 'string', maxLength: 50 } },
              m: { type: 'object', maxProperties: 10, additionalProperties: { type: 'string', maxLength: 50 } },
            },
            { 'x-kubernetes-validations': [rule] },
          ),
        ),
        ...specs.map((spec, index) => post(WIDGETS, object(`${GROUP}/v1`, 'Widget', `w${index}`, { spec }))),
      ),
    ),
  ),
  sequence(
    'cel/oldSelf',
    ...defined(
      definition(
        props({
          a: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self >= oldSelf', message: 'may only grow' }] },
        }),
      ),
      post(WIDGETS, widget({ spec: { a: 5 } })),
      patch(W, MERGE_PATCH, { spec: { a: 4 } }),
      patch(W, MERGE_PATCH, { spec: { a: 6 } }),
      patch(W, MERGE_PATCH, { spec: { a: null } }),
      patch(W, MERGE_PATCH, { spec: { a: 1 } }),
    ),
  ),
  sequence(
    'cel/optionalOldSelf',
    ...defined(
      definition(
        props({
          a: {
            type: 'integer',
            'x-kubernetes-validations': [{ rule: 'oldSelf.hasValue() || self == 1', optionalOldSelf: true }],
          },
        }),
      ),
      post(WIDGETS, widget({ spec: { a: 5 } })),
      post(WIDGETS, widget({ spec: { a: 1 } })),
      patch(W, MERGE_PATCH, { spec: { a: 9 } }),
    ),
  ),
  sequence(
    'cel/immutable',
    ...defined(
      definition(props({ a: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] } })),
      post(WIDGETS, widget({ spec: { a: 'x' } })),
      patch(W, MERGE_PATCH, { spec: { a: 'y' } }),
      patch(W, MERGE_PATCH, { metadata: { labels: { a: 'b' } } }),
    ),
  ),
  sequence(
    'cel/several',
    ...defined(
      definition(
        props(
          { a: { type: 'integer' } },
          {
            'x-kubernetes-validations': [
              { rule: 'self.a > 1', message: 'one' },
              { rule: 'self.a > 2', message: 'two' },
            ],
          },
        ),
      ),
      post(WIDGETS, widget({ spec: { a: 0 } })),
      post(WIDGETS, widget({ spec: { a: 2 } })),
    ),
  ),
  sequence(
    'ratcheting/old mistakes stay',
    ...defined(
      definition(props({ a: { type: 'string' }, b: { type: 'string' } })),
      post(WIDGETS, widget({ spec: { a: 'long text', b: 'x' } })),
      patch(
        CRD,
        JSON_PATCH,
        [
          {
            op: 'add',
            path: '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/a/maxLength',
            value: 3,
          },
        ],
        { unseen: true },
      ),
      get(CRD, { unseen: true }),
      patch(`${W}?dryRun=All`, MERGE_PATCH, { spec: { a: 'other long text' } }, { until: 422 }),
      patch(W, MERGE_PATCH, { spec: { b: 'y' } }),
    ),
  ),
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
