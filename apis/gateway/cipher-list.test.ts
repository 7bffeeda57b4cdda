import { createSecureContext } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { CIPHER_WORDS, cipherListMistake } from './cipher-list.ts';

describe('taken, and OpenSSL takes them too', () => {
  const cases = [
    'DEFAULT',
    'HIGH:!aNULL:!MD5',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384',
    'AES256-GCM-SHA384:AES128-SHA',
    'EECDH+AESGCM:EECDH+CHACHA20:!SHA:!DHE:!kRSA',
    'HIGH:@SECLEVEL=1',
    'ALL:!COMPLEMENTOFDEFAULT:!MEDIUM:!SHA:!DHE:!kRSA:!CAMELLIA:!ARIA',
    'DHE-RSA-AES128-CCM:ECDHE-ECDSA-AES128-CCM8',
  ];
  for (const text of cases) {
    test(text, () => {
      expect(cipherListMistake(text)).toBeUndefined();
      expect(() => createSecureContext({ ciphers: text })).not.toThrow();
    });
  }
});

test('OpenSSL knows each suite and group', () => {
  for (const word of CIPHER_WORDS) {
    expect(cipherListMistake(word), word).toBeUndefined();
    expect(() => createSecureContext({ ciphers: word }), word).not.toThrow();
  }
});

describe('refused', () => {
  const cases = [
    { name: 'no suite', text: 'FOO' },
    { name: 'nothing left', text: 'AES128-SHA:!SHA' },
    { name: 'only removed', text: '!aNULL' },
    { name: 'only a command', text: '@SECLEVEL=0' },
    { name: 'another directive', text: 'HIGH; proxy_pass http://evil' },
    { name: 'a line', text: 'HIGH\nroot /' },
    { name: 'TLS 1.3, where this list does not count', text: 'TLS_AES_128_GCM_SHA256' },
    { name: 'too long', text: 'HIGH:'.repeat(1000) },
  ];
  for (const { name, text } of cases) test(name, () => expect(cipherListMistake(text)).toMatch(/^must be/));
});
