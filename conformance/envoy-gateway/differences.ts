/** Tests of the suite that fail, by name: what is otherwise here. */
export const DIFFERENCES: Readonly<Record<string, string>> = {
  BackendTLS: 'asks a host of the internet; without sni the name of a Backend is that of its endpoints, not the Host',
  BackendUpgrade: 'the test bed does not restart Deployments; no request failed',
  ClientMTLS: 'certificates that are not for clients are refused; TLS 1.0 and 1.1 are not served',
  Compression: 'without a policy answers are compressed with gzip, as by an ALB; all else of it passes',
  CookieBasedSessionPersistence: 'cookies say Max-Age and Expires, without quotes',
  GatewayWithEnvoyProxy: 'wants the ClusterIP of a Service to serve, which at home nothing does',
  LocalRateLimit: 'a request that no limit is for has no X-RateLimit-Limit, which is 4294967295 there',
  ProxyProtocol: 'its backend is a Service by the name that Envoy Gateway gives those of Gateways',
  RateLimitMultipleListeners:
    'a limit of a route counts its requests at all listeners together, those of each apart there',
  WeightedRoute: 'a Service without endpoints has no share: requests go to the others',
  ...Object.fromEntries(
    ['Retry', 'ZoneAwareRouting'].map((name) => [name, 'asks a Prometheus, or Deployments of Envoy']),
  ),
};
