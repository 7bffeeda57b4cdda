import { expect, test } from 'vitest';
import { withPlainSlashes } from './request-form.ts';

const cases = [
  { target: '/a/b?c=%2F', want: undefined },
  { target: '/a%2Fb', want: '/a/b' },
  { target: '/a%2f%5cb%5C?x=%2F', want: '/a//b/?x=%2F' },
  { target: '/a%252F', want: undefined },
  { target: '/a%2', want: undefined },
];
for (const { target, want } of cases) {
  test(`GW-42 slashes of ${target}`, () => expect(withPlainSlashes(target)).toBe(want));
}
