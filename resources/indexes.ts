import { ENVOY_GATEWAY_GROUP } from '@causeway/apis/envoy-gateway/bundle';
import { albGatewayOf } from '@causeway/apis/gateway/alb-gateway';
import { ALB2Kind } from '@causeway/apis/gateway/alb2';
import {
  ANNOTATION_PREFIX_NGINX,
  LABEL_ALB,
  LABEL_ALB_REF,
  LABEL_FRONTEND,
  LABEL_MANAGED_BY,
  LABEL_OPERATOR_ALB_NAME,
  LABEL_OPERATOR_ALB_NAMESPACE,
  LABEL_SERVICE_TYPE,
  MANAGED_BY,
} from '@causeway/apis/gateway/labels';
import { GATEWAY_GROUP } from '@causeway/apis/gateway-api/bundle';
import type { BackendObjectReference } from '@causeway/apis/gateway-api/object-reference';
import { type KubernetesObject, objectKeyText } from '@causeway/apis/meta/object';
import type { FactMap, FactName } from './kinds.ts';

const ANNOTATION_ALIAS = `${ANNOTATION_PREFIX_NGINX}server-alias`;
const ANNOTATION_CANARY = `${ANNOTATION_PREFIX_NGINX}canary`;

type RequestRoute = FactMap['GRPCRoute' | 'HTTPRoute'];
type Route = RequestRoute | FactMap['TCPRoute' | 'TLSRoute' | 'UDPRoute'];

/** What routes of any kind are attached to. */
const BY_PARENT = {
  /** Gateways that it names. */
  gateway: ({ metadata, spec }: Route) => parentsOfKind('Gateway', spec.parentRefs ?? [], metadata.namespace),
  /** ListenerSets that it names. */
  listenerSet: ({ metadata, spec }: Route) => parentsOfKind('ListenerSet', spec.parentRefs ?? [], metadata.namespace),
};

/** Policies of Envoy Gateway. */
const POLICY_INDEXES = {
  /** `''`: whether there are any. */
  any: () => [''],
  /** Objects that it names, see {@link policyTarget}. */
  target: ({ metadata, spec }: Policy) => {
    const named = [...(spec.targetRef === undefined ? [] : [spec.targetRef]), ...(spec.targetRefs ?? [])];
    return [...new Set(named.map(({ kind, name }) => policyTarget(kind, metadata.namespace ?? '', name)))];
  },
  /** Namespace, only those that choose objects of it by labels. */
  selecting: ({ metadata, spec }: Policy) =>
    (spec.targetSelectors ?? []).length === 0 ? [] : [metadata.namespace ?? ''],
} as const;

const BY_PARENT_AND_HOST = {
  ...BY_PARENT,
  /** `<parent> <hostname>` for each of both, as the route has them; without hostnames `<parent> `. See {@link parentText}. */
  hostname: (route: RequestRoute) =>
    parentsOf(route).flatMap((parent) => hostnamesOf(route).map((name) => `${parent} ${name}`)),
  /** `<parent> <suffix>` with each suffix that a hostname ends with, as `.b.c`, `.c`, and `''` for all of them. */
  hostnameUnder: (route: RequestRoute) => {
    const suffixes = new Set(hostnamesOf(route).flatMap((name) => ['', ...hostSuffixes(name)]));
    return parentsOf(route).flatMap((parent) => [...suffixes].map((suffix) => `${parent} ${suffix}`));
  },
};

/** What data planes consist of on a cluster. */
const OF_WORKLOAD = {
  /** What it was made for, see `operatorLabels`; without LoadBalancer Services of ALBs, which come and go by themselves. */
  workload: ({ metadata: { labels = {} } }: KubernetesObject) =>
    labels[LABEL_MANAGED_BY] !== MANAGED_BY || labels[LABEL_SERVICE_TYPE] !== undefined
      ? []
      : [
          objectKeyText({
            namespace: labels[LABEL_OPERATOR_ALB_NAMESPACE] ?? '',
            name: labels[LABEL_OPERATOR_ALB_NAME] ?? '',
          }),
        ],
};

