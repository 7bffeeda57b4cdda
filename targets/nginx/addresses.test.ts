import { describe, expect, test } from 'vitest';
import { addressAt, machineAddresses, parseAddressRange } from './addresses.ts';

describe('ALB-123 addresses of the machine', () => {
  test('a named interface, its address', () => {
    const { addresses, problems } = machineAddresses({ interfaces: ['lo'], ipv6: false });
    expect(addresses).toContain('127.0.0.1');
    expect(addresses.every((address) => !address.includes(':'))).toBe(true);
    expect(problems).toEqual([]);
  });

  test('an interface that is not there is named, and nothing else is used instead', () => {
    expect(machineAddresses({ interfaces: ['nic-7'], ipv6: true })).toEqual({
      addresses: [],
      problems: ['interface nic-7 does not exist or is down'],
    });
  });

  const machine = {
    lo: [
      { address: '127.0.0.1', family: 'IPv4' },
      { address: '::1', family: 'IPv6' },
    ],
    eth0: [
      { address: '192.0.2.2', family: 'IPv4' },
      { address: 'fe80::2', family: 'IPv6' },
    ],
    'eth0:1': [{ address: '192.0.2.3', family: 'IPv4' }],
    six: [{ address: '2001:db8::1', family: 'IPv6' }],
  } as const;
  const cases = [
    { nic: ['eth0'], ipv6: false, addresses: ['192.0.2.2', '192.0.2.3'], problems: [] },
    { nic: ['eth0'], ipv6: true, addresses: ['192.0.2.2', '192.0.2.3'], problems: ['no IPv6 address on eth0'] },
    { nic: ['six'], ipv6: true, addresses: ['2001:db8::1'], problems: ['no IPv4 address on six'] },
    { nic: ['six'], ipv6: false, addresses: [], problems: ['no IPv4 address on six'] },
    { nic: ['eth0', 'six'], ipv6: true, addresses: ['192.0.2.2', '192.0.2.3', '2001:db8::1'], problems: [] },
    { nic: ['lo', 'gone'], ipv6: true, addresses: ['127.0.0.1', '::1'], problems: ['interface gone does not exist'] },
  ];
  for (const { nic, ipv6, ...want } of cases) {
    test(`${nic.join(', ')} with IPv6 ${ipv6 ? 'on' : 'off'}`, () => {
      const { addresses, problems } = machineAddresses({ interfaces: nic, ipv6 }, machine);
      expect(addresses).toEqual(want.addresses);
      expect(problems).toHaveLength(want.problems.length);
      for (const [index, text] of want.problems.entries()) expect(problems[index]).toContain(text);
    });
  }

  test('no link-local ones; IPv6 only when enabled', () => {
    const all = machineAddresses({ interfaces: [], ipv6: true });
    expect(all.addresses.filter((address) => /^fe80/i.test(address))).toEqual([]);
    expect(all.problems).toEqual([]);
    const { addresses } = machineAddresses({ interfaces: [], ipv6: false });
    expect(addresses.filter((address) => address.includes(':'))).toEqual([]);
  });

  test('those of instances are left out, on the loopback device', () => {
    const instanceRange = parseAddressRange('127.0.0.0/24');
    expect(machineAddresses({ interfaces: ['lo'], ipv6: false, instanceRange }).addresses).not.toContain('127.0.0.1');
  });
});

describe('networks of instance addresses', () => {
  test('address by index, wrapping around', () => {
    const range = parseAddressRange('198.18.0.0/15');
    expect(range.size).toBe(131_072);
    expect(addressAt(range, 257)).toBe('198.18.1.1');
    expect(addressAt(range, 131_073)).toBe('198.18.0.1');
    expect(range.contains('198.19.255.254')).toBe(true);
    expect(range.contains('198.20.0.1')).toBe(false);
    expect(range.contains('::1')).toBe(false);
  });

  for (const text of ['', '198.18.0.0', '198.18.0.0/33', '198.18.0.1/15', '10.0.0.0/8/8', 'fd00::/64', '1.2.3.4/32']) {
    test(`refused: ${JSON.stringify(text)}`, () => expect(() => parseAddressRange(text)).toThrow(RangeError));
  }
});
