import type { SourceRangeConfig } from '@causeway/apis/gateway/access-config';
import { isNetwork, parseAddress } from '@causeway/apis/meta/address';
import type { AddressRangesIR } from '@causeway/ir/gateway';

/**
 * sourceRange -> lists of addresses.
 *
 * Source: spec LIM-08.
 *
 * @returns undefined when it names nobody; a text that says what is wrong
 */
export function translateSourceRange(config: SourceRangeConfig | undefined): AddressRangesIR | string | undefined {
  const { allow = [], deny = [] } = config ?? {};
  for (const [field, networks] of Object.entries({ allow, deny })) {
    const index = networks.findIndex((network) => !isNetwork(network) && parseAddress(network) === undefined);
    if (index >= 0) {
      return `sourceRange.${field}[${index}]: ${JSON.stringify(networks[index])} is neither an address nor a network`;
    }
  }
  return allow.length === 0 && deny.length === 0 ? undefined : { allow, deny };
}
