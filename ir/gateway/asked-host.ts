import type { AddressFamily } from './backend.ts';

/** A name of which only some addresses are asked: `auth.example+ipv6`. Hosts have no `+`. */
export function hostOfFamily(name: string, family: AddressFamily): string {
  return `${name}+${family}`;
}

/** The name, or address, and what {@link hostOfFamily} added; absent: all of its addresses. */
export function parseAskedHost(text: string): { readonly host: string; readonly family?: AddressFamily } {
  const [, host = text, version, preferred = ''] = /^(.*)\+(ipv[46])(Preferred)?$/.exec(text) ?? [];
  if (version === undefined) return { host };
  const family = version === 'ipv4' ? 'ipv4' : 'ipv6';
  return { host, family: preferred === '' ? family : `${family}Preferred` };
}
