import { expect, test } from 'vitest';
import { compileAddressRanges, isNamed, mayPass, type RangeList } from './address-ranges.ts';

const TEN: RangeList = [['10.0.0.0', '10.255.255.255']];
const MANY: RangeList = [
  ['10.0.0.0', '10.0.0.255'],
  ['10.2.0.0', '10.2.0.0'],
  ['192.0.2.0', '192.0.2.127'],
  ['2001:db8:0:0:0:0:0:0', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
];

const cases = [
  { name: 'nothing is said', ranges: {}, address: '192.0.2.1', passes: true, named: false },
  { name: 'in the list', ranges: { allow: TEN }, address: '10.1.1.1', passes: true, named: true },
  { name: 'not in the list', ranges: { allow: TEN }, address: '192.0.2.1', passes: false, named: false },
  { name: 'the first address', ranges: { allow: MANY }, address: '10.0.0.0', passes: true, named: true },
  { name: 'the last address', ranges: { allow: MANY }, address: '10.0.0.255', passes: true, named: true },
  { name: 'behind the last', ranges: { allow: MANY }, address: '10.0.1.0', passes: false, named: false },
  { name: 'one address', ranges: { allow: MANY }, address: '10.2.0.0', passes: true, named: true },
  { name: 'IPv6', ranges: { allow: MANY }, address: '2001:db8::5', passes: true, named: true },
  { name: 'other IPv6', ranges: { allow: MANY }, address: '2001:db9::5', passes: false, named: false },
  { name: 'IPv4 as IPv6', ranges: { allow: TEN }, address: '::ffff:10.1.1.1', passes: true, named: true },
  { name: 'IPv4 as IPv6, refused', ranges: { deny: TEN }, address: '::ffff:a01:101', passes: false, named: false },
  { name: 'refused', ranges: { deny: TEN }, address: '10.1.1.1', passes: false, named: false },
  { name: 'not refused', ranges: { deny: TEN }, address: '11.1.1.1', passes: true, named: false },
  { name: 'in both', ranges: { allow: MANY, deny: TEN }, address: '10.2.0.0', passes: false, named: false },
  { name: 'no address', ranges: { allow: TEN }, address: 'unix:', passes: false, named: false },
  { name: 'an empty list', ranges: { allow: [] }, address: '10.1.1.1', passes: false, named: false },
];
for (const { name, ranges, address, passes, named } of cases) {
  test(name, () => {
    const compiled = compileAddressRanges(ranges);
    expect(mayPass(compiled, address)).toBe(passes);
    expect(isNamed(compiled, address)).toBe(named);
  });
}
