import { expect, test } from 'vitest';
import { type KeyKind, makeRequest } from '../testing/certificate-requests.ts';
import { readCertificateRequest } from './certificate-request.ts';
import { derValues } from './der.ts';
import { subjectIn } from './subject.ts';

test.each<KeyKind>(['ec', 'rsa', 'ed25519'])('a request with a key of kind %s', async (kind) => {
  const { request } = await makeRequest('CN=alice,O=dev,O=ops', { kind });
  expect(readCertificateRequest(request)).toMatchObject({ subject: { name: 'alice', groups: ['dev', 'ops'] } });
});

test('a name of several values, and in other character sets', () => {
  // CN=alice + O=system:masters in one set, the O as BMPString.
  const hex = (text: string): string => Buffer.from(text).toString('hex');
  const wrap = (tag: string, content: string): string => {
    const length = content.length / 2;
    return `${tag}${length < 128 ? '' : '81'}${length.toString(16).padStart(2, '0')}${content}`;
  };
  const attribute = (id: string, text: string): string => wrap('30', `${wrap('06', id)}${text}`);
  const group = wrap('1e', [...'system:masters'].map((letter) => `00${hex(letter)}`).join(''));
  const set = wrap('31', `${attribute('550403', wrap('0c', hex('alice')))}${attribute('55040a', group)}`);
  expect(subjectIn(derValues(Buffer.from(wrap('30', set), 'hex'))[0])).toEqual({
    name: 'alice',
    groups: ['system:masters'],
  });
});

test('what is none', async () => {
  const { request } = await makeRequest('CN=alice');
  const [begin = '', ...rest] = request.trim().split('\n');
  const body = rest.slice(0, -1).join('');
  const pem = (text: string, label = begin): string => `${label}\n${text}\n${label.replace('BEGIN', 'END')}\n`;
  const der = Buffer.from(body, 'base64');
  const changed = Buffer.from(der);
  // Within the name.
  changed[der.indexOf('alice')] = 'b'.charCodeAt(0);
  expect(readCertificateRequest('nothing')).toBe('PEM block type must be CERTIFICATE REQUEST');
  expect(readCertificateRequest(pem(body, '-----BEGIN CERTIFICATE-----'))).toBe(
    'PEM block type must be CERTIFICATE REQUEST',
  );
  expect(readCertificateRequest(pem(changed.toString('base64')))).toBe('x509: ECDSA verification failure');
  expect(readCertificateRequest(pem(der.subarray(0, 40).toString('base64')))).toMatch(/^asn1: syntax error/);
  expect(readCertificateRequest(pem(''))).toMatch(/^asn1: /);
});

test('no bytes make it fail', async () => {
  const { request } = await makeRequest('CN=alice,O=dev', { host: 'alice.example.com' });
  const der = Buffer.from(request.replaceAll(/-----.*-----/g, ''), 'base64');
  let seed = 20261122;
  const next = (limit: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % limit;
  };
  for (let round = 0; round < 2_000; round++) {
    const bytes = Buffer.from(der.subarray(0, next(4) === 0 ? next(der.length) : der.length));
    for (let count = next(4); count >= 0 && bytes.length > 0; count--) bytes[next(bytes.length)] = next(256);
    const text = `-----BEGIN CERTIFICATE REQUEST-----\n${bytes.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
    const read = readCertificateRequest(text);
    if (bytes.equals(der)) expect(read).toMatchObject({ subject: { name: 'alice' } });
    else if (typeof read !== 'string') expect(read.der).toEqual(bytes);
  }
});
