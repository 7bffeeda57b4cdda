import { DEFAULT_AUTH_CACHE_DURATION, readCacheDurations } from '@causeway/apis/gateway/auth-cache';
import { readAuthority } from '@causeway/apis/gateway/auth-url';
import { headerNameMistake, headerValueMistake } from '@causeway/apis/gateway/header-rules';
import type { AuthConfig } from '@causeway/apis/gateway/policy-config';
import { readTemplate, type Template } from '@causeway/apis/gateway/template';
import { type ObjectKey, objectKeyText, parseObjectKey } from '@causeway/apis/meta/object';
import type { AddressRangesIR, FilterIR, ForwardAuthIR, RefuseIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import type { Problem } from './problem.ts';
import { mayUse, notPermitted, type Referent, type Referrer } from './reference.ts';
import { secretId } from './secret-name.ts';

export interface AuthContext {
  readonly view: View;
  /** The object that has the setting, or inherits it. */
  readonly object: Problem['object'];
  /** In whose name Secrets and ConfigMaps are used. */
  readonly referrer: Referrer;
  /** The ALB uses objects of other namespaces without consent. */
  readonly withoutConsent: boolean;
  /** Addresses that need not be authenticated. */
  readonly exempt: AddressRangesIR | undefined;
}

export interface AuthTranslation {
  readonly filters: readonly FilterIR[];
  readonly problems: readonly Problem[];
}

/**
 * auth in force -> filter. What cannot be understood lets nobody through. Of basic and forward the first wins.
 *
 * Source: spec ALB-82, ALB-93, ALB-95.
 */
export function translateAuth(auth: AuthConfig | undefined, context: AuthContext): AuthTranslation {
  if (auth?.basic !== undefined) return translatePasswordAuth(auth.basic, auth.forward !== undefined, context);
  return auth?.forward === undefined ? { filters: [], problems: [] } : translateForwardAuth(auth.forward, context);
}

type Basic = NonNullable<AuthConfig['basic']>;
type Forward = NonNullable<AuthConfig['forward']>;

function translatePasswordAuth(basic: Basic, both: boolean, context: AuthContext): AuthTranslation {
  const { view, object, exempt } = context;
  const invalid = (field: string, message: string, reason: Problem['reason'] = 'InvalidField'): AuthTranslation =>
    refused(
      context,
      { status: 500, reason: 'AuthFail : invalid cfg' },
      reason,
      `spec.config.auth.basic.${field}: ${message}`,
    );
  const scheme = (basic.auth_type ?? '') || 'basic';
  if (scheme !== 'basic' && scheme !== 'digest') {
    return invalid('auth_type', `Unsupported value: ${JSON.stringify(scheme)}: supported values: "basic", "digest"`);
  }
  const layout = (basic.secret_type ?? '') || 'auth-file';
  if (layout !== 'auth-file' && layout !== 'auth-map') {
    return invalid(
      'secret_type',
      `Unsupported value: ${JSON.stringify(layout)}: supported values: "auth-file", "auth-map"`,
    );
  }
  const realm = basic.realm ?? '';
  const mistake = headerValueMistake(realm);
  if (mistake !== undefined) return invalid('realm', mistake);
  const secret = readReference(basic.secret);
  if (secret === undefined) return invalid('secret', `${JSON.stringify(basic.secret ?? '')} is not namespace/name`);
  const id = objectKeyText(secret);
  const referent: Referent = { kind: 'Secret', ...secret };
  if (!mayUse(view, context.referrer, referent, context.withoutConsent))
    return invalid('secret', notPermitted(referent), 'RefNotPermitted');
  const found = view.get('Secret', secret);
  if (found === undefined) return invalid('secret', `Secret ${id} not found`, 'RefNotFound');
  if (layout === 'auth-file' && found.data?.['auth'] === undefined) {
    return invalid('secret', `Secret ${id} has no key auth`, 'RefNotFound');
  }
  const problems: Problem[] = both
    ? [problemOf(object, 'InvalidField', 'spec.config.auth: basic and forward are both there; basic is used')]
    : [];
  return {
    filters: [{ type: 'passwordAuth', scheme, realm, secret: id, layout, ...(exempt === undefined ? {} : { exempt }) }],
    problems,
  };
}

const UNBUILDABLE = { status: 500, reason: 'AuthFail : build-auth-request-fail' };
const NO_CONFIG_MAP = { status: 503, reason: 'AuthFail : invalid-auth-req-cm-ref' };

function translateForwardAuth(forward: Forward, context: AuthContext): AuthTranslation {
  const { object, exempt } = context;
  const invalid = (field: string, message: string): AuthTranslation =>
    refused(context, UNBUILDABLE, 'InvalidField', `spec.config.auth.forward.${field}: ${message}`);

  const url = readAuthority(forward.url ?? '');
  if (typeof url === 'string') return invalid('url', url);
  const texts: Record<string, Template> = {};
  const templates = {
    host: url.host,
    target: url.target,
    signin: forward.signin ?? '',
    auth_request_redirect: forward.auth_request_redirect ?? '',
    cache_key: forward.cache_key ?? '',
  };
  for (const [name, text] of Object.entries(templates)) {
    const read = readTemplate(text);
    if (typeof read === 'string') return invalid(name === 'host' || name === 'target' ? 'url' : name, read);
    texts[name] = read;
  }
  const method = (forward.method ?? '') || 'GET';
  if (!/^[A-Za-z]{1,32}$/.test(method)) return invalid('method', `${JSON.stringify(method)} is no method`);
  for (const [index, name] of (forward.upstream_headers ?? []).entries()) {
    const mistake = headerNameMistake(name);
    if (mistake !== undefined) return invalid(`upstream_headers[${index}]`, mistake);
  }
  const parameter = (forward.signin_redirect_param ?? '') || 'rd';
  if (!/^[-\w.~]+$/.test(parameter)) return invalid('signin_redirect_param', `${JSON.stringify(parameter)} is no name`);
  const durations = readCacheDurations(forward.cache_duration || DEFAULT_AUTH_CACHE_DURATION);
  if (typeof durations === 'string') return invalid('cache_duration', durations);
  const headers = questionHeaders(forward, context);
  if (!('headers' in headers)) return headers;

  const redirect = texts['auth_request_redirect'] ?? [];
  const filter: ForwardAuthIR = {
    type: 'forwardAuth',
    scope: `${object.kind} ${objectKeyText(object.key)}`,
    scheme: url.scheme,
    host: texts['host'] ?? [],
    port: url.port,
    target: texts['target'] ?? [],
    method: method.toUpperCase(),
    headers: [
      ...headers.headers,
      ...(redirect.length === 0 ? [] : [{ name: 'X-Auth-Request-Redirect', value: redirect }]),
    ],
    upstreamHeaders: forward.upstream_headers ?? [],
    ...((forward.signin ?? '') === '' ? {} : { signin: { url: texts['signin'] ?? [], parameter } }),
    alwaysSetCookie: forward.always_set_cookie === true,
    ...((forward.cache_key ?? '') === '' ? {} : { cache: { key: texts['cache_key'] ?? [], durations } }),
    pool: {
      connections: Math.max(0, forward.keepalive ?? 0),
      requests: Math.max(1, forward.keepalive_requests ?? 1000),
      idleSeconds: Math.max(1, forward.keepalive_timeout ?? 60),
    },
    ...(exempt === undefined ? {} : { exempt }),
  };
  return { filters: [filter], problems: [] };
}

/** Entries of the ConfigMap, sorted by name. */
function questionHeaders(
  forward: Forward,
  context: AuthContext,
): { readonly headers: ForwardAuthIR['headers'] } | AuthTranslation {
  const text = forward.auth_headers_cm_ref ?? '';
  if (text === '') return { headers: [] };
  const invalid = (message: string, reason: Problem['reason'] = 'InvalidField'): AuthTranslation =>
    refused(context, NO_CONFIG_MAP, reason, `spec.config.auth.forward.auth_headers_cm_ref: ${message}`);
  const key = readReference(text);
  if (key === undefined) return invalid(`${JSON.stringify(text)} is not namespace/name`);
  const id = objectKeyText(key);
  const referent: Referent = { kind: 'ConfigMap', ...key };
  if (!mayUse(context.view, context.referrer, referent, context.withoutConsent))
    return invalid(notPermitted(referent), 'RefNotPermitted');
  const map = context.view.get('ConfigMap', key);
  if (map === undefined) return invalid(`ConfigMap ${id} not found`, 'RefNotFound');
  const headers: { name: string; value: Template }[] = [];
  for (const name of Object.keys(map.data ?? {}).sort()) {
    const value = map.data?.[name] ?? '';
    const mistake = headerNameMistake(name) ?? headerValueMistake(value);
    if (mistake !== undefined) return invalid(`ConfigMap ${id}: ${mistake}`);
    const read = readTemplate(value);
    if (typeof read === 'string') return invalid(`ConfigMap ${id}: ${name} ${read}`);
    headers.push({ name, value: read });
  }
  return { headers };
}

function refused(
  { object }: AuthContext,
  refusal: Omit<RefuseIR, 'type'>,
  reason: Problem['reason'],
  message: string,
): AuthTranslation {
  const text = `${message}; requests are answered ${refusal.status}`;
  return { filters: [{ type: 'refuse', ...refusal }], problems: [problemOf(object, reason, text)] };
}

function problemOf(object: Problem['object'], reason: Problem['reason'], message: string): Problem {
  return { object, reason, message, severity: 'Warning' };
}

function readReference(text: string | undefined): ObjectKey | undefined {
  const id = secretId(text ?? '');
  return id === undefined ? undefined : parseObjectKey(id);
}
