import type { BasicAuth, CORS } from '@causeway/apis/envoy-gateway/security-policy';
import { headerNameMistake } from '@causeway/apis/gateway/header-rules';
import { objectKeyText } from '@causeway/apis/meta/object';
import type { CorsIR, FilterIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { parseDuration } from '../duration.ts';
import { apiKeyOf } from './api-key.ts';
import { authorizationOf } from './authorization.ts';
import { externalAuthOf } from './external-auth.ts';
import { jwtOf } from './jwt.ts';
import { mergedSecurity, type SecurityPart, sayerOf } from './merged-security.ts';
import { oidcOf } from './oidc.ts';
import type { Policy } from './policy-kind.ts';
import { type SecurityContext, secretOf } from './policy-secret.ts';
import type { Tell } from './tell.ts';
import { unservedSettings } from './unserved.ts';

export interface SecurityTranslation {
  /** In the order in which they judge a request. */
  readonly filters: readonly FilterIR[];
  /** What is wrong, with the path of the field. Nobody gets through then. */
  readonly problems: readonly string[];
}

/**
 * Who gets in. What cannot be understood lets nobody through.
 *
 * Source: GW-34 to GW-39.
 *
 * @param own of a route, or of whatever has one
 * @param above that of the Gateway, where `own` adds to it
 */
export function translateSecurityPolicy(
  view: View,
  own: Policy<'SecurityPolicy'>,
  above?: Policy<'SecurityPolicy'>,
): SecurityTranslation {
  const policy = above === undefined ? own : mergedSecurity(own, above);
  const { cors, basicAuth, apiKeyAuth, extAuth, oidc, jwt, authorization } = policy.spec;
  const problems: string[] = [...unservedSettings('SecurityPolicy', policy)];
  const tell: Tell = (field, message) => problems.push(`spec.${field}: ${message}`);
  const contextOf = (part: SecurityPart): SecurityContext => ({ view, policy: sayerOf(part, own, above), tell });
  const external = extAuth && externalAuthOf(extAuth, contextOf('extAuth'));
  const rules = authorization && authorizationOf(authorization, tell);
  const reroutes =
    extAuth?.recomputeRoute === true || jwt?.providers.some(({ recomputeRoute }) => recomputeRoute === true) === true;
  const filters: FilterIR[] = [
    ...(cors === undefined ? [] : [corsOf(cors)]),
    ...(external === undefined ? [] : [external]),
    ...(apiKeyAuth === undefined ? [] : [apiKeyOf(apiKeyAuth, contextOf('apiKeyAuth'))]),
    ...(basicAuth === undefined ? [] : passwords(basicAuth, contextOf('basicAuth'))),
    ...(oidc === undefined ? [] : oidcOf(oidc, contextOf('oidc'))),
    ...(jwt === undefined ? [] : [jwtOf(jwt, rules, contextOf('jwt'))]),
    ...(rules === undefined || jwt !== undefined ? [] : [rules]),
    ...(reroutes ? [{ type: 'reroute' as const }] : []),
  ];
  if (problems.length === 0) return { filters, problems };
  return { filters: [{ type: 'refuse', status: 500, reason: 'AccessDenied : invalid SecurityPolicy' }], problems };
}

/** Where everything is allowed, what is asked for is: so says Envoy, and browsers take no `*` with credentials. */
function corsOf({
  allowOrigins = [],
  allowMethods = [],
  allowHeaders = [],
  exposeHeaders = [],
  ...others
}: CORS): CorsIR {
  const maxAgeMs = others.maxAge === undefined ? undefined : parseDuration(others.maxAge);
  return {
    type: 'cors',
    allowOrigins: allowOrigins.includes('*') ? 'any' : allowOrigins,
    allowMethods,
    allowHeaders,
    exposeHeaders,
    allowCredentials: others.allowCredentials === true,
    anyLabels: true,
    echoesOrigin: true,
    spaced: true,
    preflightStatus: 200,
    onlyAllowed: true,
    ...(allowMethods.includes('*') ? { echoesMethod: true } : {}),
    ...(allowHeaders.includes('*') ? { echoesHeaders: true } : {}),
    maxAge: Math.floor((maxAgeMs ?? 5000) / 1000),
  };
}

const HTPASSWD = '.htpasswd';

/** The realm that Envoy names. */
const REALM = 'Restricted';

function passwords({ users, forwardUsernameHeader }: BasicAuth, context: SecurityContext): readonly FilterIR[] {
  const found = secretOf(users, 'basicAuth.users', context);
  if (found === undefined) return [];
  const file = found.secret.data?.[HTPASSWD];
  const id = objectKeyText(found.key);
  if (file === undefined) {
    context.tell('basicAuth.users', `Secret ${id} has no key ${HTPASSWD}`);
    return [];
  }
  const mistake = htpasswdMistake(Buffer.from(file, 'base64').toString('utf8'));
  if (mistake !== undefined) {
    context.tell('basicAuth.users', `Secret ${id}, ${HTPASSWD} ${mistake}`);
    return [];
  }
  const check: FilterIR = { type: 'passwordAuth', scheme: 'basic', realm: REALM, secret: id, layout: 'htpasswd' };
  if (forwardUsernameHeader === undefined) return [check];
  const wrongName = headerNameMistake(forwardUsernameHeader);
  if (wrongName !== undefined) {
    context.tell('basicAuth.forwardUsernameHeader', wrongName);
    return [];
  }
  const value = [{ variable: 'remote_user' }];
  return [check, { type: 'requestHeaders', changes: [{ op: 'set', name: forwardUsernameHeader, value }] }];
}

/** Upstream takes SHA-1 alone, which is cheap to verify at every request. @returns what is wrong, with the number of the line */
function htpasswdMistake(text: string): string | undefined {
  const lines = text.split('\n').map((line) => line.trim());
  const bad = lines.findIndex(
    (line) => line !== '' && !line.startsWith('#') && !/^[^:]+:\{SHA\}[A-Za-z0-9+/]{27}=$/.test(line),
  );
  return bad < 0 ? undefined : `line ${bad + 1}: not of the form user:{SHA}hash`;
}
