/** Which OpenID providers are spoken to, and which of them never said where. The agent has it: one for all data planes of a machine. */
import type { OidcClientIR, RouteIR } from '@causeway/ir/gateway';
import type { ProviderProblem } from './status.ts';

/** What tells one provider from another. */
export type ProviderAt = Pick<OidcClientIR, 'issuer' | 'authorization' | 'token' | 'at'>;

export interface OpenidProviders {
  open(): NamedProviders;
}

/** Those of one data plane. */
export interface NamedProviders {
  /** From now on a route sends users to these, and to no others. */
  name(route: string, providers: readonly ProviderAt[]): void;
  /** In order of their issuers. */
  problems(): readonly ProviderProblem[];
  close(): void;
}

/** Where a route sends users to sign in; of none nowhere. */
export function signInProviders(route: RouteIR | undefined): readonly ProviderAt[] {
  return (route?.filters ?? []).flatMap((filter) => (filter.type === 'oidc' ? [filter.client] : []));
}
