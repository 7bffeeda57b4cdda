import { ENVOY_GATEWAY_GROUP } from '@causeway/apis/envoy-gateway/bundle';
import type { ExternalAuth } from '@causeway/apis/envoy-gateway/external-auth';
import { headerNameMistake } from '@causeway/apis/gateway/header-rules';
import { keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { ForwardAuthIR } from '@causeway/ir/gateway';
import { resolveBackend } from '../backend-ref.ts';
import type { SecurityContext } from './policy-secret.ts';

/** Connections to the service, per worker. */
const POOL = { connections: 0, requests: 1000, idleSeconds: 60 };

/**
 * Another service is asked whether a request may pass: with its method, its path after a prefix, and its headers. The service gets all headers,
 * not only those that are named.
 *
 * Source: GW-38.
 *
 * @returns undefined when that cannot be, and was told
 */
export function externalAuthOf(auth: ExternalAuth, { view, policy, tell }: SecurityContext): ForwardAuthIR | undefined {
  const { http, failOpen = false, recomputeRoute = false } = auth;
  if (failOpen) tell('extAuth.failOpen', 'true is not served');
  if (recomputeRoute) tell('extAuth.recomputeRoute', 'true is not served');
  if (http === undefined) return undefined;
  const { backendRef, backendRefs = [], path = '', headersToBackend = [] } = http;
  const refs = backendRef === undefined ? backendRefs : [backendRef];
  const [ref] = refs;
  if (ref === undefined || refs.length > 1) {
    tell('extAuth.http.backendRefs', 'must be one');
    return undefined;
  }
  const referrer = { group: ENVOY_GATEWAY_GROUP, kind: 'SecurityPolicy', namespace: keyOf(policy).namespace };
  const resolved = resolveBackend(view, referrer, ref);
  if ('reason' in resolved) {
    tell('extAuth.http.backendRefs', resolved.message);
    return undefined;
  }
  if (resolved.tls !== undefined || resolved.refused !== undefined) {
    tell('extAuth.http.backendRefs', `Service ${objectKeyText(resolved.service)}: BackendTLSPolicy is not served here`);
    return undefined;
  }
  if (path !== '' && !/^\/[!-~]*$/.test(path)) tell('extAuth.http.path', `${JSON.stringify(path)} is no path`);
  for (const name of headersToBackend) {
    const mistake = headerNameMistake(name);
    if (mistake !== undefined) tell('extAuth.http.headersToBackend', mistake);
  }
  const { namespace, name } = resolved.service;
  return {
    type: 'forwardAuth',
    scope: `SecurityPolicy ${objectKeyText(keyOf(policy))}`,
    scheme: resolved.protocol === 'https' ? 'https' : 'http',
    host: [resolved.host ?? `${name}.${namespace}.svc`],
    port: resolved.port,
    target: [...(path === '' ? [] : [path]), { variable: 'request_uri' }],
    method: '',
    failedStatus: 403,
    headers: [],
    upstreamHeaders: headersToBackend,
    alwaysSetCookie: false,
    pool: POOL,
  };
}
