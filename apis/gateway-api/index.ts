import type { KindDefinition } from '../meta/crd.ts';
import { BackendTLSPolicyKind } from './backend-tls-policy.ts';
import { GatewayKind } from './gateway.ts';
import { GatewayClassKind } from './gateway-class.ts';
import { GRPCRouteKind } from './grpc-route.ts';
import { HTTPRouteKind } from './http-route.ts';
import { ListenerSetKind } from './listener-set.ts';
import { ReferenceGrantKind } from './reference-grant.ts';
import { TCPRouteKind } from './tcp-route.ts';
import { TLSRouteKind } from './tls-route.ts';
import { UDPRouteKind } from './udp-route.ts';
import { XBackendKind } from './x-backend.ts';
import { XBackendTrafficPolicyKind } from './x-backend-traffic-policy.ts';

/** The kinds of the Gateway API that concern gateways (XMesh is not among them). */
export const GATEWAY_API_KINDS: readonly KindDefinition[] = [
  GatewayClassKind,
  GatewayKind,
  ListenerSetKind,
  HTTPRouteKind,
  GRPCRouteKind,
  TLSRouteKind,
  TCPRouteKind,
  UDPRouteKind,
  ReferenceGrantKind,
  BackendTLSPolicyKind,
  XBackendKind,
  XBackendTrafficPolicyKind,
];
