import fc from 'fast-check';
import fastJsonPatch from 'fast-json-patch';
import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../schema/json.ts';
import { applyJsonPatch } from './json-patch.ts';

test('the difference of two documents, applied to the first, gives the second', () => {
  const document = fc.dictionary(fc.constantFrom('a', 'b~', 'c/d'), fc.jsonValue({ maxDepth: 3 }), {
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(document, document, (from, to) => {
      const before = structuredClone(from);
      const patch = structuredClone(fastJsonPatch.compare(from, to)) as unknown as JsonValue;
      expect(applyJsonPatch(from as JsonValue, patch)).toEqual(to);
      expect(from).toEqual(before);
    }),
    { seed: 6902 },
  );
});

describe('refuses', () => {
  const cases: readonly { name: string; patch: JsonValue; status: number; message: string }[] = [
    { name: 'no list', patch: { op: 'add' }, status: 400, message: 'cannot unmarshal object' },
    {
      name: 'an unknown operation',
      patch: [{ op: 'frob', path: '/a' }],
      status: 422,
      message: 'Unexpected kind: frob',
    },
    { name: 'no path', patch: [{ op: 'remove' }], status: 422, message: 'missing path' },
    { name: 'a failed test', patch: [{ op: 'test', path: '/a', value: 2 }], status: 422, message: 'test failed' },
    {
      name: 'a path that is not there',
      patch: [{ op: 'remove', path: '/b/c' }],
      status: 422,
      message: 'missing path: "/b/c"',
    },
    {
      name: 'too many operations',
      patch: Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/a', value: 1 })),
      status: 413,
      message: '10000',
    },
  ];
  for (const c of cases) {
    test(c.name, () => {
      expect(() => applyJsonPatch({ a: 1 }, c.patch)).toThrow(
        expect.objectContaining({ name: 'PatchError', status: c.status, message: expect.stringContaining(c.message) }),
      );
    });
  }
});

test('copies of copies make no huge object', () => {
  const copies = Array.from({ length: 60 }, (_, n) => ({ op: 'copy', from: '/a', path: `/a/c${n}` }));
  expect(() => applyJsonPatch({ a: { a: 'x'.repeat(1_000) } }, copies)).toThrow('accumulated size increase of copy');
});
