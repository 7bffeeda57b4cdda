import { describe, expect, test } from 'vitest';
import { type Ends, parseProxyHeader, proxyHeader } from './proxy-protocol.ts';

const V2 = '0d0a0d0a000d0a515549540a';

function parsed(text: string) {
  return parseProxyHeader(Buffer.from(text, 'latin1'));
}

describe('version 1', () => {
  test('IPv4; what follows is not part of it', () => {
    expect(parsed('PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\nGET /')).toEqual({
      ends: { client: { address: '192.0.2.1', port: 56324 }, server: { address: '198.51.100.2', port: 443 } },
      length: 45,
    });
  });

  test('IPv6', () => {
    expect(parsed('PROXY TCP6 2001:db8::1 2001:db8::2 1 2\r\n')).toMatchObject({
      ends: { client: { address: '2001:db8::1', port: 1 }, server: { address: '2001:db8::2', port: 2 } },
    });
  });

  test('UNKNOWN: the sender speaks for itself, whatever follows', () => {
    expect(parsed('PROXY UNKNOWN ffff::1 x\r\n')).toEqual({ ends: undefined, length: 25 });
  });

  test.each([
    'GET / HTTP/1.1\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.2 56324\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.2 56324 443 1\r\n',
    'PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.2 070 443\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.2 70000 443\r\n',
    `PROXY TCP4 ${'1'.repeat(110)}`,
    'PROXYTCP4',
  ])('broken: %j', (text) => expect(parsed(text)).toBe('broken'));

  test.each(['', 'P', 'PROXY ', 'PROXY TCP4 192.0.2.1', 'PROXY TCP4 192.0.2.1 198.51.100.2 1 2\r'])(
    'incomplete: %j',
    (text) => expect(parsed(text)).toBe('incomplete'),
  );
});

describe('version 2', () => {
  const v2 = (hex: string) => parseProxyHeader(Buffer.from(V2 + hex, 'hex'));

  test('IPv4, with a TLV that is skipped', () => {
    expect(v2('2111000fc0000201c633640201bb0050040000ffff')).toEqual({
      ends: { client: { address: '192.0.2.1', port: 443 }, server: { address: '198.51.100.2', port: 80 } },
      length: 31,
    });
  });

  test('LOCAL, and families that are not TCP over IP', () => {
    expect(v2('20000000')).toEqual({ ends: undefined, length: 16 });
    expect(v2('21310000')).toEqual({ ends: undefined, length: 16 });
  });

  test('broken: another version, too short for its family, too long', () => {
    expect(v2('3111000c')).toBe('broken');
    expect(v2('21110004c0000201')).toBe('broken');
    expect(v2('2111ffff')).toBe('broken');
  });

  test('incomplete', () => {
    expect(v2('')).toBe('incomplete');
    expect(v2('2111000cc0000201')).toBe('incomplete');
  });
});

const ENDS: readonly [string, Ends][] = [
  ['IPv4', { client: { address: '192.0.2.1', port: 1 }, server: { address: '192.0.2.2', port: 65_535 } }],
  ['IPv6', { client: { address: '2001:db8::1', port: 1 }, server: { address: '2001:db8:0:1::', port: 2 } }],
];
for (const version of ['v1', 'v2'] as const) {
  test.each(ENDS)(`what is sent as ${version} is understood: %s`, (_, ends) => {
    const header = proxyHeader(version, ends);
    expect(parseProxyHeader(Buffer.concat([header, Buffer.from('x')]))).toEqual({ ends, length: header.length });
    for (let length = 0; length < header.length; length += 1) {
      expect(parseProxyHeader(header.subarray(0, length))).toBe('incomplete');
    }
  });

  test(`families mixed in ${version}: IPv4 is mapped`, () => {
    const ends = { client: { address: '192.0.2.1', port: 1 }, server: { address: '2001:db8::1', port: 2 } };
    expect(parseProxyHeader(proxyHeader(version, ends))).toMatchObject({
      ends: { client: { address: '::ffff:192.0.2.1' }, server: { address: '2001:db8::1' } },
    });
  });
}
