import { isIP } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressKey } from './address.ts';

test('texts of one address have one key, order is numeric', () => {
  expect(addressKey('2001:db8::1')).toBe(addressKey('[2001:0DB8:0:0:0:0:0:1]'));
  expect(addressKey('::ffff:1.2.3.4')).toBe(addressKey('::ffff:102:304'));
  const keys = ['1.2.3.4', '1.2.4.3', '9.0.0.0', '10.0.0.0'].map(addressKey);
  expect(keys.every((key, i) => i === 0 || (key ?? '') > (keys[i - 1] ?? ''))).toBe(true);
});

test('what Node calls an address is one, and nothing else', () => {
  const almost = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc
      .array(fc.constantFrom('0', '1', 'f', 'g', ':', '::', '.', '255', '256'), { maxLength: 10 })
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(almost, (text) => {
      // Leading zeros of IPv4 parts are the one difference; requests cannot carry them.
      fc.pre(!/(^|\.|:)0\d/.test(text) || !text.includes('.'));
      expect(addressKey(text) !== undefined, text).toBe(isIP(text) !== 0);
    }),
    { seed: 5, numRuns: 5000 },
  );
});
