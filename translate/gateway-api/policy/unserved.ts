/** Settings of policies that are understood and not served: they are told by name, never left out in silence. */
import type { Policy, PolicyKind } from './policy-kind.ts';

/** By kind, paths of fields; of lists `[]` stands for every item. */
const UNSERVED: Readonly<Record<PolicyKind, readonly string[]>> = {
  SecurityPolicy: [
    ...ofSettings('extAuth.grpc.backendSettings', ['retry', 'timeout.tcp']),
    ...ofSettings('extAuth.http.backendSettings', ['retry', 'timeout.tcp']),
    ...ofSettings('jwt.providers[].remoteJWKS.backendSettings', ['retry.numAttemptsPerPriority']),
    ...ofSettings('oidc.provider.backendSettings', ['retry.numAttemptsPerPriority']),
  ],
  BackendTrafficPolicy: [
    'retry.numAttemptsPerPriority',
    'connection',
    'http2',
    'httpUpgrade[].connect',
    'tcpKeepalive.probes',
    'tcpKeepalive.idleTime',
    'tcpKeepalive.interval',
    'telemetry.metrics',
  ],
  ClientTrafficPolicy: [
    'tls.fingerprints',
    'connection.socketBufferLimit',
    'connection.maxAcceptPerSocketEvent',
    'http1.enableTrailers',
    'http1.disableSafeMaxConnectionDuration',
    'http2.initialConnectionWindowSize',
    'http2.onInvalidMessage',
    'http2.connectionKeepalive',
    'http3',
  ],
};

/** Of how a service is reached that is asked. @param also beside those that nobody has who asks */
function ofSettings(field: string, also: readonly string[]): readonly string[] {
  const own = [
    'dns.dnsRefreshRate',
    ...['loadBalancer', 'proxyProtocol', 'tcpKeepalive', 'healthCheck', 'circuitBreaker', 'connection', 'http2'],
    ...['connectionIdleTimeout', 'maxConnectionDuration', 'maxStreamDuration'].map((name) => `timeout.http.${name}`),
  ];
  return [...own, ...also].map((name) => `${field}.${name}`);
}

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
