/** Settings of policies that are understood and not served: they are told by name, never left out in silence. */
import type { Policy, PolicyKind } from './policy-kind.ts';

/** By kind, paths of fields; of lists `[]` stands for every item. */
const UNSERVED: Readonly<Record<PolicyKind, readonly string[]>> = {
  SecurityPolicy: [
    'mergeType',
    'extAuth.grpc',
    'extAuth.http.backendSettings',
    'extAuth.bodyToExtAuth',
    'extAuth.timeout',
    'extAuth.contextExtensions',
    'jwt',
    'oidc',
  ],
  BackendTrafficPolicy: [
    'mergeType',
    'retry.numAttemptsPerPriority',
    'retry.perRetry.backOff',
    'timeout.http.connectionIdleTimeout',
    'timeout.http.maxConnectionDuration',
    'timeout.http.maxStreamDuration',
    'loadBalancer.zoneAware',
    'loadBalancer.endpointOverride',
    'rateLimit.global',
    'rateLimit.local.rules[].cost',
    'rateLimit.local.rules[].shadowMode',
    'faultInjection.abort.grpcStatus',
    'healthCheck',
    'circuitBreaker.maxConnections',
    'circuitBreaker.maxPendingRequests',
    'circuitBreaker.maxParallelRetries',
    'circuitBreaker.maxRequestsPerConnection',
    'circuitBreaker.perEndpoint',
    'compression',
    'compressor[].brotli',
    'compressor[].zstd',
    'compressor[].minContentLength',
    'connection',
    'dns',
    'http2',
    'httpUpgrade[].connect',
    'proxyProtocol',
    'responseOverride',
    'routingType',
    'tcpKeepalive',
    'telemetry',
    'useClientProtocol',
  ],
  ClientTrafficPolicy: [
    'tls.alpnProtocols',
    'tls.ecdhCurves',
    'tls.signatureAlgorithms',
    'tls.session',
    'tls.fingerprints',
    'headers.earlyRequestHeaders.addIfAbsent',
    'headers.earlyRequestHeaders.removeOnMatch',
    'headers.lateResponseHeaders.addIfAbsent',
    'headers.lateResponseHeaders.removeOnMatch',
    'headers.withUnderscoresAction',
    'headers.enableEnvoyHeaders',
    'headers.disableRateLimitHeaders',
    'headers.preserveXRequestID',
    'headers.requestID',
    'headers.xForwardedClientCert',
    'timeout.tcp.idleTimeout',
    'timeout.http.requestReceivedTimeout',
    'timeout.http.streamIdleTimeout',
    'clientIPDetection.xForwardedFor.numTrustedHops',
    'clientIPDetection.customHeader',
    'connection',
    'proxyProtocol',
    'enableProxyProtocol',
    'path',
    'scheme',
    'http1',
    'http2',
    'http3',
    'healthCheck',
  ],
};

/** What is said of each setting that a policy has and that is not served. */
export function unservedSettings(kind: PolicyKind, policy: Policy): readonly string[] {
  return UNSERVED[kind].filter((path) => isSet(policy.spec, path.split('.'))).map((path) => `spec.${path}: not served`);
}

function isSet(value: unknown, [name = '', ...rest]: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const isList = name.endsWith('[]');
  const found = (value as Readonly<Record<string, unknown>>)[isList ? name.slice(0, -2) : name];
  if (found === undefined) return false;
  if (isList) return Array.isArray(found) && found.some((item) => isSet(item, rest));
  return rest.length === 0 || isSet(found, rest);
}
