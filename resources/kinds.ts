import type { Backend } from '@causeway/apis/envoy-gateway/backend';
import { BackendKind } from '@causeway/apis/envoy-gateway/backend';
import type { BackendTrafficPolicy } from '@causeway/apis/envoy-gateway/backend-traffic-policy';
import { BackendTrafficPolicyKind } from '@causeway/apis/envoy-gateway/backend-traffic-policy';
import type { ClientTrafficPolicy } from '@causeway/apis/envoy-gateway/client-traffic-policy';
import { ClientTrafficPolicyKind } from '@causeway/apis/envoy-gateway/client-traffic-policy';
import type { EnvoyGatewayCtl } from '@causeway/apis/envoy-gateway/envoy-gateway-ctl';
import { EnvoyGatewayCtlKind } from '@causeway/apis/envoy-gateway/envoy-gateway-ctl';
import type { EnvoyProxy } from '@causeway/apis/envoy-gateway/envoy-proxy';
import { EnvoyProxyKind } from '@causeway/apis/envoy-gateway/envoy-proxy';
import type { HTTPRouteFilterObject } from '@causeway/apis/envoy-gateway/http-route-filter';
import { HTTPRouteFilterKind } from '@causeway/apis/envoy-gateway/http-route-filter';
import type { SecurityPolicy } from '@causeway/apis/envoy-gateway/security-policy';
import { SecurityPolicyKind } from '@causeway/apis/envoy-gateway/security-policy';
import type { ALB2 } from '@causeway/apis/gateway/alb2';
import { ALB2Kind } from '@causeway/apis/gateway/alb2';
import type { Frontend } from '@causeway/apis/gateway/frontend';
import { FrontendKind } from '@causeway/apis/gateway/frontend';
import type { IngressNginx } from '@causeway/apis/gateway/ingress-nginx';
import { IngressNginxKind } from '@causeway/apis/gateway/ingress-nginx';
import type { Instance } from '@causeway/apis/gateway/instance';
import { InstanceKind } from '@causeway/apis/gateway/instance';
import type { Rule } from '@causeway/apis/gateway/rule';
import { RuleKind } from '@causeway/apis/gateway/rule';
import type { TimeoutPolicy } from '@causeway/apis/gateway/timeout-policy';
import { TimeoutPolicyKind } from '@causeway/apis/gateway/timeout-policy';
import type { BackendTLSPolicy } from '@causeway/apis/gateway-api/backend-tls-policy';
import { BackendTLSPolicyKind } from '@causeway/apis/gateway-api/backend-tls-policy';
import type { Gateway } from '@causeway/apis/gateway-api/gateway';
import { GatewayKind } from '@causeway/apis/gateway-api/gateway';
import type { GatewayClass } from '@causeway/apis/gateway-api/gateway-class';
import { GatewayClassKind } from '@causeway/apis/gateway-api/gateway-class';
import type { GRPCRoute } from '@causeway/apis/gateway-api/grpc-route';
import { GRPCRouteKind } from '@causeway/apis/gateway-api/grpc-route';
import type { HTTPRoute } from '@causeway/apis/gateway-api/http-route';
import { HTTPRouteKind } from '@causeway/apis/gateway-api/http-route';
import type { ListenerSet } from '@causeway/apis/gateway-api/listener-set';
import { ListenerSetKind } from '@causeway/apis/gateway-api/listener-set';
import type { ReferenceGrant } from '@causeway/apis/gateway-api/reference-grant';
import { ReferenceGrantKind } from '@causeway/apis/gateway-api/reference-grant';
import type { TCPRoute } from '@causeway/apis/gateway-api/tcp-route';
import { TCPRouteKind } from '@causeway/apis/gateway-api/tcp-route';
import type { TLSRoute } from '@causeway/apis/gateway-api/tls-route';
import { TLSRouteKind } from '@causeway/apis/gateway-api/tls-route';
import type { UDPRoute } from '@causeway/apis/gateway-api/udp-route';
import { UDPRouteKind } from '@causeway/apis/gateway-api/udp-route';
import type { XBackendTrafficPolicy } from '@causeway/apis/gateway-api/x-backend-traffic-policy';
import { XBackendTrafficPolicyKind } from '@causeway/apis/gateway-api/x-backend-traffic-policy';
import { BUILT_IN_KINDS } from '@causeway/apis/kubernetes/kinds';
import type { KindRef } from '@causeway/apis/meta/kind';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { DaemonSet as AppsDaemonSet, Deployment as AppsDeployment } from 'kubernetes-types/apps/v1';
import type { HorizontalPodAutoscaler as AutoscalingHorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2';
import type {
  ConfigMap as CoreConfigMap,
  Namespace as CoreNamespace,
  Node as CoreNode,
  Secret as CoreSecret,
  Service as CoreService,
  ServiceAccount as CoreServiceAccount,
} from 'kubernetes-types/core/v1';
import type { EndpointSlice as DiscoveryEndpointSlice } from 'kubernetes-types/discovery/v1';
import type {
  Ingress as NetworkingIngress,
  IngressClass as NetworkingIngressClass,
} from 'kubernetes-types/networking/v1';
import type { PodDisruptionBudget as PolicyPodDisruptionBudget } from 'kubernetes-types/policy/v1';

import type {
  ClusterRole as RbacClusterRole,
  ClusterRoleBinding as RbacClusterRoleBinding,
} from 'kubernetes-types/rbac/v1';

export type {
  ALB2,
  Backend,
  BackendTLSPolicy,
  BackendTrafficPolicy,
  ClientTrafficPolicy,
  EnvoyGatewayCtl,
  EnvoyProxy,
  Frontend,
  Gateway,
  GatewayClass,
  GRPCRoute,
  HTTPRoute,
  HTTPRouteFilterObject,
  IngressNginx,
  Instance,
  ListenerSet,
  ReferenceGrant,
  Rule,
  SecurityPolicy,
  TCPRoute,
  TimeoutPolicy,
  TLSRoute,
  UDPRoute,
  XBackendTrafficPolicy,
};

/** `T` with everything in it readonly. */
export type DeepReadonly<T> = T extends (infer E)[]
  ? readonly DeepReadonly<E>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

/** A built-in type with the metadata that stored objects always have. */
type Stored<T> = DeepReadonly<Omit<T, 'apiVersion' | 'kind' | 'metadata'>> & KubernetesObject;

export type Ingress = Stored<NetworkingIngress>;
export type IngressClass = Stored<NetworkingIngressClass>;
export type Service = Stored<CoreService>;
export type EndpointSlice = Stored<DiscoveryEndpointSlice>;
export type Secret = Stored<CoreSecret>;
export type Namespace = Stored<CoreNamespace>;
export type ConfigMap = Stored<CoreConfigMap>;
export type ServiceAccount = Stored<CoreServiceAccount>;
export type Deployment = Stored<AppsDeployment>;
export type DaemonSet = Stored<AppsDaemonSet>;
export type HorizontalPodAutoscaler = Stored<AutoscalingHorizontalPodAutoscaler>;
export type PodDisruptionBudget = Stored<PolicyPodDisruptionBudget>;
export type Node = Stored<CoreNode>;
export type ClusterRole = Stored<RbacClusterRole>;
export type ClusterRoleBinding = Stored<RbacClusterRoleBinding>;

/** What DNS says about the name of an ExternalName Service: no API object, `metadata.name` is the name. */
export interface HostName extends KubernetesObject {
  /** Of the last successful answer, IPv4 and IPv6, sorted. */
  readonly addresses: readonly string[];
  /** Why the last attempt failed. */
  readonly failure?: string;
}

/** Every kind of the Kubernetes API that translators may read. */
export interface KindMap {
  ALB2: ALB2;
  Frontend: Frontend;
  Rule: Rule;
  Instance: Instance;
  IngressNginx: IngressNginx;
  GatewayClass: GatewayClass;
  Gateway: Gateway;
  ListenerSet: ListenerSet;
  HTTPRoute: HTTPRoute;
  GRPCRoute: GRPCRoute;
  TLSRoute: TLSRoute;
  TCPRoute: TCPRoute;
  UDPRoute: UDPRoute;
  BackendTLSPolicy: BackendTLSPolicy;
  XBackendTrafficPolicy: XBackendTrafficPolicy;
  SecurityPolicy: SecurityPolicy;
  BackendTrafficPolicy: BackendTrafficPolicy;
  ClientTrafficPolicy: ClientTrafficPolicy;
  Backend: Backend;
  HTTPRouteFilter: HTTPRouteFilterObject;
  EnvoyProxy: EnvoyProxy;
  EnvoyGatewayCtl: EnvoyGatewayCtl;
  TimeoutPolicy: TimeoutPolicy;
  ReferenceGrant: ReferenceGrant;
  Ingress: Ingress;
  IngressClass: IngressClass;
  Service: Service;
  EndpointSlice: EndpointSlice;
  Secret: Secret;
  Namespace: Namespace;
  ConfigMap: ConfigMap;
  ServiceAccount: ServiceAccount;
  Deployment: Deployment;
  DaemonSet: DaemonSet;
  HorizontalPodAutoscaler: HorizontalPodAutoscaler;
  PodDisruptionBudget: PodDisruptionBudget;
  Node: Node;
  ClusterRole: ClusterRole;
  ClusterRoleBinding: ClusterRoleBinding;
  /** Without `spec` and `status`, see {@link CONTROLLER_KIND_NAMES}. */
  CustomResourceDefinition: KubernetesObject;
}

export type KindName = keyof KindMap;

/** Everything that translators may read. */
export interface FactMap extends KindMap {
  HostName: HostName;
}

export type FactName = keyof FactMap;

/** The version in which each kind is watched. */
export const KIND_REFS: Readonly<Record<KindName, KindRef>> = {
  ALB2: ALB2Kind.names,
  Frontend: FrontendKind.names,
  Rule: RuleKind.names,
  Instance: InstanceKind.names,
  IngressNginx: IngressNginxKind.names,
  GatewayClass: GatewayClassKind.names,
  Gateway: GatewayKind.names,
  ListenerSet: ListenerSetKind.names,
  HTTPRoute: HTTPRouteKind.names,
  GRPCRoute: GRPCRouteKind.names,
  TLSRoute: TLSRouteKind.names,
  TCPRoute: TCPRouteKind.names,
  UDPRoute: UDPRouteKind.names,
  BackendTLSPolicy: BackendTLSPolicyKind.names,
  XBackendTrafficPolicy: XBackendTrafficPolicyKind.names,
  SecurityPolicy: SecurityPolicyKind.names,
  BackendTrafficPolicy: BackendTrafficPolicyKind.names,
  ClientTrafficPolicy: ClientTrafficPolicyKind.names,
  Backend: BackendKind.names,
  HTTPRouteFilter: HTTPRouteFilterKind.names,
  EnvoyProxy: EnvoyProxyKind.names,
  EnvoyGatewayCtl: EnvoyGatewayCtlKind.names,
  TimeoutPolicy: TimeoutPolicyKind.names,
  ReferenceGrant: ReferenceGrantKind.names,
  Ingress: builtIn('networking.k8s.io', 'Ingress'),
  IngressClass: builtIn('networking.k8s.io', 'IngressClass'),
  Service: builtIn('', 'Service'),
  EndpointSlice: builtIn('discovery.k8s.io', 'EndpointSlice'),
  Secret: builtIn('', 'Secret'),
  Namespace: builtIn('', 'Namespace'),
  ConfigMap: builtIn('', 'ConfigMap'),
  ServiceAccount: builtIn('', 'ServiceAccount'),
  Deployment: builtIn('apps', 'Deployment'),
  DaemonSet: builtIn('apps', 'DaemonSet'),
  HorizontalPodAutoscaler: builtIn('autoscaling', 'HorizontalPodAutoscaler'),
  PodDisruptionBudget: builtIn('policy', 'PodDisruptionBudget'),
  Node: builtIn('', 'Node'),
  ClusterRole: rbac('ClusterRole', 'clusterroles'),
  ClusterRoleBinding: rbac('ClusterRoleBinding', 'clusterrolebindings'),
  CustomResourceDefinition: builtIn('apiextensions.k8s.io', 'CustomResourceDefinition'),
};

/** What data planes consist of on a cluster, and where they are; at home nobody reads them. */
export const CLUSTER_KIND_NAMES: readonly KindName[] = [
  'ServiceAccount',
  'Deployment',
  'DaemonSet',
  'HorizontalPodAutoscaler',
  'PodDisruptionBudget',
  'Node',
  'ClusterRole',
  'ClusterRoleBinding',
];

/** What controllers read and data planes do not: which release of the Gateway API there is. */
export const CONTROLLER_KIND_NAMES: readonly KindName[] = ['CustomResourceDefinition'];

/** The kinds that are read everywhere. */
export const KIND_NAMES: readonly KindName[] = (Object.keys(KIND_REFS) as KindName[]).filter(
  (kind) => !CLUSTER_KIND_NAMES.includes(kind) && !CONTROLLER_KIND_NAMES.includes(kind),
);

export const FACT_NAMES: readonly FactName[] = [
  ...KIND_NAMES,
  ...CLUSTER_KIND_NAMES,
  ...CONTROLLER_KIND_NAMES,
  'HostName',
];

function rbac(kind: string, plural: string): KindRef {
  return { group: 'rbac.authorization.k8s.io', version: 'v1', kind, plural, namespaced: false };
}

function builtIn(group: string, kind: string): KindRef {
  const found = BUILT_IN_KINDS.find((each) => each.group === group && each.kind === kind);
  if (found === undefined) throw new TypeError(`${kind} is not a built-in kind`);
  return found;
}
