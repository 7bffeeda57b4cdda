import type { AuthConfig } from '@causeway/apis/gateway/policy-config';
import type { IngressFeature } from './ingress-feature.ts';
import type { IngressReader } from './ingress-reader.ts';

const PASSWORD = ['auth-type', 'auth-secret', 'auth-secret-type', 'auth-realm'] as const;
const FORWARD = [
  'auth-url',
  'auth-method',
  'auth-proxy-set-headers',
  'auth-response-headers',
  'auth-signin',
  'auth-signin-redirect-param',
  'auth-request-redirect',
  'auth-always-set-cookie',
  'auth-cache-key',
  'auth-cache-duration',
  'auth-keepalive',
  'auth-keepalive-requests',
  'auth-keepalive-timeout',
  'auth-keepalive-share-vars',
] as const;
const SWITCHES = ['auth-enable', 'enable-global-auth'] as const;
const LISTS = ['whitelist-source-range', 'allowlist-source-range', 'denylist-source-range', 'satisfy'] as const;

/** Without these a request would get through, or through to somebody else, that shall not. */
const PROTECTING = [
  ...['auth-type', 'auth-secret', 'auth-secret-type', 'auth-url', 'auth-method', 'auth-proxy-set-headers'],
  ...['auth-response-headers', 'auth-signin', 'auth-cache-key', 'auth-cache-duration'],
] as readonly (typeof PASSWORD | typeof FORWARD)[number][];

/**
 * Who may send requests to the paths of an Ingress. What protects and cannot be read closes the path.
 *
 * Source: spec 5.7, ALB-26, ALB-91, LIM-08.
 */
export const ACCESS_FEATURE: IngressFeature = {
  annotations: [...PASSWORD, ...FORWARD, ...SWITCHES, ...LISTS],
  byPath: [...PASSWORD, ...FORWARD, ...SWITCHES],
  translate: (read) => {
    const off = SWITCHES.some((name) => read.value(name) === false);
    const mistake = read.mistake(LISTS) ?? (off ? undefined : read.mistake(PROTECTING));
    if (mistake !== undefined) return { config: { refused: mistake } };
    const auth = off ? {} : authOf(read);
    const allow = [...(read.value('whitelist-source-range') ?? []), ...(read.value('allowlist-source-range') ?? [])];
    const deny = read.value('denylist-source-range') ?? [];
    const satisfy = read.value('satisfy');
    return {
      config: {
        ...(auth === undefined ? {} : { auth }),
        ...(allow.length + deny.length === 0
          ? {}
          : { sourceRange: { ...(allow.length > 0 && { allow }), ...(deny.length > 0 && { deny }) } }),
        ...(satisfy === undefined ? {} : { satisfy }),
      },
    };
  },
};

/** @returns undefined when nothing asks for authentication: the Rule inherits it */
function authOf(read: IngressReader): AuthConfig | undefined {
  if (read.value('auth-type') !== undefined || read.value('auth-secret') !== undefined) return { basic: basicOf(read) };
  return read.value('auth-url') === undefined ? undefined : { forward: forwardOf(read) };
}

function basicOf(read: IngressReader): NonNullable<AuthConfig['basic']> {
  const secret = read.value('auth-secret');
  const layout = read.value('auth-secret-type');
  const realm = read.value('auth-realm');
  return {
    auth_type: read.value('auth-type') ?? 'basic',
    ...(secret === undefined ? {} : { secret: withNamespace(secret, read) }),
    ...(layout === undefined ? {} : { secret_type: layout }),
    ...(realm === undefined ? {} : { realm }),
  };
}

function forwardOf(read: IngressReader): NonNullable<AuthConfig['forward']> {
  const headers = read.value('auth-proxy-set-headers');
  return {
    ...given('url', read.value('auth-url')),
    ...given('method', read.value('auth-method')),
    ...given('auth_headers_cm_ref', headers === undefined ? undefined : withNamespace(headers, read)),
    ...given('auth_request_redirect', read.value('auth-request-redirect')),
    ...given('upstream_headers', read.value('auth-response-headers')),
    ...given('signin', read.value('auth-signin')),
    ...given('signin_redirect_param', read.value('auth-signin-redirect-param')),
    ...given('always_set_cookie', read.value('auth-always-set-cookie')),
    ...given('cache_key', read.value('auth-cache-key')),
    ...given('cache_duration', read.value('auth-cache-duration')),
    ...given('keepalive', read.value('auth-keepalive')),
    ...given('keepalive_requests', read.value('auth-keepalive-requests')),
    ...given('keepalive_timeout', read.value('auth-keepalive-timeout')),
  };
}

function given<K extends string, V>(name: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [P in K]?: V });
}

/** A name alone is one of the Ingress's own namespace. */
function withNamespace(name: string, { namespace }: IngressReader): string {
  return name.includes('/') ? name : `${namespace}/${name}`;
}
