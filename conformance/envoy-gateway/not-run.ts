/** Tests that are about what Causeway has not, or what is not here, by reason. */
const NOT_RUN_FOR: readonly (readonly [reason: string, tests: readonly string[]])[] = [
  [
    "asks Envoy's own access log service, or a Loki of the cluster",
    [
      'ALS',
      'FileAccessLog',
      'OpenTelemetryTextAccessLog',
      'OpenTelemetryAccessLogJSON',
      'OpenTelemetryAccessLogJSONAsDefault',
    ],
  ],
  ['asks a Tempo of the cluster', ['OpenTelemetryTracing', 'ZipkinTracing', 'DatadogTracing', 'BTPTracing']],
  [
    "asks for Envoy's own metrics",
    ['ProxyMetrics', 'MetricCompressor', 'ClusterStatName', 'HTTPRouteStatNameTest', 'TCPRouteStatNameTest'],
  ],
  ['is about the pods of Envoy Gateway', ['ControlPlane', 'MetricWorkqueueAndRestclientTest', 'EGUpgrade']],
  [
    'looks at Deployments and pods of Envoy, which one machine has not',
    [
      'EnvoyShutdown',
      'EnvoyProxyInvalidUpdate',
      'EnvoyProxyCustomName',
      'EnvoyProxyDaemonSet',
      'EnvoyProxyHPA',
      'EnvoyGatewayCustomSecurityContextUserid',
      'GatewayInfraResource',
    ],
  ],
  ["changes Envoy's own configuration", ['EnvoyPatchPolicy', 'EnvoyPatchPolicyXDSNameSchemeV2']],
  [
    'runs code of others in Envoy (EnvoyExtensionPolicy)',
    ['ExtProc', 'LuaHTTP', 'WasmHTTPCodeSource', 'WasmOCIImageCodeSource', 'UsageRateLimit'],
  ],
  [
    'needs an image that is not part of the suite',
    [
      'OIDC',
      'PreserveCase',
      'GRPCExtAuth',
      'GRPCExtAuthTimeout',
      'HTTPExtAuth',
      'HTTPBackendExtAuth',
      'HTTPExtAuthTimeout',
    ],
  ],
  ['nginx has no HTTP/3', ['HTTP3']],
  [
    'is about a kind that is a ListenerSet since release 1.5 of the Gateway API',
    [
      'XListenerSetHTTP',
      'XListenerSetHTTPS',
      'XListenerSetGRPC',
      'XListenerSetTCP',
      'XListenerSetUDP',
      'XListenerSetTLSPassthrough',
      'XListenerSetTLSTermination',
    ],
  ],
  ['no Backend of type DynamicResolver is served', ['DynamicResolverBackend', 'DynamicResolverBackendWithTLS']],
  ['needs another installation of Envoy Gateway', ['BasicMergeGateways', 'InternetGC', 'PrivateGC']],
  [
    'asks a Prometheus of the cluster',
    [
      'BackendHealthCheckActiveHTTP',
      'BackendPanicThresholdHTTPTest',
      'ConnectionLimit',
      'RateLimitCIDRMatch',
      'RateLimitGlobalSharedCidrMatch',
      'RateLimitGlobalSharedGatewayHeaderMatch',
      'RateLimitQueryParameters',
    ],
  ],
  ["reads the metrics of Envoy's service of rate limits", ['RateLimitBasedJwtClaims']],
  ['wants its clients in the networks of a cluster of kind', ['AuthzWithClientIPTrustedCIDRs']],
  ['ends the suite where curves and signatures of Backends are not served', ['BackendTLSSettings']],
];

/** By name: why. */
export const NOT_RUN: Readonly<Record<string, string>> = Object.fromEntries(
  NOT_RUN_FOR.flatMap(([reason, tests]) => tests.map((name) => [name, reason])),
);
