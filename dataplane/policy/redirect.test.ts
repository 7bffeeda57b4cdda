import { describe, expect, test } from 'vitest';
import { replacePathPrefix } from './path-prefix.ts';
import { type Redirect, redirectLocation } from './redirect.ts';
import { requestView } from './request-facts.ts';

describe('prefix replacement (spec ALB-69)', () => {
  test.each([
    ['/foo/bar', '/foo', '/xyz', '/xyz/bar'],
    ['/foo/bar', '/foo/', '/xyz', '/xyz/bar'],
    ['/foo', '/foo', '/xyz', '/xyz'],
    ['/foo/', '/foo', '/xyz', '/xyz/'],
    ['/foo/bar', '/foo', '', '/bar'],
    ['/foo', '/foo', '', '/'],
    ['/foo/bar', '/foo', '/xyz/', '/xyz/bar'],
    ['/bar/foo', '/foo', '/xyz', '/bar/foo'],
    ['/foo', '/', '/xyz', '/xyz/foo'],
  ])('%s, match %s, replacement "%s": %s', (path, prefix, replacement, expected) => {
    expect(replacePathPrefix(path, prefix, replacement)).toBe(expected);
  });
});

describe('Location (spec ALB-69)', () => {
  const request = requestView({ host: 'a.com', path: '/t x/y', query: 'a=1', target: '/t%20x/y?a=1', scheme: 'http' });
  const parts = (to: Omit<Extract<Redirect['to'], { type: 'parts' }>, 'type'>): Redirect => ({
    status: 302,
    to: { type: 'parts', ...to },
  });
  test.each<[string, Redirect, string]>([
    ['a location as it is', { status: 302, to: { type: 'location', location: '/x?y' } }, '/x?y'],
    ['another scheme keeps path and query', parts({ scheme: 'https' }), 'https://a.com/t%20x/y?a=1'],
    [
      'all parts',
      parts({ scheme: 'https', host: 'b.com', port: 9090, path: { type: 'full', path: '/z' } }),
      'https://b.com:9090/z',
    ],
    [
      'another path alone keeps the query',
      parts({ path: { type: 'full', path: '/z', keepsQuery: true } }),
      'http://a.com/z?a=1',
    ],
    ['the usual port is left out', parts({ scheme: 'https', port: 443 }), 'https://a.com/t%20x/y?a=1'],
    ['a slash at the end goes only when it is asked for', parts({ trimsSlash: true }), 'http://a.com/t%20x/y?a=1'],
    [
      'a replaced prefix is encoded, the query stays',
      parts({ path: { type: 'prefix', prefix: '/t', replacement: '/u' } }),
      'http://a.com/u/%20x/y?a=1',
    ],
  ])('%s', (_, redirect, expected) => expect(redirectLocation(redirect, request)).toBe(expected));

  test.each([
    ['/', 'https://a.com'],
    ['/x/', 'https://a.com/x'],
    ['/x/?y', 'https://a.com/x/?y'],
  ])('a slash at the very end of %s', (target, expected) => {
    const other = requestView({ host: 'a.com', path: '/', query: '', target, scheme: 'http' });
    expect(redirectLocation(parts({ scheme: 'https', trimsSlash: true }), other)).toBe(expected);
  });
});
