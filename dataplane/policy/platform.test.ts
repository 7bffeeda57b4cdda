import { describe, expect, test } from 'vitest';
import { compileRegex, testRegex } from './platform.ts';

describe('compileRegex in Node: what PCRE reads otherwise is not decided here', () => {
  const cases: readonly { readonly pattern: string; readonly known: boolean }[] = [
    { pattern: '^/a\\d+$', known: true },
    { pattern: '(?i)abc', known: true },
    { pattern: '\\\\v', known: true },
    { pattern: '(?P<m>a)', known: true },
    { pattern: '\\v', known: false },
    { pattern: '\\\\\\v', known: false },
    { pattern: 'a\\12', known: false },
    { pattern: '(?m)^a', known: false },
    { pattern: '(?im:^a)', known: false },
    { pattern: '(?i)\u00e9', known: false },
    { pattern: '(?!a)', known: false },
  ];
  for (const { pattern, known } of cases) {
    test(pattern, () => expect(compileRegex(pattern, false) !== undefined).toBe(known));
  }
});

test('\\s includes the vertical tab, as in PCRE, in classes and outside', () => {
  const matches = (pattern: string, text: string): boolean => {
    const regex = compileRegex(pattern, false);
    return regex !== undefined && testRegex(regex, text);
  };
  for (const pattern of ['^\\s$', '^[\\s]$', '^[^\\S]$', '^[a\\s]$', '^[]\\s]$', '^[[:alpha:]\\s]$', '^[a[\\s]$']) {
    expect([pattern, matches(pattern, '\v'), matches(pattern, 'x\v')]).toEqual([pattern, true, false]);
  }
  expect(matches('^\\S$', '\v')).toBe(false);
  expect(matches('^\\\\s$', '\\s')).toBe(true);
});
