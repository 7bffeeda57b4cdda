import { expect, test } from 'vitest';
import { requestView } from './request-facts.ts';
import { templateText, variableValue } from './template.ts';

const request = requestView({
  host: 'a.com',
  path: '/app',
  query: 'x=1&u=b%20c',
  target: '/app?x=1&u=b%20c',
  headers: { 'X-User': ['bob'], Cookie: ['auth_token="t 1"; plain=p'], 'X-Forwarded-For': [' 9.9.9.9 , 8.8.8.8'] },
  sourceAddress: '10.0.0.1',
});

test.each([
  ['host', 'a.com'],
  ['uri', '/app'],
  ['request_uri', '/app?x=1&u=b%20c'],
  ['escaped_request_uri', '%2Fapp%3Fx%3D1%26u%3Db%2520c'],
  ['args', 'x=1&u=b%20c'],
  ['is_args', '?'],
  ['scheme', 'http'],
  ['server_port', '80'],
  ['method', 'GET'],
  ['remote_addr', '10.0.0.1'],
  ['http_x_user', 'bob'],
  ['http_absent', undefined],
  ['cookie_auth_token', 't 1'],
  ['cookie_plain', 'p'],
  ['arg_x', '1'],
  ['param_u', 'b c'],
  ['arg_absent', undefined],
  ['first_forward', '9.9.9.9'],
  ['first_forward_or_remote_addr', '9.9.9.9'],
])('$%s is %s', (name, expected) => expect(variableValue(name, request)).toBe(expected));

test('without X-Forwarded-For the first is nobody, or the peer', () => {
  const direct = requestView({ sourceAddress: '10.0.0.1' });
  expect(variableValue('first_forward', direct)).toBe('');
  expect(variableValue('first_forward_or_remote_addr', direct)).toBe('10.0.0.1');
});

test('a template puts texts and variables together; absent ones are empty', () => {
  expect(templateText(['for ', { variable: 'http_x_user' }, '/', { variable: 'http_no' }, '.'], request)).toBe(
    'for bob/.',
  );
});
