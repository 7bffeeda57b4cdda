import { duration } from '../gateway-api/names.ts';
import { boolean, object, oneOf, optional, type TypeOf } from '../meta/schema.ts';

/** Source: Envoy Gateway v1.7, DNS. */
export const dns = object('How names of Backends are looked up.', {
  dnsRefreshRate: optional(duration('After how long they are looked up again at the latest; absent: 30s.')),
  lookupFamily: optional(
    oneOf('Which addresses are used; absent: all of them.', [
      'IPv4',
      'IPv6',
      'IPv4Preferred',
      'IPv6Preferred',
      'IPv4AndIPv6',
    ]),
  ),
  respectDnsTtl: optional(boolean('They are looked up again when DNS says so, if that is earlier; absent: true.')),
});
export type Dns = TypeOf<typeof dns>;
