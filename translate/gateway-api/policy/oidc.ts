import { createHash } from 'node:crypto';
import type { Oidc } from '@causeway/apis/envoy-gateway/oidc';
import { keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { OidcClientIR, OidcIR, TemplateIR } from '@causeway/ir/gateway';
import { parseDuration } from '../duration.ts';
import { type SecurityContext, secretOf } from './policy-secret.ts';
import { addressOf, servicesAt } from './service-at.ts';

const DEFAULT_CALLBACK = '/oauth2/callback';
const DEFAULT_LOGOUT = '/logout';
const TOKEN_SECONDS = 3600;
const REFRESH_SECONDS = 604_800;
const FLOW_SECONDS = 600;
const OPERATORS = { Exact: 'equal', Prefix: 'prefix', Suffix: 'suffix', RegularExpression: 'regex' } as const;

/** Users who sign in at a provider. Source: GW-37. @returns nothing when that cannot be, and was told */
export function oidcOf(oidc: Oidc, context: SecurityContext): readonly OidcIR[] {
  const { tell, policy } = context;
  const client = clientOf(oidc, context);
  const { redirect, callbackPath } = redirectOf(oidc.redirectURL, context);
  const logoutPath = oidc.logoutPath ?? DEFAULT_LOGOUT;
  if (!/^\/[!-~]*$/.test(logoutPath)) tell('oidc.logoutPath', `${JSON.stringify(logoutPath)} is no path`);
  if (logoutPath === callbackPath) tell('oidc.logoutPath', 'must be another path than that of redirectURL');
  const suffix = createHash('sha256')
    .update(policy.metadata.uid ?? objectKeyText(keyOf(policy)))
    .digest('hex')
    .slice(0, 8);
  const { accessToken = `AccessToken-${suffix}`, idToken = `IdToken-${suffix}` } = oidc.cookieNames ?? {};
  for (const name of [accessToken, idToken]) {
    if (!/^[\w!#$%&'*+\-.^`|~]+$/.test(name))
      tell('oidc.cookieNames', `${JSON.stringify(name)} is no name of a cookie`);
  }
  if (accessToken === idToken) tell('oidc.cookieNames', 'must be two names');
  if (client === undefined) return [];
  return [
    {
      type: 'oidc',
      client: { ...client, redirect },
      callbackPath,
      logoutPath,
      denies: (oidc.denyRedirect?.headers ?? []).map(({ name, type = 'Exact', value }) => ({
        name: name.toLowerCase(),
        op: OPERATORS[type],
        value,
      })),
      passesBearer: oidc.passThroughAuthHeader === true,
      forwardsToken: oidc.forwardAccessToken === true,
      cookies: {
        access: accessToken,
        id: idToken,
        refresh: `RefreshToken-${suffix}`,
        flow: `SignIn-${suffix}`,
      },
    },
  ];
}

function clientOf(oidc: Oidc, context: SecurityContext): Omit<OidcClientIR, 'redirect'> | undefined {
  const { provider, scopes = [], resources = [], refreshToken = true } = oidc;
  const { policy, tell } = context;
  const { issuer, authorizationEndpoint, tokenEndpoint, endSessionEndpoint } = provider;
  for (const [field, value] of Object.entries({ issuer, authorizationEndpoint, tokenEndpoint, endSessionEndpoint })) {
    if (value !== undefined && (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol))) {
      tell(`oidc.provider.${field}`, `${JSON.stringify(value)} is no URL with http or https`);
    }
  }
  const refs = provider.backendRef === undefined ? (provider.backendRefs ?? []) : [provider.backendRef];
  const [at, ...others] = servicesAt(refs, 'oidc.provider.backendRefs', context, provider.backendSettings);
  if (others.length > 0) tell('oidc.provider.backendRefs', 'must be one');
  if (provider.backendSettings !== undefined && refs.length === 0) {
    tell('oidc.provider.backendSettings', 'only with backendRefs');
  }
  const password = secretOf(oidc.clientSecret, 'oidc.clientSecret', context);
  if (password !== undefined && (password.secret.data?.['client-secret'] ?? '') === '') {
    tell('oidc.clientSecret', `Secret ${objectKeyText(password.key)} has no key client-secret`);
  }
  const id = oidc.clientID ?? clientIdOf(oidc, context);
  if (password === undefined || id === undefined) return undefined;
  return {
    policy: `${objectKeyText(keyOf(policy))} ${policy.metadata.uid ?? ''}`,
    issuer,
    ...(authorizationEndpoint === undefined ? {} : { authorization: authorizationEndpoint }),
    ...(tokenEndpoint === undefined ? {} : { token: tokenEndpoint }),
    ...(endSessionEndpoint === undefined ? {} : { endSession: endSessionEndpoint }),
    ...(at === undefined ? {} : { at: addressOf(at, provider.backendSettings) }),
    id,
    secret: objectKeyText(password.key),
    scopes: [...new Set(['openid', ...scopes])],
    resources,
    sameSite: oidc.cookieConfig?.sameSite ?? 'Lax',
    ...(oidc.cookieDomain === undefined ? {} : { domain: oidc.cookieDomain }),
    refreshes: refreshToken,
    ...(oidc.disableTokenEncryption === true ? { showsTokens: true } : {}),
    tokenSeconds: seconds(oidc.defaultTokenTTL, TOKEN_SECONDS),
    refreshSeconds: seconds(oidc.defaultRefreshTokenTTL, REFRESH_SECONDS),
    flowSeconds: seconds(oidc.csrfTokenTTL, FLOW_SECONDS),
  };
}

function clientIdOf({ clientIDRef }: Oidc, context: SecurityContext): string | undefined {
  if (clientIDRef === undefined) return undefined;
  const found = secretOf(clientIDRef, 'oidc.clientIDRef', context);
  if (found === undefined) return undefined;
  const id = Buffer.from(found.secret.data?.['client-id'] ?? '', 'base64').toString('utf8');
  if (id === '') context.tell('oidc.clientIDRef', `Secret ${objectKeyText(found.key)} has no key client-id`);
  return id;
}

function seconds(duration: string | undefined, otherwise: number): number {
  const ms = duration === undefined ? undefined : parseDuration(duration);
  return ms === undefined || ms < 1000 ? otherwise : Math.floor(ms / 1000);
}

const SCHEME = '%REQ(x-forwarded-proto)%';
const HOST = '%REQ(:authority)%';

/** Scheme and host may be those of the request. */
function redirectOf(
  text: string | undefined,
  { tell }: SecurityContext,
): { readonly redirect: TemplateIR; readonly callbackPath: string } {
  const [, scheme, host = '', path = ''] =
    /^(.+?):\/\/(%REQ\(:authority\)%|[\w.:[\]-]+)(\/[!-~]*)$/.exec(text ?? `${SCHEME}://${HOST}${DEFAULT_CALLBACK}`) ??
    [];
  if (scheme === undefined || ![SCHEME, 'http', 'https'].includes(scheme) || /[?#%]/.test(path)) {
    tell('oidc.redirectURL', `${JSON.stringify(text)} is no URL with a path`);
    return { redirect: [''], callbackPath: '' };
  }
  return {
    redirect: [
      ...(scheme === SCHEME ? [{ variable: 'scheme' }, '://'] : [`${scheme}://`]),
      ...(host === HOST ? [{ variable: 'http_host' }, path] : [`${host}${path}`]),
    ],
    callbackPath: path,
  };
}
