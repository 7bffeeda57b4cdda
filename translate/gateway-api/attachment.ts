import { GATEWAY_GROUP } from '@causeway/apis/gateway-api/bundle';
import type { LabelSelector } from '@causeway/apis/gateway-api/label-selector';
import type { ParentReference } from '@causeway/apis/gateway-api/parent-reference';
import { type KubernetesObject, keyOf, type ObjectKey } from '@causeway/apis/meta/object';
import type { Gateway } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { ourClassOf } from './class.ts';
import { intersection } from './hostname.ts';
import { type GatewayListener, listenersOf } from './listener.ts';

/** What attachment reads of a route of any kind. */
export interface AttachableRoute extends KubernetesObject {
  readonly spec: { readonly parentRefs?: readonly ParentReference[]; readonly hostnames?: readonly string[] };
}

/** One of our Gateways that a route names. */
export interface RouteParent {
  readonly ref: ParentReference;
  readonly gateway: Gateway;
  /** Those that the route is attached to; empty with a refusal. */
  readonly listeners: readonly AttachedListener[];
  readonly refusal?: AttachmentRefusal;
}

export interface AttachedListener {
  readonly listener: GatewayListener;
  /** The hosts that the route serves there; one is `''` when it serves every host. */
  readonly hosts: readonly string[];
}

export interface AttachmentRefusal {
  readonly reason: 'NoMatchingParent' | 'NotAllowedByListeners' | 'NoMatchingListenerHostname';
  readonly message: string;
}

/** The parents of a route that are ours, in its order, with the listeners that take it. Source: GW-09, GW-13, GW-15. */
export function parentsOf(view: View, route: AttachableRoute): readonly RouteParent[] {
  return (route.spec.parentRefs ?? []).flatMap((ref) => {
    const gateway = gatewayNamed(view, route, ref);
    return gateway === undefined ? [] : [{ ref, gateway, ...attach(view, route, ref, gateway) }];
  });
}

/** The key of the Gateway that a reference means; undefined when it means something else. */
export function gatewayKeyOf(ref: ParentReference, routeNamespace: string): ObjectKey | undefined {
  const { group = GATEWAY_GROUP, kind = 'Gateway', namespace = routeNamespace, name } = ref;
  return group === GATEWAY_GROUP && kind === 'Gateway' ? { namespace, name } : undefined;
}

function gatewayNamed(view: View, route: AttachableRoute, ref: ParentReference): Gateway | undefined {
  const key = gatewayKeyOf(ref, route.metadata.namespace ?? '');
  const gateway = key && view.get('Gateway', key);
  return gateway !== undefined && ourClassOf(view, gateway) !== undefined ? gateway : undefined;
}

function attach(
  view: View,
  route: AttachableRoute,
  { sectionName, port }: ParentReference,
  gateway: Gateway,
): Pick<RouteParent, 'listeners' | 'refusal'> {
  const refuse = (reason: AttachmentRefusal['reason'], message: string) => ({
    listeners: [],
    refusal: { reason, message },
  });
  const named = listenersOf(gateway).filter(
    ({ spec }) => (sectionName ?? spec.name) === spec.name && (port ?? spec.port) === spec.port,
  );
  if (named.length === 0) {
    const wanted = [sectionName === undefined ? '' : ` ${sectionName}`, port === undefined ? '' : ` with port ${port}`];
    return refuse('NoMatchingParent', `the Gateway has no listener${wanted.join('')}`);
  }
  const allowing = named.filter((listener) => isAllowed(view, route, listener, gateway));
  if (allowing.length === 0) {
    const names = named.map(({ spec }) => spec.name).join(', ');
    return refuse('NotAllowedByListeners', `allowedRoutes of listener ${names} does not take this ${route.kind}`);
  }
  const listeners = allowing.flatMap((listener): readonly AttachedListener[] => {
    const hosts = intersection(listener.hostname, route.spec.hostnames ?? []);
    return hosts.length === 0 ? [] : [{ listener, hosts }];
  });
  if (listeners.length > 0) return { listeners };
  const hostnames = allowing.map(({ hostname }) => hostname).join(', ');
  return refuse('NoMatchingListenerHostname', `none of the hostnames is one of the listeners: ${hostnames}`);
}

function isAllowed(
  view: View,
  route: AttachableRoute,
  { kinds, spec: { allowedRoutes } }: GatewayListener,
  gateway: Gateway,
): boolean {
  if (!kinds.includes(route.kind)) return false;
  const { namespace } = keyOf(route);
  const { from = 'Same', selector } = allowedRoutes?.namespaces ?? {};
  switch (from) {
    case 'All':
      return true;
    case 'Same':
      return namespace === gateway.metadata.namespace;
    case 'Selector': {
      const labels = view.get('Namespace', { namespace: '', name: namespace })?.metadata.labels;
      return selector !== undefined && labels !== undefined && selects(selector, labels);
    }
    default:
      return false;
  }
}

/** An empty one selects everything. Source: meta/v1 LabelSelector. */
export function selects(
  { matchLabels = {}, matchExpressions = [] }: LabelSelector,
  labels: Readonly<Record<string, string>>,
): boolean {
  if (Object.entries(matchLabels).some(([key, value]) => labels[key] !== value)) return false;
  return matchExpressions.every(({ key, operator, values = [] }) => {
    const value = labels[key];
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value);
      case 'NotIn':
        return value === undefined || !values.includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
      default:
        return false;
    }
  });
}
