/** Tests of the suite that fail, by name: what is otherwise here. The list is of the tests that were run so far, up to QueryParamsBasedConsistentHashLoadBalancing in their order. */
export const DIFFERENCES: Readonly<Record<string, string>> = {
  BackendTLS: 'asks a host of the internet; without sni the name of a Backend is that of its endpoints, not the Host',
  BackendUpgrade: 'the test bed does not restart Deployments; no request failed',
  ClientMTLS: 'certificates that are not for clients are refused; TLS 1.0 and 1.1 are not served',
  Compression: 'Zstd is not served, and so the policy is not accepted',
  GatewayWithEnvoyProxy:
    'a machine has no kube-proxy: addresses of Services lead nowhere; variables of Envoy in headers are not served',
  GRPCRouteBackendIPTest: 'a machine has no kube-proxy: addresses of Services lead nowhere',
  EnvoyGatewayBackend: 'a machine has no kube-proxy: addresses of Services lead nowhere',
};
