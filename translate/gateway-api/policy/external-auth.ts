import type { ExternalAuth } from '@causeway/apis/envoy-gateway/external-auth';
import { headerNameMistake } from '@causeway/apis/gateway/header-rules';
import { keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { ForwardAuthIR, GrpcAuthIR } from '@causeway/ir/gateway';
import { parseDuration } from '../duration.ts';
import { askingOf } from './asking.ts';
import type { SecurityContext } from './policy-secret.ts';
import { addressOf, servicesAt } from './service-at.ts';

/** Connections to the service, per worker. */
const POOL = { connections: 0, requests: 1000, idleSeconds: 60 };
const DEFAULT_TIMEOUT_MS = 10_000;
/** What a worker tells its agent about a request has room for so many. */
const MOST_GRPC_BODY_BYTES = 524_288;

/**
 * Another service is asked whether a request may pass: by HTTP with its method, its path after a prefix, and some of its headers, or by gRPC.
 *
 * Source: GW-38.
 *
 * @returns undefined when that cannot be, and was told
 */
export function externalAuthOf(auth: ExternalAuth, context: SecurityContext): ForwardAuthIR | GrpcAuthIR | undefined {
  const { tell } = context;
  const ms = auth.timeout === undefined ? undefined : parseDuration(auth.timeout);
  const { backendSettings } = auth.grpc ?? auth.http ?? {};
  const requestMs = backendSettings && askingOf(backendSettings).timeoutMs;
  const timeoutMs = Math.min(ms === undefined || ms === 0 ? DEFAULT_TIMEOUT_MS : ms, requestMs ?? Infinity);
  const bodyBytes = auth.bodyToExtAuth?.maxRequestBytes;
  for (const name of auth.headersToExtAuth ?? []) {
    const mistake = headerNameMistake(name);
    if (mistake !== undefined) tell('extAuth.headersToExtAuth', mistake);
  }
  if (auth.grpc !== undefined) {
    if (bodyBytes !== undefined && bodyBytes > MOST_GRPC_BODY_BYTES) {
      tell('extAuth.bodyToExtAuth.maxRequestBytes', `more than ${MOST_GRPC_BODY_BYTES} are not served with grpc`);
    }
    return byGrpc(auth, { timeoutMs, ...(bodyBytes === undefined ? {} : { bodyBytes }) }, context);
  }
  if ((auth.contextExtensions ?? []).length > 0) tell('extAuth.contextExtensions', 'only with grpc');
  return byHttp(auth, { timeoutMs, ...(bodyBytes === undefined ? {} : { bodyBytes }) }, context);
}

interface Limits {
  readonly timeoutMs: number;
  readonly bodyBytes?: number;
}

function byGrpc(
  { grpc, failOpen = false, headersToExtAuth, contextExtensions = [] }: ExternalAuth,
  limits: Limits,
  context: SecurityContext,
): GrpcAuthIR | undefined {
  const { backendRef, backendRefs = [] } = grpc ?? {};
  const services = servicesAt(
    backendRef === undefined ? backendRefs : [backendRef],
    'extAuth.grpc.backendRefs',
    context,
    grpc?.backendSettings,
  );
  if (services.some(({ secure, tls }) => secure && tls === undefined)) {
    context.tell('extAuth.grpc.backendRefs', 'TLS needs a BackendTLSPolicy, which says whom to trust');
  }
  if (services.length === 0) return undefined;
  return {
    type: 'grpcAuth',
    services: services.map((each) => addressOf(each)),
    ...limits,
    failOpen,
    ...(headersToExtAuth === undefined ? {} : { headers: headersToExtAuth.map((name) => name.toLowerCase()) }),
    extensions: Object.fromEntries(contextExtensions.map((each) => [each.name, extensionOf(each, context)])),
  };
}

function extensionOf(
  { name, value, valueRef }: NonNullable<ExternalAuth['contextExtensions']>[number],
  { view, policy, tell }: SecurityContext,
): string {
  if (valueRef === undefined) return value ?? '';
  const { kind, key } = valueRef;
  const object = { namespace: keyOf(policy).namespace, name: valueRef.name };
  const found =
    kind === 'ConfigMap' ? view.get('ConfigMap', object)?.data?.[key] : view.get('Secret', object)?.data?.[key];
  if (found === undefined) {
    tell('extAuth.contextExtensions', `${name}: ${kind} ${objectKeyText(object)} has no key ${key}`);
    return '';
  }
  return kind === 'ConfigMap' ? found : Buffer.from(found, 'base64').toString('utf8');
}

function byHttp(
  { http, failOpen = false, headersToExtAuth = [] }: ExternalAuth,
  limits: Limits,
  context: SecurityContext,
): ForwardAuthIR | undefined {
  const { policy, tell } = context;
  const { backendRef, backendRefs = [], path = '', headersToBackend = [] } = http ?? {};
  const services = servicesAt(
    backendRef === undefined ? backendRefs : [backendRef],
    'extAuth.http.backendRefs',
    context,
    http?.backendSettings,
  );
  const [service] = services;
  if (path !== '' && !/^\/[!-~]*$/.test(path)) tell('extAuth.http.path', `${JSON.stringify(path)} is no path`);
  for (const name of headersToBackend) {
    const mistake = headerNameMistake(name);
    if (mistake !== undefined) tell('extAuth.http.headersToBackend', mistake);
  }
  if (service === undefined) return undefined;
  const ownTls = services.filter(({ tls }) => tls === undefined);
  if (ownTls.some(({ secure }) => secure !== ownTls[0]?.secure)) {
    tell('extAuth.http.backendRefs', 'some are reached by TLS, others are not');
  }
  return {
    type: 'forwardAuth',
    scope: `SecurityPolicy ${objectKeyText(keyOf(policy))}`,
    scheme: (ownTls[0] ?? service).secure ? 'https' : 'http',
    host: [service.host],
    port: service.port,
    ...(service.tls === undefined ? {} : { tls: service.tls }),
    ...(services.length > 1 ? { services: services.map((each) => addressOf(each)) } : {}),
    target: [...(path === '' ? [] : [path]), { variable: 'request_uri' }],
    method: '',
    original: { headers: headersToExtAuth.map((name) => name.toLowerCase()) },
    failedStatus: 403,
    ...limits,
    ...(failOpen ? { failOpen: true as const } : {}),
    headers: [],
    upstreamHeaders: headersToBackend,
    alwaysSetCookie: false,
    pool: POOL,
  };
}
