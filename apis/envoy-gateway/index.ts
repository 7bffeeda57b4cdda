import type { KindDefinition } from '../meta/crd.ts';
import { BackendKind } from './backend.ts';
import { BackendTrafficPolicyKind } from './backend-traffic-policy.ts';
import { ClientTrafficPolicyKind } from './client-traffic-policy.ts';
import { EnvoyGatewayCtlKind } from './envoy-gateway-ctl.ts';
import { EnvoyProxyKind } from './envoy-proxy.ts';
import { HTTPRouteFilterKind } from './http-route-filter.ts';
import { SecurityPolicyKind } from './security-policy.ts';

/** The kinds of Envoy Gateway that are served. */
export const ENVOY_GATEWAY_KINDS: readonly KindDefinition[] = [
  SecurityPolicyKind,
  BackendTrafficPolicyKind,
  ClientTrafficPolicyKind,
  BackendKind,
  HTTPRouteFilterKind,
  EnvoyProxyKind,
  EnvoyGatewayCtlKind,
];
