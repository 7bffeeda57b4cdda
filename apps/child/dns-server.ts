import { isIP } from 'node:net';
import { InvalidArgumentError, Option } from 'commander';

/** `--dns-server`: who resolves the names of ExternalName Services. */
export function dnsServerOption(): Option {
  return new Option(
    '--dns-server <address[:port]>',
    'resolves the names of ExternalName Services (repeatable; default: the servers of /etc/resolv.conf)',
  )
    .argParser((value: string, previous: readonly string[]): readonly string[] => {
      const [, bracketed, plain] = /^(?:\[(.+)\]|([^:]+))(?::\d+)?$/.exec(value) ?? [undefined, undefined, value];
      if (isIP(bracketed ?? plain ?? '') === 0)
        throw new InvalidArgumentError('write 192.0.2.53 or [2001:db8::53]:53.');
      return [...previous, value];
    })
    .default([], 'none');
}
