import { expect, test } from 'vitest';
import { hostOfFamily, parseAskedHost } from './asked-host.ts';

test.each(['ipv4', 'ipv6', 'ipv4Preferred', 'ipv6Preferred'] as const)('%s', (family) => {
  expect(parseAskedHost(hostOfFamily('a.example', family))).toEqual({ host: 'a.example', family });
});

test.each(['a.example', '192.0.2.1', '[2001:db8::1]', 'a+b', 'a+ipv5', 'a+ipv4preferred', ''])(
  '%j is no more than a host',
  (host) => {
    expect(parseAskedHost(host)).toEqual({ host });
  },
);
