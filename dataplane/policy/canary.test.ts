import { expect, test } from 'vitest';
import { canaryWish } from './canary.ts';
import { requestView } from './request-facts.ts';

const cases = [
  { name: 'nothing is said', criteria: { header: { name: 'x-c' }, cookie: 'c' }, headers: {}, want: undefined },
  { name: 'always', criteria: { header: { name: 'x-c' } }, headers: { 'x-c': ['always'] }, want: 'always' },
  { name: 'never', criteria: { header: { name: 'x-c' } }, headers: { 'x-c': ['never'] }, want: 'never' },
  { name: 'another value', criteria: { header: { name: 'x-c' } }, headers: { 'x-c': ['1'] }, want: undefined },
  {
    name: 'a value of its own',
    criteria: { header: { name: 'x-c', value: 'beta' } },
    headers: { 'x-c': ['beta'] },
    want: 'always',
  },
  {
    name: 'with a value of its own, never says nothing',
    criteria: { header: { name: 'x-c', value: 'beta' } },
    headers: { 'x-c': ['never'] },
    want: undefined,
  },
  {
    name: 'a pattern',
    criteria: { header: { name: 'x-c', pattern: '^b[0-9]$' } },
    headers: { 'x-c': ['b7'] },
    want: 'always',
  },
  {
    name: 'the cookie, where the header says nothing',
    criteria: { header: { name: 'x-c' }, cookie: 'c' },
    headers: { 'x-c': ['1'], cookie: ['c=always'] },
    want: 'always',
  },
  {
    name: 'the header before the cookie',
    criteria: { header: { name: 'x-c' }, cookie: 'c' },
    headers: { 'x-c': ['never'], cookie: ['c=always'] },
    want: 'never',
  },
];
test.each(cases)('$name', ({ criteria, headers, want }) => {
  expect(canaryWish(criteria)(requestView({ host: 'a.com', path: '/', headers }))).toBe(want);
});
