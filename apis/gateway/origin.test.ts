import { expect, test } from 'vitest';
import { isOrigin } from './origin.ts';

test.each([
  ['https://a.com', true],
  ['http://b.com:123', true],
  ['https://*.a.com', true],
  ['*.a.com', true],
  ['*.a.com:8443', true],
  ['http://[::1]:80', true],
  ['http://localhost:3000', true],
  ['null', true],
  ['a.com', false],
  ['https://a.com/', false],
  ['https://a.com:99999', false],
  ['https://*', false],
  ['https://a.*.com', false],
  ['https://a b', false],
  ['', false],
])('%j: %s', (text, expected) => expect(isOrigin(text)).toBe(expected));
