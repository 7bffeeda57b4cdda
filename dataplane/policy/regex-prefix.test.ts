import { describe, expect, test } from 'vitest';
import { regexPrefix } from './regex-prefix.ts';

const cases: readonly { readonly pattern: string; readonly want: string }[] = [
  { pattern: '^/api/v[0-9]+/', want: '/api/v' },
  { pattern: '^/exact$', want: '/exact' },
  { pattern: '/api', want: '' },
  { pattern: '', want: '' },
  { pattern: '^', want: '' },
  { pattern: '^/a.b', want: '/a' },
  { pattern: '^/a\\.b\\/c\\-d', want: '/a.b/c-d' },
  { pattern: '^/a\\d', want: '/a' },
  { pattern: '^/a\\', want: '/a' },
  { pattern: '^/ab*', want: '/a' },
  { pattern: '^/ab?c', want: '/a' },
  { pattern: '^/ab{0,2}', want: '/a' },
  { pattern: '^/ab+c', want: '/ab' },
  { pattern: '^/a\\.*', want: '/a' },
  { pattern: '^/a|/b', want: '' },
  { pattern: '^/api(/|$)(.*)', want: '/api' },
  { pattern: '^/api(/|$)|x', want: '' },
  { pattern: '^/api\\(a|b\\)', want: '' },
  { pattern: '^/a\\|b', want: '/a|b' },
  { pattern: '^/x[(|]y', want: '/x' },
  { pattern: '^/x[(]|y', want: '' },
  { pattern: '^/x[](]|y', want: '' },
  { pattern: '^/x[^](]|y', want: '' },
  { pattern: '^/x[[:alpha:](]|y', want: '' },
  { pattern: '^/x[\\](]|y', want: '' },
  { pattern: '^/x([a|b]|c)', want: '/x' },
  { pattern: '^/x(?:a|b)', want: '/x' },
  { pattern: '^/x(?!a|b)', want: '/x' },
  { pattern: '^/x(?m)|^y', want: '' },
  { pattern: '^/x(?i)y', want: '' },
  { pattern: '(?i)^/x', want: '' },
  { pattern: '^/x\\Q|\\E', want: '' },
  { pattern: '^/a^b', want: '/a' },
];

describe('regexPrefix', () => {
  for (const { pattern, want } of cases) {
    test(pattern, () => expect(regexPrefix(pattern)).toBe(want));
  }
});
