import { expect, test } from 'vitest';
import { isInNetworks } from './networks.ts';

test.each([
  ['10.1.2.3', ['10.0.0.0/8'], true],
  ['11.1.2.3', ['10.0.0.0/8'], false],
  ['192.0.2.1', ['10.0.0.0/8', '192.0.2.1'], true],
  ['192.0.2.2', ['192.0.2.1'], false],
  ['2001:db8::1', ['2001:db8::/32'], true],
  ['2001:db9::1', ['2001:db8::/32'], false],
  ['10.1.2.3', ['2001:db8::/32'], false],
  ['10.1.2.3', ['0.0.0.0/0'], true],
  ['10.1.2.3', [], false],
  ['10.1.2.3', ['10.0.0.0/33', 'nonsense', '10.0.0.0/x'], false],
  ['nonsense', ['0.0.0.0/0'], false],
])('%s in %j: %j', (address, networks, want) => expect(isInNetworks(address, networks)).toBe(want));
