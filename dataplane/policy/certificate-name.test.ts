import { expect, test } from 'vitest';
import { hasCertificateName } from './certificate-name.ts';
import type { CertificateName } from './record.ts';

const dns = (value: string): CertificateName => ({ of: 'dns', value });
const uri = (value: string): CertificateName => ({ of: 'uri', value });

const cases = [
  { name: 'a host', wanted: [dns('a.test')], text: 'DNS:a.test', want: true },
  { name: 'a host in another case', wanted: [dns('a.test')], text: 'DNS:A.Test', want: true },
  { name: 'one of several', wanted: [dns('x.test'), dns('b.test')], text: 'DNS:a.test, DNS:b.test', want: true },
  { name: 'none of several', wanted: [dns('x.test'), uri('a.test')], text: 'DNS:a.test, DNS:b.test', want: false },
  { name: 'a wildcard for one label', wanted: [dns('a.example.test')], text: 'DNS:*.example.test', want: true },
  { name: 'a wildcard is not for two', wanted: [dns('b.a.example.test')], text: 'DNS:*.example.test', want: false },
  { name: 'a wildcard is not for none', wanted: [dns('example.test')], text: 'DNS:*.example.test', want: false },
  { name: 'a wildcard of a whole domain', wanted: [dns('a.test')], text: 'DNS:*.test', want: false },
  { name: 'a part of a label', wanted: [dns('ab.example.test')], text: 'DNS:a*.example.test', want: false },
  { name: 'a wildcard that is wanted', wanted: [dns('*.example.test')], text: 'DNS:*.example.test', want: true },
  { name: 'a host is no wildcard', wanted: [dns('*.example.test')], text: 'DNS:a.example.test', want: false },
  { name: 'a URI', wanted: [uri('spiffe://a/b')], text: 'DNS:a.test, URI:spiffe://a/b', want: true },
  { name: 'a URI is not what begins it', wanted: [uri('spiffe://a')], text: 'URI:spiffe://a/b', want: false },
  { name: 'a URI in another case', wanted: [uri('spiffe://a/B')], text: 'URI:spiffe://a/b', want: false },
  { name: 'a name inside a name', wanted: [uri('u:b')], text: 'DNS:"a, URI:u:b, c"', want: false },
  { name: 'a name behind it', wanted: [uri('u:b')], text: 'DNS:"a, \\"", URI:u:b', want: true },
  { name: 'a URI with a comma', wanted: [uri('u:a,b')], text: 'URI:"u:a,b", DNS:a.test', want: true },
  { name: 'what cannot be read', wanted: [dns('a.test')], text: 'DNS:"\\x", DNS:"a.test', want: false },
  { name: 'an address is no host', wanted: [dns('10.0.0.1')], text: 'IP Address:10.0.0.1', want: false },
  { name: 'no names', wanted: [dns('a.test')], text: undefined, want: false },
];
for (const { name, wanted, text, want } of cases) {
  test(name, () => expect(hasCertificateName(wanted, text)).toBe(want));
}
