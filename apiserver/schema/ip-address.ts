import { isIP, isIPv4 } from 'node:net';
import { type FieldError, invalid } from './field-error.ts';

const ADDRESS = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const NETWORK = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

/** Source: Kubernetes pkg/apis/core/validation, IsValidIPForLegacyField. */
export function addressErrors(address: string, path: string): readonly FieldError[] {
  return isIP(address) === 0 ? [invalid(path, address, ADDRESS)] : [];
}

/** `10.0.0.0/8`. Source: Kubernetes pkg/apis/core/validation, IsValidCIDRForLegacyField. */
export function networkErrors(network: string, path: string): readonly FieldError[] {
  const [address = '', bits = '', ...more] = network.split('/');
  const family = isIP(address);
  const fits = /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
  return family === 0 || more.length > 0 || !fits ? [invalid(path, network, NETWORK)] : [];
}

/** Addresses that lead nowhere from another machine: what is wrong, and how such an address begins. */
const SPECIAL: readonly (readonly [problem: string, v4: RegExp, v6: RegExp])[] = [
  ['may not be in the loopback range (127.0.0.0/8, ::1/128)', /^127\./, /^(?:0{0,4}:){2,7}0{0,3}1$/],
  ['may not be in the link-local range (169.254.0.0/16, fe80::/10)', /^169\.254\./, /^fe[89ab]/i],
  ['may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)', /^224\.0\.0\./, /^ff02:/i],
];

/** Source: Kubernetes pkg/apis/core/validation, ValidateEndpointIP. */
export function reachableAddressErrors(address: string, path: string): readonly FieldError[] {
  return specialAddressErrors(SPECIAL, address, path);
}

/** The same for an endpoint: at home the address of this machine leads to the programs that it runs (design, section 3). */
export function endpointAddressErrors(address: string, path: string): readonly FieldError[] {
  if (isIP(address) === 0) return [invalid(path, address, 'must be a valid IP address')];
  return specialAddressErrors(SPECIAL_BUT_LOOPBACK, address, path);
}

const SPECIAL_BUT_LOOPBACK = SPECIAL.slice(1);

function specialAddressErrors(special: typeof SPECIAL, address: string, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (/^(?:0\.0\.0\.0|[0:]+)$/.test(address)) {
    errors.push(invalid(path, address, `may not be unspecified (${address})`));
  }
  for (const [problem, v4, v6] of special) {
    if ((isIPv4(address) ? v4 : v6).test(address)) errors.push(invalid(path, address, problem));
  }
  return errors;
}

/** An address of IPv6 as RFC 5952 has it, `2001:db8::1`. @param address one that is valid, without a zone */
export function canonicalAddress(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

/** Strictly, as in fields that Kubernetes did not have before it was strict. Source: apimachinery pkg/util/validation, IsValidIP. */
export function canonicalAddressErrors(address: string, path: string): readonly FieldError[] {
  const errors = addressErrors(address, path);
  if (errors.length > 0 || isIPv4(address)) return errors;
  const canonical = canonicalAddress(address);
  if (canonical.startsWith('::ffff:')) return [invalid(path, address, 'must not be an IPv4-mapped IPv6 address')];
  return canonical === address
    ? []
    : [invalid(path, address, `must be in canonical form (${JSON.stringify(canonical)})`)];
}
