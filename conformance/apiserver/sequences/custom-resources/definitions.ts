import type { JsonObject } from '@causeway/apiserver/schema/json';
import type { Sequence } from '../../sequence.ts';
import { post, remove, sequence } from '../steps.ts';
import { CRD, CRDS, definition, GROUP, props, SIZE } from './widget.ts';

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

/** CustomResourceDefinitions that are accepted or refused. */
export const DEFINITION_SEQUENCES: readonly Sequence[] = DEFINITIONS.map(([what, crd]) =>
  sequence(`crd/${what}`, post(CRDS, crd), remove(CRD, undefined, { unseen: true })),
);
