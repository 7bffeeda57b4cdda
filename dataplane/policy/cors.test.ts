import { describe, expect, test } from 'vitest';
import { allowedOrigin, type CorsStep } from './cors.ts';

const cors: CorsStep = {
  type: 'cors',
  any: false,
  asterisk: false,
  origins: ['http://a.com', 'http://b.com:123'],
  wildcards: [
    { scheme: 'https://', suffix: '.c.com' },
    { scheme: '', suffix: '.d.com:8443' },
  ],
  configured: 'http://a.com,http://b.com:123',
  credentials: true,
  allowMethods: 'GET',
  allowHeaders: 'DNT',
  exposeHeaders: '',
  maxAge: '5',
};

describe('allowed origins (spec ALB-76)', () => {
  test.each([
    ['in the list', 'http://a.com', 'http://a.com'],
    ['with its port', 'http://b.com:123', 'http://b.com:123'],
    ['without its port', 'http://b.com', undefined],
    ['another scheme', 'https://a.com', undefined],
    ['longer', 'http://a.com.cn', undefined],
    ['part of one', 'a.com', undefined],
    ['one label before a domain', 'https://x.c.com', 'https://x.c.com'],
    ['two labels', 'https://x.y.c.com', undefined],
    ['no label', 'https://.c.com', undefined],
    ['the domain itself', 'https://c.com', undefined],
    ['another scheme of a wildcard', 'http://x.c.com', undefined],
    ['any scheme, and a port', 'ftp://x.d.com:8443', 'ftp://x.d.com:8443'],
    ['text before', 'evilx.d.com:8443', undefined],
    ['no Origin', undefined, 'http://a.com,http://b.com:123'],
    ['an empty Origin', '', 'http://a.com,http://b.com:123'],
  ])('%s', (_, origin, expected) => expect(allowedOrigin(cors, origin)).toBe(expected));

  test('any: echoed, or told as an asterisk', () => {
    const any = { ...cors, any: true, configured: '*' };
    expect(allowedOrigin(any, 'http://x.com')).toBe('http://x.com');
    expect(allowedOrigin({ ...any, asterisk: true }, 'http://x.com')).toBe('*');
    expect(allowedOrigin(any, undefined)).toBe('*');
  });

  test('a list of which nothing is left allows nobody', () => {
    const none = { ...cors, origins: [], wildcards: [], configured: '' };
    expect(allowedOrigin(none, 'http://x.com')).toBeUndefined();
    expect(allowedOrigin(none, undefined)).toBeUndefined();
  });
});
