import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalAddress, compareAddresses, isNetwork, parseAddress } from './address.ts';

describe('parseAddress', () => {
  const cases = [
    { text: '1.2.3.4', want: [1, 2, 3, 4] },
    { text: '1.2.3', want: undefined },
    { text: '1.2.3.256', want: undefined },
    { text: '01.2.3.4', want: undefined },
    { text: '::', want: new Array<number>(16).fill(0) },
    { text: '[::1]', want: [...new Array<number>(15).fill(0), 1] },
    { text: '2001:db8::ff', want: [0x20, 1, 0x0d, 0xb8, ...new Array<number>(11).fill(0), 255] },
    { text: '::ffff:1.2.3.4', want: [...new Array<number>(10).fill(0), 255, 255, 1, 2, 3, 4] },
    { text: '1.2.3.4::', want: undefined },
    { text: '1:2:3:4:5:6:7', want: undefined },
    { text: '1:2:3:4:5:6:7::8', want: undefined },
    { text: '[1.2.3.4]', want: undefined },
    { text: 'fe80::1%eth0', want: undefined },
  ];
  for (const c of cases) {
    test(c.text, () => expect(parseAddress(c.text)).toEqual(c.want));
  }

  test('agrees with node:net on random addresses and near misses', () => {
    const text = fc.oneof(fc.ipV4(), fc.ipV6(), fc.stringMatching(/^[0-9a-f:.]{1,20}$/));
    fc.assert(
      fc.property(text, (candidate) => {
        expect(parseAddress(candidate) !== undefined).toBe(isIP(candidate) !== 0);
      }),
      { seed: 7, numRuns: 2000 },
    );
  });
});

test('compareAddresses orders numerically', () => {
  const nine = parseAddress('10.0.0.9') ?? [];
  const ten = parseAddress('10.0.0.10') ?? [];
  expect(compareAddresses(nine, ten)).toBeLessThan(0);
  expect(compareAddresses(ten, ten)).toBe(0);
});

describe('canonicalAddress', () => {
  const cases = [
    { text: '10.0.0.1', want: '10.0.0.1' },
    { text: '[2001:0DB8:0:0:1:0:0:1]', want: '2001:db8::1:0:0:1' },
    { text: '::ffff:1.2.3.4', want: '::ffff:1.2.3.4' },
    { text: '10.0.0.0/8', want: undefined },
  ];
  for (const c of cases) {
    test(c.text, () => expect(canonicalAddress(c.text)).toBe(c.want));
  }
});

describe('isNetwork', () => {
  const cases = [
    { text: '10.0.0.0/8', want: true },
    { text: '10.1.2.3/32', want: true },
    { text: '2001:db8::/32', want: true },
    { text: '10.0.0.0/33', want: false },
    { text: '::/129', want: false },
    { text: '10.0.0.0', want: false },
    { text: '[::1]/128', want: false },
    { text: '10.0.0.0/8; a', want: false },
    { text: '/8', want: false },
  ];
  for (const c of cases) {
    test(c.text, () => expect(isNetwork(c.text)).toBe(c.want));
  }
});