/**
 * Secondary indexes: by kind and name, the values under which an object is
 * found. Values that name an object are written `namespace/name`.
 */
export const INDEXES = {
  ALB2: {
    /** Name of the GatewayClass that it serves beside its Frontends. */
    gatewayClass: ({ metadata, spec }: FactMap['ALB2']) => {
      const found = albGatewayOf(metadata.name, spec.config?.gateway);
      return typeof found === 'object' && found.mode === 'shared' ? [found.className] : [];
    },
  },
  Frontend: {
    /** Owning ALB. */
    alb: (frontend: FactMap['Frontend']) => labelled(frontend, LABEL_ALB),
    /** `<alb>:<port>`: how ALB finds a Frontend, whatever its name (spec ALB 2.2). */
    albPort: (frontend: FactMap['Frontend']) =>
      labelled(frontend, LABEL_ALB).map((alb) => `${alb}:${frontend.spec.port}`),
    /** Ingress it was made from. */
    ingress: (frontend: FactMap['Frontend']) => sourceIngress(frontend),
  },
  Rule: {
    /** Owning ALB. */
    alb: (rule: FactMap['Rule']) => labelled(rule, LABEL_ALB),
    /** Owning Frontend. */
    frontend: (rule: FactMap['Rule']) => labelled(rule, LABEL_FRONTEND),
    /** Owning Frontend, only Rules that bring a certificate, or whose hosts need none since their TLS passes through. */
    frontendCertificate: (rule: FactMap['Rule']) =>
      (rule.spec.certificate_name ?? '') === '' && rule.spec.config?.sslPassthrough !== true
        ? []
        : labelled(rule, LABEL_FRONTEND),
    /** `<alb> <host>` of Rules whose TLS passes through; a wildcard as `.a.com` (LIM-13). */
    passthroughHost: (rule: FactMap['Rule']) =>
      rule.spec.config?.sslPassthrough === true
        ? labelled(rule, LABEL_ALB).flatMap((alb) => hostsOfDslx(rule).map((host) => `${alb} ${host}`))
        : [],
    /** Ingress it was made from. */
    ingress: (rule: FactMap['Rule']) => sourceIngress(rule),
  },
  Instance: {
    /** ALB it serves. */
    alb: (instance: FactMap['Instance']) => labelled(instance, LABEL_ALB),
  },
  IngressNginx: {},
  GatewayClass: {
    /** ALB2 that its parameters are. */
    alb: ({ spec: { parametersRef } }: FactMap['GatewayClass']) =>
      parametersRef?.group === ALB2Kind.names.group && parametersRef.kind === ALB2Kind.names.kind
        ? [`${parametersRef.namespace ?? ''}/${parametersRef.name}`]
        : [],
  },
  Gateway: {
    /** Name of its GatewayClass. */
    gatewayClass: ({ spec }: FactMap['Gateway']) => [spec.gatewayClassName],
    /** ALB2 of its own that it names. */
    alb: (gateway: FactMap['Gateway']) => labelled(gateway, LABEL_ALB_REF),
  },
  ListenerSet: {
    /** The Gateway that it adds listeners to. */
    gateway: ({ metadata, spec: { parentRef } }: FactMap['ListenerSet']) =>
      parentsOfKind('Gateway', [parentRef], metadata.namespace),
  },
  HTTPRoute: {
    ...BY_PARENT_AND_HOST,
    /** Services that its rules forward to. */
    service: (route: FactMap['HTTPRoute']) => backendsOfKind('Service', route),
    backendObject: (route: FactMap['HTTPRoute']) => backendsOfKind('Backend', route),
  },
  GRPCRoute: {
    ...BY_PARENT_AND_HOST,
    service: (route: FactMap['GRPCRoute']) => backendsOfKind('Service', route),
    backendObject: (route: FactMap['GRPCRoute']) => backendsOfKind('Backend', route),
  },
  TLSRoute: {
    ...BY_PARENT,
    service: (route: FactMap['TLSRoute']) => backendsOfKind('Service', route),
    backendObject: (route: FactMap['TLSRoute']) => backendsOfKind('Backend', route),
  },
  TCPRoute: {
    ...BY_PARENT,
    service: (route: FactMap['TCPRoute']) => backendsOfKind('Service', route),
    backendObject: (route: FactMap['TCPRoute']) => backendsOfKind('Backend', route),
  },
  UDPRoute: {
    ...BY_PARENT,
    backendObject: (route: FactMap['UDPRoute']) => backendsOfKind('Backend', route),
  },
  BackendTLSPolicy: {
    service: targetServices,
    /** Backends that it is for, with its namespace. */
    backendObject: ({ metadata, spec }: FactMap['BackendTLSPolicy']) =>
      spec.targetRefs.flatMap(({ group, kind, name }) =>
        group === ENVOY_GATEWAY_GROUP && kind === 'Backend' ? [`${metadata.namespace ?? ''}/${name}`] : [],
      ),
  },
  XBackendTrafficPolicy: {
    /** `''`: whether there are any. */
    any: () => [''],
    service: targetServices,
  },
  SecurityPolicy: POLICY_INDEXES,
  BackendTrafficPolicy: {
    ...POLICY_INDEXES,
    /** `''`: those that say how often names are asked for. */
    nameRefresh: ({ spec: { dns } }: FactMap['BackendTrafficPolicy']) =>
      dns?.dnsRefreshRate === undefined && dns?.respectDnsTtl === undefined ? [] : [''],
  },
  ClientTrafficPolicy: POLICY_INDEXES,
  Backend: {},
  HTTPRouteFilter: {},
  EnvoyProxy: {},
  EnvoyGatewayCtl: {},
  TimeoutPolicy: {
    /** `''`: whether there are any. */
    any: () => [''],
    /** The object of its namespace that it is for, see {@link policyTarget}. */
    target: ({ metadata: { namespace = '' }, spec: { targetRef } }: FactMap['TimeoutPolicy']) =>
      (targetRef.namespace || namespace) === namespace ? [policyTarget(targetRef.kind, namespace, targetRef.name)] : [],
  },
  ReferenceGrant: {
    /** Namespace whose objects it gives consent for. */
    namespace: (grant: FactMap['ReferenceGrant']) => [grant.metadata.namespace ?? ''],
  },
  Ingress: {
    /** Hosts of its rules. */
    host: (ingress: FactMap['Ingress']) => (ingress.spec?.rules ?? []).flatMap(({ host }) => host ?? []),
    /** `namespace/host`; without host `namespace/`. */
    namespaceHost: (ingress: FactMap['Ingress']) => hostsOf(ingress),
    /** The same, only canaries (LIM-05). */
    canaryHost: (ingress: FactMap['Ingress']) =>
      ingress.metadata.annotations?.[ANNOTATION_CANARY] === undefined ? [] : hostsOf(ingress),
    /** Each of its paths, see {@link hostPath}. */
    hostPath: (ingress: FactMap['Ingress']) => hostPaths(ingress),
    /** Hosts of its rules, of those with further names for them (LIM-14). */
    aliasedHost: (ingress: FactMap['Ingress']) =>
      ingress.metadata.annotations?.[ANNOTATION_ALIAS] === undefined
        ? []
        : (ingress.spec?.rules ?? []).flatMap(({ host }) => host?.toLowerCase() ?? []),
    /** Hosts of its rules, of those that may pass TLS through (`ssl-passthrough`). */
    passingHost: (ingress: FactMap['Ingress']) => passingHosts(ingress),
    /** Hosts whose paths are regexes for ingress-nginx, `''` for none (IN-05). */
    regexHost: (ingress: FactMap['Ingress']) => regexHosts(ingress),
  },
  IngressClass: {
    /** IngressNginx that it was made for, as `<namespace>.<name>`. */
    ingressNginx: (object: FactMap['IngressClass']) => {
      const owner = object.metadata.labels?.['ingress-nginx.alauda.io/owner'] ?? '';
      return owner === '' ? [] : [owner];
    },
  },
  Service: {
    ...OF_WORKLOAD,
    /** ALB whose LoadBalancer Service it is. */
    loadBalancerOf: (service: FactMap['Service']) =>
      service.metadata.labels?.[LABEL_SERVICE_TYPE] === 'lb' ? labelled(service, LABEL_OPERATOR_ALB_NAME) : [],
    /** The DNS name it stands for. */
    externalName: (service: FactMap['Service']) =>
      service.spec?.type === 'ExternalName' && service.spec.externalName !== undefined
        ? [service.spec.externalName]
        : [],
    clusterIp: ({ spec }: FactMap['Service']) =>
      spec?.clusterIP === undefined || spec.clusterIP === '' || spec.clusterIP === 'None' ? [] : [spec.clusterIP],
  },
  EndpointSlice: {
    /** Service whose endpoints it holds. */
    service: (slice: FactMap['EndpointSlice']) => labelled(slice, 'kubernetes.io/service-name'),
    /** Namespace, only slices that Submariner brought from other clusters. */
    otherClusters: (slice: FactMap['EndpointSlice']) =>
      slice.metadata.labels?.['submariner-io/clusterID'] === undefined ? [] : [slice.metadata.namespace ?? ''],
  },
  Secret: {},
  Namespace: {},
  ConfigMap: OF_WORKLOAD,
  ServiceAccount: OF_WORKLOAD,
  Deployment: OF_WORKLOAD,
  DaemonSet: OF_WORKLOAD,
  HorizontalPodAutoscaler: OF_WORKLOAD,
  PodDisruptionBudget: OF_WORKLOAD,
  Node: {},
  ClusterRole: OF_WORKLOAD,
  ClusterRoleBinding: OF_WORKLOAD,
  CustomResourceDefinition: {},
  HostName: {},
} as const satisfies { readonly [K in FactName]: Readonly<Record<string, (object: FactMap[K]) => readonly string[]>> };

