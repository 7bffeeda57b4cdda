import { isJsonObject, type JsonObject, type JsonValue } from '@causeway/apis/meta/json';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyMergePatch } from './merge-patch.ts';

// The table of RFC 7396, appendix A.
const cases: readonly { document: JsonValue; patch: JsonValue; want: JsonValue }[] = [
  { document: { a: 'b' }, patch: { a: 'c' }, want: { a: 'c' } },
  { document: { a: 'b' }, patch: { b: 'c' }, want: { a: 'b', b: 'c' } },
  { document: { a: 'b' }, patch: { a: null }, want: {} },
  { document: { a: 'b', b: 'c' }, patch: { a: null }, want: { b: 'c' } },
  { document: { a: ['b'] }, patch: { a: 'c' }, want: { a: 'c' } },
  { document: { a: 'c' }, patch: { a: ['b'] }, want: { a: ['b'] } },
  { document: { a: { b: 'c' } }, patch: { a: { b: 'd', c: null } }, want: { a: { b: 'd' } } },
  { document: { a: [{ b: 'c' }] }, patch: { a: [1] }, want: { a: [1] } },
  { document: ['a', 'b'], patch: ['c', 'd'], want: ['c', 'd'] },
  { document: { a: 'b' }, patch: ['c'], want: ['c'] },
  { document: { a: 'foo' }, patch: null, want: null },
  { document: { a: 'foo' }, patch: 'bar', want: 'bar' },
  { document: { e: null }, patch: { a: 1 }, want: { e: null, a: 1 } },
  { document: [1, 2], patch: { a: 'b', c: null }, want: { a: 'b' } },
  { document: {}, patch: { a: { bb: { ccc: null } } }, want: { a: { bb: {} } } },
];

describe('RFC 7396', () => {
  for (const c of cases) {
    test(`${JSON.stringify(c.document)} + ${JSON.stringify(c.patch)}`, () =>
      expect(applyMergePatch(c.document, c.patch)).toEqual(c.want));
  }
});

test('the difference of two documents, applied to the first, gives the second', () => {
  fc.assert(
    fc.property(document(), document(), (from, to) => {
      const before = structuredClone(from);
      expect(applyMergePatch(from, difference(from, to))).toEqual(to);
      expect(from).toEqual(before);
    }),
    { seed: 7396 },
  );
});

test('a field named __proto__ changes no prototype', () => {
  const patched = applyMergePatch({}, JSON.parse('{"__proto__":{"polluted":true},"a":1}'));
  expect(patched).toEqual({ a: 1 });
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
});

/** Objects without nulls: merge patches cannot say "set to null". */
function document(): fc.Arbitrary<JsonObject> {
  const { object } = fc.letrec<{ value: JsonValue; object: JsonObject }>((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, fc.integer(), fc.string(), fc.boolean(), fc.array(fc.integer()), tie('object')),
    object: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tie('value'), { noNullPrototype: true }),
  }));
  return object;
}

function difference(from: JsonObject, to: JsonObject): JsonObject {
  const patch: JsonObject = {};
  for (const key of Object.keys(from)) if (to[key] === undefined) patch[key] = null;
  for (const [key, value] of Object.entries(to)) {
    const present = from[key];
    patch[key] = isJsonObject(value) && isJsonObject(present) ? difference(present, value) : value;
  }
  return patch;
}
