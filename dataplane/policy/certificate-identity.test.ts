import { describe, expect, test } from 'vitest';
import {
  addressText,
  type CertificateFacts,
  type CertificateIdentity,
  compileIdentity,
  hasIdentity,
} from './certificate-identity.ts';

const ann: CertificateFacts = {
  names: [
    { of: 'dns', value: 'Ann.Example' },
    { of: 'uri', value: 'spiffe://a/ann' },
    { of: 'ip', value: '2001:db8::1' },
  ],
  hashes: [
    { of: 'certificate', sha256: 'aa' },
    { of: 'key', sha256: 'bb' },
  ],
};

describe('GW-42 which certificates are wanted', () => {
  test.each<[string, Partial<CertificateIdentity>, boolean]>([
    ['nothing is said', {}, true],
    ['a host, in another case', { names: [{ of: 'dns', test: { op: 'equal', value: 'ANN.example' } }] }, true],
    ['another host', { names: [{ of: 'dns', test: { op: 'equal', value: 'bob.example' } }] }, false],
    ['the same text of another kind', { names: [{ of: 'email', test: { op: 'equal', value: 'Ann.Example' } }] }, false],
    ['a URI in another case', { names: [{ of: 'uri', test: { op: 'prefix', value: 'SPIFFE://a/' } }] }, false],
    ['the beginning of a URI', { names: [{ of: 'uri', test: { op: 'prefix', value: 'spiffe://a/' } }] }, true],
    ['the end of a host', { names: [{ of: 'dns', test: { op: 'suffix', value: '.example' } }] }, true],
    ['an expression', { names: [{ of: 'uri', test: { op: 'regex', pattern: '^spiffe://[a-z]+/ann$' } }] }, true],
    ['an address', { names: [{ of: 'ip', test: { op: 'equal', value: '2001:DB8::1' } }] }, true],
    [
      'one of several',
      {
        names: [
          { of: 'dns', test: { op: 'equal', value: 'bob.example' } },
          { of: 'uri', test: { op: 'suffix', value: '/ann' } },
        ],
      },
      true,
    ],
    ['its hash', { hashes: [{ of: 'certificate', sha256: 'aa' }] }, true],
    ['that of its key', { hashes: [{ of: 'key', sha256: 'bb' }] }, true],
    ['the hash of its key as its own', { hashes: [{ of: 'certificate', sha256: 'bb' }] }, false],
    [
      'one of two hashes',
      {
        hashes: [
          { of: 'certificate', sha256: 'cc' },
          { of: 'key', sha256: 'bb' },
        ],
      },
      true,
    ],
    [
      'the name without the hash',
      { names: [{ of: 'dns', test: { op: 'suffix', value: '.example' } }], hashes: [{ of: 'key', sha256: 'cc' }] },
      false,
    ],
  ])('%s', (_, { names = [], hashes = [] }, expected) => {
    expect(hasIdentity(compileIdentity({ names, hashes }), ann)).toBe(expected);
  });

  test('a certificate without names has none of them', () => {
    const wanted = compileIdentity({ names: [{ of: 'dns', test: { op: 'prefix', value: '' } }], hashes: [] });
    expect(hasIdentity(wanted, { names: [], hashes: [] })).toBe(false);
  });
});

test.each([
  ['c0000201', '192.0.2.1'],
  ['20010db8000000000000000000000001', '2001:db8::1'],
  ['00000000000000000000000000000000', '::'],
  ['00000000000000000000000000000001', '::1'],
  ['20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
  ['20010000000000010000000000000001', '2001:0:0:1::1'],
  ['fe800000000000000000000000000000', 'fe80::'],
  ['0000000000000000000000000000', undefined],
])('the address %s', (hex, text) => {
  expect(addressText(Buffer.from(hex, 'hex').toString('latin1'))).toBe(text);
});