export type IndexName<K extends FactName> = keyof (typeof INDEXES)[K] & string;

function labelled(object: KubernetesObject, label: string): readonly string[] {
  const value = object.metadata.labels?.[label];
  return value === undefined || value === '' ? [] : [`${object.metadata.namespace ?? ''}/${value}`];
}

function sourceIngress(object: FactMap['Frontend'] | FactMap['Rule']): readonly string[] {
  const { source } = object.spec;
  return source?.type === 'ingress' ? [`${source.namespace}/${source.name}`] : [];
}

type Policy = FactMap['SecurityPolicy' | 'BackendTrafficPolicy' | 'ClientTrafficPolicy'];

/** Names an object that policies may be for: `HTTPRoute default/web`. */
export function policyTarget(kind: string, namespace: string, name: string): string {
  return `${kind} ${namespace}/${name}`;
}

/** Names a path of a host. @param host `''` for every host */
export function hostPath(host: string, path: string, pathType: string | undefined): string {
  return `${host.toLowerCase()}|${pathType?.charAt(0) ?? ''}|${path}`;
}

function hostPaths({ spec }: FactMap['Ingress']): readonly string[] {
  const all = (spec?.rules ?? []).flatMap(({ host = '', http }) =>
    (http?.paths ?? []).map(({ path = '', pathType }) => hostPath(host, path, pathType)),
  );
  return [...new Set(all)];
}

