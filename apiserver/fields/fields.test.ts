import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../schema/json.ts';
import type { StructuralSchema } from '../schema/structural.ts';
import { FieldSet } from './field-set.ts';
import { mergeConfig } from './merge.ts';
import { keyElement, pathText } from './path-element.ts';
import { pruneUnowned } from './prune-unowned.ts';

const SCHEMA: StructuralSchema = {
  type: 'object',
  properties: {
    set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
    list: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name', 'side'],
      items: {
        type: 'object',
        properties: {
          name: { type: 'string' },
          side: { type: 'string', default: 'left' },
          value: { type: 'integer' },
          other: { type: 'integer' },
        },
      },
    },
    map: { type: 'object', additionalProperties: { type: 'string' } },
    inner: { type: 'object', properties: { a: { type: 'integer' }, b: { type: 'integer' } } },
    open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  },
};

describe('merge', () => {
  const cases: readonly { name: string; live: JsonObject; config: JsonObject; want: JsonObject }[] = [
    {
      name: 'new elements at the end',
      live: { set: ['a', 'b'] },
      config: { set: ['c'] },
      want: { set: ['a', 'b', 'c'] },
    },
    {
      name: "the configuration's order",
      live: { set: ['a', 'b'] },
      config: { set: ['b', 'a'] },
      want: { set: ['b', 'a'] },
    },
    {
      name: 'what only the server has stays in front of the next of both',
      live: { set: ['x', 'a', 'y', 'b', 'z'] },
      config: { set: ['b', 'n', 'a'] },
      want: { set: ['x', 'y', 'b', 'z', 'n', 'a'] },
    },
    {
      name: 'elements by their keys, with the default of a key',
      live: { list: [{ name: 'a', side: 'left', value: 1, other: 1 }] },
      config: {
        list: [
          { name: 'a', value: 2 },
          { name: 'a', side: 'right' },
        ],
      },
      want: {
        list: [
          { name: 'a', side: 'left', value: 2, other: 1 },
          { name: 'a', side: 'right' },
        ],
      },
    },
    {
      name: 'a leaf is replaced',
      live: { open: { l: [1, 2] } },
      config: { open: { l: [3] } },
      want: { open: { l: [3] } },
    },
    { name: 'null leaves a map alone', live: { map: { a: '1' } }, config: { map: null }, want: { map: { a: '1' } } },
  ];
  test.each(cases)('$name', ({ live, config, want }) => {
    const before = structuredClone(live);
    expect(mergeConfig(SCHEMA, live, config)).toEqual(want);
    expect(live).toEqual(before);
  });
});

describe('what nobody owns any more goes', () => {
  const fields = (json: JsonObject): FieldSet => FieldSet.parse(json) ?? new FieldSet();
  const cases: readonly { name: string; last: JsonObject; owned: JsonObject; object: JsonObject; want: JsonObject }[] =
    [
      {
        name: 'a field with all that nobody owns in it',
        object: { inner: { a: 1, b: 2 } },
        last: { 'f:inner': { 'f:a': {} } },
        owned: {},
        want: {},
      },
      {
        name: 'a field in which somebody owns another',
        object: { inner: { a: 1, b: 2 } },
        last: { 'f:inner': { 'f:a': {} } },
        owned: { 'f:inner': { 'f:b': {} } },
        want: { inner: { b: 2 } },
      },
      {
        name: 'an element, though somebody owns a field of it',
        object: {
          list: [
            { name: 'a', side: 'left', value: 1 },
            { name: 'b', side: 'left' },
          ],
        },
        last: { 'f:list': { 'k:{"name":"a","side":"left"}': { '.': {}, 'f:name': {} } } },
        owned: {
          'f:list': { 'k:{"name":"a","side":"left"}': { 'f:value': {} }, 'k:{"name":"b","side":"left"}': { '.': {} } },
        },
        want: { list: [{ name: 'b', side: 'left' }] },
      },
      {
        name: 'an element of a set, the last one with its list',
        object: { set: ['a'], map: { x: '1' } },
        last: { 'f:set': { 'v:"a"': {} } },
        owned: { 'f:set': {} },
        want: { map: { x: '1' } },
      },
      {
        name: 'keys of a map',
        object: { map: { x: '1', y: '1' } },
        last: { 'f:map': { 'f:x': {} } },
        owned: { 'f:map': { '.': {} } },
        want: { map: { y: '1' } },
      },
    ];
  test.each(cases)('$name', ({ object, last, owned, want }) => {
    expect(pruneUnowned(SCHEMA, object, fields(last), fields(owned))).toEqual(want);
  });
});

describe('field sets', () => {
  const json = { 'f:a': { '.': {}, 'f:b': {} }, 'f:l': { 'k:{"n":1}': { 'f:x': {} }, 'v:"s"': {} } };
  test('are read and written', () => {
    expect(FieldSet.parse(json)?.toJson()).toEqual(json);
    expect([...(FieldSet.parse(json)?.paths() ?? [])].map(pathText)).toEqual(['.a', '.a.b', '.l[n=1].x', '.l[="s"]']);
  });

  test.each([null, [], { a: {} }, { 'f:a': 1 }, { 'k:nothing': {} }, { 'v:': {} }, { 'i:x': {} }])(
    'other JSON is refused: %j',
    (wrong) => expect(FieldSet.parse(wrong)).toBeUndefined(),
  );

  test('union, difference and intersection', () => {
    const a = FieldSet.of([['f:x'], ['f:x', 'f:y'], ['f:z']]);
    const b = FieldSet.of([['f:x'], ['f:w', 'f:v']]);
    expect(a.union(b).toJson()).toEqual({ 'f:x': { '.': {}, 'f:y': {} }, 'f:z': {}, 'f:w': { 'f:v': {} } });
    expect(a.minus(b).toJson()).toEqual({ 'f:x': { 'f:y': {} }, 'f:z': {} });
    expect(a.intersection(b).toJson()).toEqual({ 'f:x': {} });
    expect([a.has(['f:x', 'f:y']), a.has(['f:x', 'f:q']), b.has(['f:w'])]).toEqual([true, false, false]);
  });

  test('keys are in order', () => {
    expect(keyElement({ protocol: 'TCP', port: 80 })).toBe('k:{"port":80,"protocol":"TCP"}');
    expect(pathText(['f:ports', keyElement({ protocol: 'TCP', port: 80 })])).toBe('.ports[port=80,protocol="TCP"]');
  });
});
