import { expect, test } from 'vitest';
import { readRewriteTarget } from './rewrite.ts';

test.each([
  ['/$2', ['/', 2]],
  ['/a/$' + '{1}0', ['/a/', 1, '0']],
  ['/$10', ['/', 1, '0']],
  ['$1$3', [1, 3]],
  ['/price$$5$', ['/price', '$', '5$']],
  ['/', ['/']],
])('%s', (text, expected) => expect(readRewriteTarget(text)).toEqual(expected));

test.each(['/a b', '/a;', '/a{', '/a\n', '/a?b=1', '/a#b', 'x'.repeat(3000)])('%j is refused', (text) =>
  expect(readRewriteTarget(text)).toMatch(/^must /),
);