function hostsOfDslx({ spec }: FactMap['Rule']): readonly string[] {
  const rows = (spec.dslx ?? []).filter(({ type }) => type === 'HOST').flatMap(({ values }) => values ?? []);
  return [...new Set(rows.flatMap(([, ...hosts]) => hosts.map((host) => host.toLowerCase().replace(/^\*/, ''))))];
}

function hostsOf({ metadata, spec }: FactMap['Ingress']): readonly string[] {
  const namespace = metadata.namespace ?? '';
  return [...new Set((spec?.rules ?? []).map(({ host }) => `${namespace}/${host ?? ''}`))];
}

function passingHosts({ metadata, spec }: FactMap['Ingress']): readonly string[] {
  const names = Object.keys(metadata.annotations ?? {});
  if (!names.some((name) => name.endsWith('/ssl-passthrough'))) return [];
  return [...new Set((spec?.rules ?? []).flatMap(({ host }) => host?.toLowerCase() ?? []))];
}

function regexHosts(ingress: FactMap['Ingress']): readonly string[] {
  const { annotations = {} } = ingress.metadata;
  const isRegex =
    annotations['nginx.ingress.kubernetes.io/use-regex'] === 'true' ||
    (annotations['nginx.ingress.kubernetes.io/rewrite-target'] ?? '') !== '';
  return isRegex ? [...new Set((ingress.spec?.rules ?? []).map(({ host }) => (host ?? '').toLowerCase()))] : [];
}

