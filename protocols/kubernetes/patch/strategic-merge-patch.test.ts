import type { JsonObject } from '@causeway/apis/meta/json';
import type { StructuralSchema } from '@causeway/apiserver/schema/structural';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyMergePatch } from './merge-patch.ts';
import { applyStrategicMergePatch } from './strategic-merge-patch.ts';

const TEXT: StructuralSchema = { type: 'string' };

const schema: StructuralSchema = {
  type: 'object',
  properties: {
    ports: {
      type: 'array',
      'x-kubernetes-patch-merge-key': 'name',
      'x-kubernetes-patch-strategy': 'merge',
      items: {
        type: 'object',
        properties: {
          name: TEXT,
          value: TEXT,
          tags: { type: 'array', items: TEXT, 'x-kubernetes-patch-strategy': 'merge' },
        },
      },
    },
    finalizers: { type: 'array', items: TEXT, 'x-kubernetes-patch-strategy': 'merge' },
    atomic: { type: 'array', items: { type: 'object' } },
    strategy: {
      type: 'object',
      'x-kubernetes-patch-strategy': 'retainKeys',
      properties: { type: TEXT, rolling: TEXT },
    },
    labels: { type: 'object', additionalProperties: TEXT },
  },
};

const ab = {
  ports: [
    { name: 'a', value: '1', tags: ['x'] },
    { name: 'b', value: '2' },
  ],
};

const cases: readonly { name: string; document: JsonObject; patch: JsonObject; want: JsonObject }[] = [
  {
    name: 'merges an element with the same key',
    document: ab,
    patch: { ports: [{ name: 'b', value: '3' }] },
    want: {
      ports: [
        { name: 'a', value: '1', tags: ['x'] },
        { name: 'b', value: '3' },
      ],
    },
  },
  {
    name: 'merges the lists of scalars inside an element',
    document: ab,
    patch: { ports: [{ name: 'a', tags: ['y', 'x'] }] },
    want: {
      ports: [
        { name: 'a', value: '1', tags: ['y', 'x'] },
        { name: 'b', value: '2' },
      ],
    },
  },
  {
    name: 'removes a field of an element by null',
    document: ab,
    patch: { ports: [{ name: 'a', value: null, tags: null }] },
    want: { ports: [{ name: 'a' }, { name: 'b', value: '2' }] },
  },
  {
    name: 'deletes an element',
    document: ab,
    patch: { ports: [{ name: 'a', $patch: 'delete' }] },
    want: { ports: [{ name: 'b', value: '2' }] },
  },
  {
    name: 'replaces a list',
    document: ab,
    patch: { ports: [{ name: 'c' }, { $patch: 'replace' }] },
    want: { ports: [{ name: 'c' }] },
  },
  {
    name: 'replaces an object',
    document: { labels: { a: '1' } },
    patch: { labels: { $patch: 'replace', b: '2' } },
    want: { labels: { b: '2' } },
  },
  {
    name: 'empties an object',
    document: { labels: { a: '1' } },
    patch: { labels: { $patch: 'delete' } },
    want: { labels: {} },
  },
  {
    name: 'keeps only the retained keys',
    document: { strategy: { type: 'RollingUpdate', rolling: 'x' } },
    patch: { strategy: { $retainKeys: ['type'], type: 'Recreate' } },
    want: { strategy: { type: 'Recreate' } },
  },
  {
    name: 'removes scalars from a set',
    document: { finalizers: ['a', 'b', 'c'] },
    patch: { '$deleteFromPrimitiveList/finalizers': ['b'], finalizers: ['d'] },
    want: { finalizers: ['d', 'a', 'c'] },
  },
  {
    name: 'a list without a merge key is replaced',
    document: { atomic: [{ a: 1 }] },
    patch: { atomic: [{ b: 2 }] },
    want: { atomic: [{ b: 2 }] },
  },
  {
    name: 'orders elements; those of the server go first where they were in front',
    document: { ports: [{ name: 'a' }, { name: 'server' }, { name: 'b' }] },
    patch: { '$setElementOrder/ports': [{ name: 'b' }, { name: 'c' }, { name: 'a' }], ports: [{ name: 'c' }] },
    want: { ports: [{ name: 'server' }, { name: 'b' }, { name: 'c' }, { name: 'a' }] },
  },
  {
    name: 'orders a list that is not changed otherwise',
    document: { finalizers: ['a', 'b'] },
    patch: { '$setElementOrder/finalizers': ['b', 'a'] },
    want: { finalizers: ['b', 'a'] },
  },
];

for (const c of cases) {
  test(c.name, () => {
    const before = structuredClone(c.document);
    expect(applyStrategicMergePatch(schema, c.document, c.patch)).toEqual(c.want);
    expect(c.document).toEqual(before);
  });
}

describe('refuses', () => {
  test('an element without its merge key', () =>
    expect(() => applyStrategicMergePatch(schema, ab, { ports: [{ value: 'x' }] })).toThrow(
      'does not contain declared merge key: name',
    ));
  test('an unknown directive', () =>
    expect(() => applyStrategicMergePatch(schema, ab, { $patch: 'frob' })).toThrow('unknown patch type'));
  test('an order that misses an element of the patch', () =>
    expect(() =>
      applyStrategicMergePatch(schema, ab, { '$setElementOrder/ports': [{ name: 'b' }], ports: [{ name: 'c' }] }),
    ).toThrow("doesn't match $setElementOrder list"));
});

describe('properties', () => {
  const port = fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), value: fc.string() });
  const ports = fc.uniqueArray(port, { selector: (each) => each.name });

  test('merging twice is merging once, and the keys are the union', () => {
    fc.assert(
      fc.property(ports, ports, (have, patch) => {
        const once = applyStrategicMergePatch(schema, { ports: have }, { ports: patch });
        expect(applyStrategicMergePatch(schema, once, { ports: patch })).toEqual(once);
        const names = (once['ports'] as typeof have).map((each) => each.name);
        expect(names.sort()).toEqual([...new Set([...have, ...patch].map((each) => each.name))].sort());
      }),
      { seed: 1 },
    );
  });

  test('without lists and directives it is a merge patch', () => {
    const values = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.oneof(fc.string(), fc.constant(null)), {
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(values, values, (have, patch) => {
        const labels = Object.fromEntries(Object.entries(have).filter(([, value]) => value !== null));
        expect(applyStrategicMergePatch(schema, { labels }, { labels: patch })).toEqual(
          applyMergePatch({ labels }, { labels: patch }),
        );
      }),
      { seed: 2 },
    );
  });
});
