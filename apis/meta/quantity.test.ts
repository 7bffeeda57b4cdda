import { expect, test } from 'vitest';
import { canonicalQuantity, parseQuantity } from './quantity.ts';

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

const canonical: readonly [string | number, string | undefined][] = [
  ['0.5', '500m'],
  [2, '2'],
  ['0', '0'],
  ['1000m', '1'],
  ['1024Mi', '1Gi'],
  ['0.5Gi', '512Mi'],
  ['1Ki', '1Ki'],
  ['0.5Ki', '512'],
  ['-2', '-2'],
  ['2000k', '2M'],
  ['0.1n', '1n'],
  ['1e3', undefined],
  ['x', undefined],
];
for (const [text, want] of canonical) {
  test(`canonical form of ${JSON.stringify(text)}`, () => expect(canonicalQuantity(text)).toBe(want));
}