type Reference = NonNullable<Route['spec']['parentRefs']>[number];

/** Services, or Backends of Envoy Gateway, that its rules send to. */
function backendsOfKind(wanted: 'Service' | 'Backend', { metadata, spec }: Route): readonly string[] {
  const wantedGroup = wanted === 'Service' ? '' : ENVOY_GATEWAY_GROUP;
  const rules: readonly { readonly backendRefs?: readonly BackendObjectReference[] }[] = spec.rules ?? [];
  const named = rules.flatMap(({ backendRefs = [] }) =>
    backendRefs.flatMap(({ group = '', kind = 'Service', namespace, name }) =>
      group === wantedGroup && kind === wanted ? [`${namespace ?? metadata.namespace ?? ''}/${name}`] : [],
    ),
  );
  return [...new Set(named)];
}

function parentsOfKind(wanted: string, refs: readonly Reference[], own = ''): readonly string[] {
  const found = refs.flatMap(({ group = GATEWAY_GROUP, kind = 'Gateway', namespace, name }) =>
    group === GATEWAY_GROUP && kind === wanted ? [`${namespace ?? own}/${name}`] : [],
  );
  return [...new Set(found)];
}

/** How the indexes of hostnames name a parent. */
export function parentText(kind: 'Gateway' | 'ListenerSet', key: string): string {
  return `${kind}/${key}`;
}

function parentsOf({ metadata, spec }: RequestRoute): readonly string[] {
  return (['Gateway', 'ListenerSet'] as const).flatMap((kind) =>
    parentsOfKind(kind, spec.parentRefs ?? [], metadata.namespace).map((key) => parentText(kind, key)),
  );
}

function hostnamesOf({ spec: { hostnames = [] } }: RequestRoute): readonly string[] {
  return hostnames.length === 0 ? [''] : [...new Set(hostnames.map((name) => name.toLowerCase()))];
}

/** `.b.c` and `.c` of `a.b.c`. */
export function hostSuffixes(name: string): readonly string[] {
  return name.split('.').flatMap((_label, index, labels) => (index === 0 ? [] : `.${labels.slice(index).join('.')}`));
}

/** Services that a policy for backends names, with its namespace. */
function targetServices({ metadata, spec }: FactMap['BackendTLSPolicy' | 'XBackendTrafficPolicy']): readonly string[] {
  return spec.targetRefs.flatMap(({ group, kind, name }) =>
    group === '' && kind === 'Service' ? [`${metadata.namespace ?? ''}/${name}`] : [],
  );
}
