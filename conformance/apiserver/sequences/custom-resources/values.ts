import type { JsonObject, JsonValue } from '@causeway/apiserver/schema/json';
import type { Sequence } from '../../sequence.ts';
import { object, post, sequence } from '../steps.ts';
import { defined, definition, GROUP, props, WIDGETS } from './widget.ts';

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

/** What a schema says of a value. */
export const VALUE_SEQUENCES: readonly Sequence[] = VALUES.map(([what, schema, values]) =>
  sequence(
    `value/${what}`,
    ...defined(
      definition(props({ v: schema })),
      ...values.map((v, index) => post(WIDGETS, object(`${GROUP}/v1`, 'Widget', `w${index}`, { spec: { v } }))),
      post(WIDGETS, object(`${GROUP}/v1`, 'Widget', 'none', { spec: {} })),
    ),
  ),
);
