import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyDefaults } from './defaults.ts';
import type { JsonObject } from './json.ts';
import { prune } from './prune.ts';
import type { StructuralSchema } from './structural.ts';

const schema: StructuralSchema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      default: {},
      properties: {
        size: { type: 'integer', default: 1 },
        kind: { type: 'string', enum: ['a', 'b'] },
        list: { type: 'array', items: { type: 'object', properties: { name: { type: 'string', default: 'x' } } } },
        map: { type: 'object', additionalProperties: { type: 'object', properties: { a: { type: 'integer' } } } },
        open: {
          type: 'object',
          'x-kubernetes-preserve-unknown-fields': true,
          properties: { closed: { type: 'object', properties: { a: { type: 'integer' } } } },
        },
        template: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { spec: { type: 'object' } } },
      },
    },
  },
};

const keep = { zeroIsAbsent: false };

test('removes what is not known and says where it was', () => {
  const object: JsonObject = {
    frob: 1,
    spec: {
      size: 2,
      sise: 3,
      list: [{ name: 'a', nam: 'b' }],
      map: { any: { a: 1, b: 2 } },
      open: { any: { thing: 1 }, closed: { a: 1, b: 2 } },
      template: { apiVersion: 'v1', kind: 'K', metadata: { name: 'n' }, other: 1 },
    },
  };
  expect(prune(schema, object, keep)).toEqual([
    'frob',
    'spec.sise',
    'spec.list[0].nam',
    'spec.map.any.b',
    'spec.open.closed.b',
    'spec.template.other',
  ]);
  expect(object).toEqual({
    spec: {
      size: 2,
      list: [{ name: 'a' }],
      map: { any: { a: 1 } },
      open: { any: { thing: 1 }, closed: { a: 1 } },
      template: { apiVersion: 'v1', kind: 'K', metadata: { name: 'n' } },
    },
  });
  expect(prune(schema, object, keep)).toEqual([]);
});

test('null and empty values mean absence for built-in kinds only', () => {
  const given = (): JsonObject => ({ spec: { size: null, kind: '', list: null } });
  const builtIn = given();
  expect(prune(schema, builtIn, { zeroIsAbsent: true })).toEqual([]);
  expect(builtIn).toEqual({ spec: {} });
  const custom = given();
  prune(schema, custom, keep);
  expect(custom).toEqual(given());
});

test('defaults go where nothing is, or a null that is not allowed', () => {
  const cases: readonly { given: JsonObject; want: JsonObject }[] = [
    { given: {}, want: { spec: { size: 1 } } },
    { given: { spec: { size: null, list: [{}] } }, want: { spec: { size: 1, list: [{ name: 'x' }] } } },
    { given: { spec: { size: 5 } }, want: { spec: { size: 5 } } },
  ];
  for (const { given, want } of cases) {
    applyDefaults(schema, given);
    expect(given).toEqual(want);
  }
});

test('a default is never shared between objects', () => {
  const [one, other]: [JsonObject, JsonObject] = [{}, {}];
  applyDefaults(schema, one);
  applyDefaults(schema, other);
  expect(one['spec']).not.toBe(other['spec']);
});

test('whatever the object, pruning and defaulting a second time change nothing', () => {
  const key = fc.constantFrom(
    'spec',
    'size',
    'kind',
    'list',
    'map',
    'open',
    'closed',
    'template',
    'name',
    'a',
    '__proto__',
  );
  const { object } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.integer(),
      fc.string(),
      fc.constant(null),
      fc.array(tie('value')),
      tie('object'),
    ),
    object: fc.dictionary(key, tie('value'), { noNullPrototype: true }),
  }));
  fc.assert(
    fc.property(object, fc.boolean(), (generated, zeroIsAbsent) => {
      const value = generated as JsonObject;
      prune(schema, value, { zeroIsAbsent });
      applyDefaults(schema, value);
      const once = structuredClone(value);
      expect(prune(schema, value, { zeroIsAbsent })).toEqual([]);
      applyDefaults(schema, value);
      expect(value).toEqual(once);
    }),
    { seed: 5 },
  );
});

test('built-in kinds have no empty maps and optional lists, unless who applies them is to own them', () => {
  const schema: StructuralSchema = {
    type: 'object',
    required: ['needed'],
    properties: {
      map: { type: 'object', additionalProperties: { type: 'string' } },
      list: { type: 'array', items: { type: 'string' } },
      needed: { type: 'array', items: { type: 'string' } },
      struct: { type: 'object', properties: { a: { type: 'string' } } },
      wrong: { type: 'object', additionalProperties: { type: 'string' } },
    },
  };
  const empty = (): JsonObject => ({ map: {}, list: [], needed: [], struct: {}, wrong: [] });
  const object = empty();
  prune(schema, object, { zeroIsAbsent: true });
  expect(object).toEqual({ needed: [], struct: {}, wrong: [] });
  const applied = empty();
  prune(schema, applied, { zeroIsAbsent: true, keepsEmpty: true });
  expect(applied).toEqual(empty());
});
