import type { ExternalAuthFilter } from '@causeway/apis/gateway-api/external-auth-filter';
import type { ForwardAuthIR, GrpcAuthIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import type { Referrer } from '../../gateway/reference.ts';
import { type RefRefusal, resolveBackend } from '../backend/backend-ref.ts';
import { askedService } from '../plane/asked-service.ts';

/** Connections to the service that are kept. */
const POOL = { connections: 0, requests: 1000, idleSeconds: 60 };
/** Of a question by gRPC. */
const TIMEOUT_MS = 10_000;
/** As many as upstream's field can say. */
const MOST_BODY_BYTES = 65_535;
/** Of one connection, or about the body: never taken from the service's answer or told to it. */
const OF_CONNECTION: ReadonlySet<string> = new Set([
  ...['connection', 'content-length', 'host', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding'],
  'upgrade',
]);

/**
 * Another service decides whether a request may pass: it sees the request, the beginning of its body if that is wanted, and what it answers with another status
 * than 200 the client gets.
 *
 * Source: GW-25; GEP-1494.
 *
 * @returns a reference that cannot be followed, or text: what cannot be served; either way nobody may get through
 */
export function translateExternalAuth(
  view: View,
  referrer: Referrer,
  { protocol, backendRef, http = {}, grpc = {}, forwardBody }: ExternalAuthFilter,
): ForwardAuthIR | GrpcAuthIR | RefRefusal | string {
  const bodyBytes = forwardBody?.maxSize ?? 0;
  if (bodyBytes > MOST_BODY_BYTES) return `externalAuth.forwardBody.maxSize: at most ${MOST_BODY_BYTES}`;
  const body = bodyBytes > 0 ? { bodyBytes, cutsBody: true as const } : {};
  const backend = resolveBackend(view, referrer, backendRef);
  if ('reason' in backend) return backend;
  const asked = askedService(backend);
  if (typeof asked === 'string') return `externalAuth.backendRef: ${asked}`;
  const isSecure = backend.protocol === 'https' || backend.protocol === 'grpcs';
  if (protocol === 'GRPC' && isSecure && asked.tls === undefined) {
    return 'externalAuth.backendRef: TLS needs a BackendTLSPolicy, which says whom to trust';
  }
  if (protocol === 'GRPC') {
    const told = namesOf(grpc.allowedHeaders ?? []);
    return {
      type: 'grpcAuth',
      services: [asked],
      timeoutMs: TIMEOUT_MS,
      failOpen: false,
      ...body,
      ...(told.length === 0 ? {} : { headers: told }),
      extensions: {},
    };
  }
  const { path = '', allowedHeaders = [], allowedResponseHeaders } = http;
  return {
    type: 'forwardAuth',
    scope: `${referrer.kind} ${referrer.namespace}`,
    scheme: isSecure ? 'https' : 'http',
    host: [asked.host],
    port: asked.port,
    ...(asked.tls === undefined ? {} : { tls: asked.tls }),
    target: [path.replace(/\/$/, ''), { variable: 'request_uri' }],
    method: '',
    original: { headers: namesOf(allowedHeaders) },
    ...body,
    headers: [],
    upstreamHeaders: allowedResponseHeaders === undefined ? 'all' : namesOf(allowedResponseHeaders),
    alwaysSetCookie: false,
    pool: POOL,
  };
}

function namesOf(names: readonly string[]): readonly string[] {
  return [...new Set(names.map((name) => name.toLowerCase()))].filter((name) => !OF_CONNECTION.has(name)).sort();
}
