import { expect, test } from 'vitest';
import { changedCookie } from './set-cookie.ts';

const step = {
  type: 'setCookie',
  domain: { from: 'x', to: 'a.com' },
  path: { from: '/app', to: '/' },
} as const;

test.each([
  ['s=1; Domain=x', 's=1; Domain=a.com'],
  ['s=1; domain=.X; HttpOnly', 's=1; domain=a.com; HttpOnly'],
  ['s=1;Path=/app/x; Domain=x', 's=1;Path=//x; Domain=a.com'],
  ['s=1; Path=/other; Domain=y; Secure', 's=1; Path=/other; Domain=y; Secure'],
  ['domain=x', 'domain=x'],
  ['s=domain=x; Max-Age=5', 's=domain=x; Max-Age=5'],
  ['s=1; Domain = x ; Path=/app', 's=1; Domain =a.com; Path=/'],
  ['', ''],
  ['s=1;;', 's=1;;'],
])('%s', (header, expected) => expect(changedCookie(step, header)).toBe(expected));

test('only what is asked for', () => {
  expect(changedCookie({ type: 'setCookie' }, 's=1; Domain=x; Path=/app')).toBe('s=1; Domain=x; Path=/app');
});
