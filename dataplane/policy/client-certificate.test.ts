import { expect, test } from 'vitest';
import { CLIENT_CERTIFICATE_SPELLINGS, commonNamesIn } from './client-certificate.ts';

test.each([
  ['', []],
  ['CN=good', ['good']],
  ['O=Acme,CN=good', ['good']],
  ['CN=good,O=Acme', ['good']],
  ['CN=a+CN=b,O=Acme', ['a', 'b']],
  ['O=CN=root,CN=evil', ['evil']],
  ['O=x\\,CN=root,CN=evil', ['evil']],
  ['O=x\\+CN=root,CN=evil', ['evil']],
  ['O=x\\\\,CN=good', ['good']],
  ['CN=Doe\\, Jane', ['Doe, Jane']],
  ['CN=Andr\\C3\\A9', ['Andr\u00c3\u00a9']],
  ['CN=\\#1', ['#1']],
  // Nothing that OpenSSL writes.
  ['CN=open\\', []],
  ['OU=CN=,CN=', ['']],
  ['SCN=no', []],
])('%s', (name, expected) => expect(commonNamesIn(name)).toEqual(expected));

test('every spelling with _ for -', () => {
  expect(CLIENT_CERTIFICATE_SPELLINGS).toHaveLength(8 + 4 + 8 + 8 + 4);
  expect(new Set(CLIENT_CERTIFICATE_SPELLINGS).size).toBe(32);
  expect(CLIENT_CERTIFICATE_SPELLINGS).toContain('ssl_client-subject_dn');
});
