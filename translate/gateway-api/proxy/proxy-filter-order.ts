import type { EnvoyProxySpec } from '@causeway/apis/envoy-gateway/envoy-proxy';
import type { Tell } from '../policy/tell.ts';

const PREFIX = 'envoy.filters.http.';

/** What is done to a request one after the other. */
const ORDER: readonly string[] = [
  ...['cors', 'ext_authz', 'api_key_auth', 'basic_auth', 'oauth2', 'jwt_authn', 'rbac'],
  ...['local_ratelimit', 'ratelimit', 'header_mutation'],
];

/**
 * The order of what is done to a request is fixed: tells the wishes that it does not fulfil anyway.
 *
 * Source: Envoy Gateway v1.7, EnvoyProxySpec.filterOrder.
 */
export function checkFilterOrder({ filterOrder = [] }: EnvoyProxySpec, tell: Tell): void {
  for (const [index, { name, before, after }] of filterOrder.entries()) {
    const [first, second] = before === undefined ? [after ?? '', name] : [name, before];
    const [one, other] = [plain(first), plain(second)];
    if (!comesBefore(one, other))
      tell(`spec.filterOrder[${index}]`, `${one} does not always come before ${other} here`);
  }
}

function comesBefore(one: string, other: string): boolean {
  // A delay waits, and preflights need not.
  if (one === 'fault') return ORDER.indexOf(other) > 0;
  return ORDER.includes(one) && ORDER.indexOf(one) < ORDER.indexOf(other);
}

function plain(name: string): string {
  return name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
}
