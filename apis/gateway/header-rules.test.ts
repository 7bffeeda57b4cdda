import { expect, test } from 'vitest';
import { readHeaderRules } from './header-rules.ts';

test('changes come in the documented order, whatever that of the keys', () => {
  const json = JSON.stringify({
    headers_add_var: { d: ['http_x'] },
    headers_add: { a: ['1', '2'] },
    headers_remove: ['X-Old'],
    headers_var: { Authorization: 'cookie_auth_token' },
    headers: { 'X-Env': 'test' },
  });
  expect(readHeaderRules(json, 'request')).toEqual([
    { op: 'set', name: 'X-Env', value: 'test' },
    { op: 'copy', name: 'Authorization', variable: 'cookie_auth_token', append: false },
    { op: 'remove', name: 'X-Old' },
    { op: 'add', name: 'a', value: '1' },
    { op: 'add', name: 'a', value: '2' },
    { op: 'copy', name: 'd', variable: 'http_x', append: true },
  ]);
});

test.each([
  ['not JSON', '{', 'request', 'must be JSON'],
  ['a list', '[]', 'request', 'must be a JSON object'],
  ['an unknown key', '{"header":{}}', 'request', 'has an unknown key "header"'],
  ['variables in answers', '{"headers_var":{"a":"host"}}', 'response', 'headers_var is for requests only'],
  ['a name with a colon', '{"headers":{"a:b":"1"}}', 'request', '"a:b" is not the name of a header'],
  [
    'a header of the connection',
    '{"headers_remove":["Transfer-Encoding"]}',
    'request',
    'Transfer-Encoding cannot be changed',
  ],
  ['a line break in a value', '{"headers":{"a":"1\\nb: 2"}}', 'request', 'the value "1\\nb: 2" has control characters'],
  ['a number', '{"headers":{"a":1}}', 'request', 'headers: 1 is not a text'],
  ['an unknown variable', '{"headers_var":{"a":"ssl_key"}}', 'request', 'headers_var: "ssl_key" is not a variable'],
] as const)('%s is refused', (_, json, direction, expected) => {
  expect(readHeaderRules(json, direction)).toBe(expected);
});
