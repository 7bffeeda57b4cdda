import type { AuthorizationStep } from '@causeway/dataplane/policy/authorization';
import type { AuthorizationIR } from '@causeway/ir/gateway';
import { renderAddressRanges } from './address-ranges.ts';

export function renderAuthorization({ type, rules, allowsOthers }: AuthorizationIR): AuthorizationStep {
  return {
    type,
    allowsOthers,
    rules: rules.map(({ clients, peers, ...others }) => ({
      ...others,
      ...(clients === undefined ? {} : { clients: rangesOf(clients) }),
      ...(peers === undefined ? {} : { peers: rangesOf(peers) }),
    })),
  };
}

function rangesOf(networks: readonly string[]): NonNullable<AuthorizationStep['rules'][number]['clients']> {
  return renderAddressRanges({ allow: networks, deny: [] }).allow ?? [];
}
