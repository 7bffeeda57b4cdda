import { expect, test } from 'vitest';
import { renderAddressRanges } from './address-ranges.ts';

const cases: readonly [networks: readonly string[], want: readonly string[]][] = [
  [['10.0.0.0/8'], ['10.0.0.0-10.255.255.255']],
  [['10.1.2.3'], ['10.1.2.3-10.1.2.3']],
  [['10.1.2.3/30'], ['10.1.2.0-10.1.2.3']],
  [['0.0.0.0/0'], ['0.0.0.0-255.255.255.255']],
  [
    ['192.0.2.0/24', '10.0.0.0/8', '10.1.0.0/16'],
    ['10.0.0.0-10.255.255.255', '192.0.2.0-192.0.2.255'],
  ],
  [['10.0.0.0/9', '10.64.0.0/9'], ['10.0.0.0-10.127.255.255']],
  [['2001:db8::/33'], ['2001:db8:0:0:0:0:0:0-2001:db8:7fff:ffff:ffff:ffff:ffff:ffff']],
  [['::ffff:10.0.0.0/104'], ['10.0.0.0-10.255.255.255']],
  [
    ['::1', '127.0.0.1'],
    ['127.0.0.1-127.0.0.1', '0:0:0:0:0:0:0:1-0:0:0:0:0:0:0:1'],
  ],
];
test.each(cases)('%j', (networks, want) => {
  const { allow } = renderAddressRanges({ allow: networks, deny: [] });
  expect(allow?.map(([first, last]) => `${first}-${last}`)).toEqual(want);
});
