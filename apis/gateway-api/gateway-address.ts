import { checked, object, optional, type Schema, string } from '../meta/schema.ts';
import { DOMAIN_PREFIXED, WILDCARD_HOSTNAME_PATTERN } from './names.ts';

/** What is not an IP address by type need not be one by value. */
const IP_ADDRESS = {
  oneOf: [
    {
      properties: { type: { enum: ['IPAddress'] }, value: { anyOf: [{ format: 'ipv4' }, { format: 'ipv6' }] } },
    },
    { properties: { type: { not: { enum: ['IPAddress'] } } } },
  ],
} as const;

const type = string('IPAddress, Hostname, or a domain-prefixed one of an implementation.', {
  minLength: 1,
  maxLength: 253,
  pattern: `^Hostname|IPAddress|NamedAddress|${DOMAIN_PREFIXED}$`,
  default: 'IPAddress',
});

const HOSTNAME_RULE = `self.value.matches(r"""${WILDCARD_HOSTNAME_PATTERN}""")`;

/** An address that a Gateway wants; without a value any of the type. */
export const wantedAddress: Schema<WantedAddress> = checked(
  object(
    'An address.',
    { type: optional(type), value: optional(string('The address; absent: any.', { maxLength: 253 })) },
    IP_ADDRESS,
  ),
  {
    message: `Hostname value must be empty or contain only valid characters (matching ${WILDCARD_HOSTNAME_PATTERN})`,
    rule: `self.type != 'Hostname' || !has(self.value) || ${HOSTNAME_RULE}`,
  },
);
export interface WantedAddress {
  readonly type?: string;
  readonly value?: string;
}

/** An address that a Gateway has. */
export const boundAddress: Schema<BoundAddress> = checked(
  object(
    'An address.',
    { type: optional(type), value: string('The address.', { minLength: 1, maxLength: 253 }) },
    IP_ADDRESS,
  ),
  {
    message: `Hostname value must only contain valid characters (matching ${WILDCARD_HOSTNAME_PATTERN})`,
    rule: `self.type != 'Hostname' || ${HOSTNAME_RULE}`,
  },
);
export interface BoundAddress {
  readonly type?: string;
  readonly value: string;
}
