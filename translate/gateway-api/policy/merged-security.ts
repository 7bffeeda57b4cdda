/**
 * What SecurityPolicies of a route and of its Gateway say together: field by field, but of what excludes each other the route's alone. Objects
 * that a part names are looked for where the policy is that says the part.
 *
 * Source: GW-33; Envoy Gateway v1.7, SecurityPolicy, `mergeType`.
 */
import { mergedPolicy } from './merged.ts';
import type { Policy } from './policy-kind.ts';

type SecurityPolicy = Policy<'SecurityPolicy'>;
type Spec = SecurityPolicy['spec'];

/** A part of the policy that may name other objects. */
export type SecurityPart = 'apiKeyAuth' | 'basicAuth' | 'extAuth' | 'jwt' | 'oidc';

/** @param above that of the Gateway */
export function mergedSecurity(own: SecurityPolicy, above: SecurityPolicy): SecurityPolicy {
  return mergedPolicy(own, { ...above, spec: withoutRivals(above.spec, own.spec) });
}

/** The policy that says a part; in its namespace is what the part names. */
export function sayerOf(part: SecurityPart, own: SecurityPolicy, above: SecurityPolicy | undefined): SecurityPolicy {
  return above !== undefined && own.spec[part] === undefined && above.spec[part] !== undefined ? above : own;
}

function withoutRivals(above: Spec, { extAuth, oidc }: Spec): Spec {
  const { extAuth: auth, oidc: signIn, ...others } = above;
  return {
    ...others,
    ...(auth === undefined ? {} : { extAuth: extAuth === undefined ? auth : without(auth, ['grpc', 'http']) }),
    // Endpoints are those of an issuer, an identity that of a client.
    ...(signIn === undefined
      ? {}
      : { oidc: oidc === undefined ? signIn : without(signIn, ['provider', 'clientID', 'clientIDRef']) }),
  } as Spec;
}

function without(value: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
}
