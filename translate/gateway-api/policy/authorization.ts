import type { Authorization } from '@causeway/apis/envoy-gateway/authorization';
import { isNetwork } from '@causeway/apis/meta/address';
import type { AuthorizationIR, AuthorizationRuleIR, TokenRuleIR } from '@causeway/ir/gateway';
import type { Tell } from './tell.ts';

type Rule = NonNullable<Authorization['rules']>[number];

/** Who may ask for what. Source: GW-39. */
export function authorizationOf({ rules = [], defaultAction = 'Deny' }: Authorization, tell: Tell): AuthorizationIR {
  return {
    type: 'authorization',
    rules: rules.map((rule, index) => ruleOf(rule, `authorization.rules[${index}]`, tell)),
    allowsOthers: defaultAction === 'Allow',
  };
}

function ruleOf({ action, principal, operation }: Rule, field: string, tell: Tell): AuthorizationRuleIR {
  const { clientCIDRs, sourceCIDRs, headers, jwt } = principal;
  for (const network of [...(clientCIDRs ?? []), ...(sourceCIDRs ?? [])]) {
    if (!isNetwork(network)) tell(`${field}.principal`, `${JSON.stringify(network)} is no network`);
  }
  return {
    allows: action === 'Allow',
    ...(clientCIDRs === undefined ? {} : { clients: clientCIDRs }),
    ...(sourceCIDRs === undefined ? {} : { peers: sourceCIDRs }),
    ...(headers === undefined
      ? {}
      : { headers: headers.map(({ name, values }) => ({ name: name.toLowerCase(), values })) }),
    ...(operation === undefined ? {} : { methods: operation.methods }),
    ...(jwt === undefined ? {} : { token: tokenRuleOf(jwt) }),
  };
}

function tokenRuleOf({ provider, claims = [], scopes = [] }: NonNullable<Rule['principal']['jwt']>): TokenRuleIR {
  return {
    provider,
    claims: claims.map(({ name, valueType, values }) => ({ name, isList: valueType === 'StringArray', values })),
    scopes,
  };
}
