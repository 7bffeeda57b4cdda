import { expect, test } from 'vitest';
import { mergePatch } from './merge-patch.ts';

const cases = [
  { name: 'equal', from: { a: { b: [1] } }, to: { a: { b: [1] } }, want: undefined },
  { name: 'absent and undefined are equal', from: {}, to: { a: undefined }, want: undefined },
  { name: 'only the difference', from: { a: { b: 1, c: 2 } }, to: { a: { b: 1, c: 3 } }, want: { a: { c: 3 } } },
  { name: 'what goes is null', from: { a: { b: 1, c: 2 } }, to: { a: { b: 1 } }, want: { a: { c: null } } },
  { name: 'lists as a whole', from: { a: [1, 2] }, to: { a: [2] }, want: { a: [2] } },
  { name: 'an object instead of a list', from: { a: [1] }, to: { a: { b: 1 } }, want: { a: { b: 1 } } },
];
for (const c of cases) {
  test(c.name, () => expect(mergePatch(c.from, c.to)).toEqual(c.want));
}
