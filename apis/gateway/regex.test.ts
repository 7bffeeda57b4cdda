import { describe, expect, test } from 'vitest';
import { checkRegex } from './regex.ts';

const cases: readonly { readonly pattern: string; readonly want: string }[] = [
  { pattern: '^/v[0-9]+/(.*)$', want: 'portable' },
  { pattern: '(?i)^/Shout', want: 'portable' },
  { pattern: '[\\s\\S]*\\.(?:png|jpe?g)$', want: 'portable' },
  { pattern: '[[:alpha:]]+[]a]', want: 'portable' },
  { pattern: '(?:^)*a', want: 'portable' },
  { pattern: 'ü{2}', want: 'portable' },
  { pattern: '^/(?!admin)', want: 'pcre' },
  { pattern: '(a)\\1', want: 'pcre' },
  { pattern: '(?>a+)b', want: 'pcre' },
  { pattern: 'a++', want: 'pcre' },
  { pattern: '\\v', want: 'pcre' },
  { pattern: '[\\v]', want: 'pcre' },
  { pattern: '\\012\\12', want: 'pcre' },
  { pattern: '\\p{Lu}', want: 'pcre' },
  { pattern: '(?m)^a', want: 'pcre' },
  { pattern: '(?i)ü', want: 'pcre' },
  { pattern: '(', want: 'invalid' },
  { pattern: '$*', want: 'invalid' },
  { pattern: '\\b+', want: 'invalid' },
  { pattern: 'a(?i)?', want: 'invalid' },
  { pattern: '[[=a=]]', want: 'invalid' },
  { pattern: '(?:[a-z][0-9][a-z]){1000}', want: 'invalid' },
  { pattern: '(?:a{10}){20}', want: 'portable' },
  { pattern: 'x'.repeat(4097), want: 'invalid' },
];

describe('checkRegex', () => {
  for (const { pattern, want } of cases) {
    test(pattern.slice(0, 40), () => expect(checkRegex(pattern).dialect).toBe(want));
  }
});
