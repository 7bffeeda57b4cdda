import { expect, test } from 'vitest';
import { parseQuantity } from './quantity.ts';

const cases: readonly [string | number, number | undefined][] = [
  ['500m', 0.5],
  [2, 2],
  ['1.5', 1.5],
  ['2Gi', 2 ** 31],
  ['1k', 1000],
  ['12e6', 12e6],
  ['1E', 1e18],
  ['abc', undefined],
  ['', undefined],
  ['1 Gi', undefined],
  ['2gi', undefined],
];
for (const [text, want] of cases) {
  test(JSON.stringify(text), () => expect(parseQuantity(text)).toBe(want));
}
