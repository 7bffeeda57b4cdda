import { expect, test } from 'vitest';
import { readCacheDurations } from './auth-cache.ts';
import { readAuthority } from './auth-url.ts';

test.each([
  ['http://auth', { scheme: 'http', host: 'auth', port: 80, target: '/' }],
  ['HTTPS://auth.n.svc:8443/a?b=$http_x', { scheme: 'https', host: 'auth.n.svc', port: 8443, target: '/a?b=$http_x' }],
  ['https://$host/oauth2/auth', { scheme: 'https', host: '$host', port: 443, target: '/oauth2/auth' }],
  ['http://auth-$host.x?q', { scheme: 'http', host: 'auth-$host.x', port: 80, target: '/?q' }],
  ['http://[2001:db8::1]:80/x#f', { scheme: 'http', host: '[2001:db8::1]', port: 80, target: '/x' }],
])('%s', (url, want) => {
  expect(readAuthority(url)).toEqual(want);
});

test.each([
  'auth',
  'ftp://auth/',
  'http://',
  'http:///x',
  'http://u:p@auth/',
  'http://$http_host/',
  'http://$hostx/',
  'http://$host:$server_port/',
  'http://auth:0/',
  'http://auth:99999/',
  'http://au th/',
  'http://auth/a b',
  'http://auth/\r\nX: y',
  'http://-auth/',
])('%j is none', (url) => {
  expect(readAuthority(url)).toBeTypeOf('string');
});

test.each([
  ['200 202 401 5m', [{ statuses: [200, 202, 401], seconds: 300 }]],
  ['5m', [{ statuses: [200, 202, 401], seconds: 300 }]],
  [
    '200 5m, 404 30',
    [
      { statuses: [200], seconds: 300 },
      { statuses: [404], seconds: 30 },
    ],
  ],
])('duration %s', (text, want) => {
  expect(readCacheDurations(text)).toEqual(want);
});

test.each(['', '200', 'x 5m', '200 0s', '99 5m'])('duration %j is none', (text) => {
  // A number alone is a duration in seconds.
  if (text === '200') expect(readCacheDurations(text)).toEqual([{ statuses: [200, 202, 401], seconds: 200 }]);
  else expect(readCacheDurations(text)).toBeTypeOf('string');
});
