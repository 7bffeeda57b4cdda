import { GATEWAY_GROUP } from '@causeway/apis/gateway-api/bundle';
import type { ParentReference } from '@causeway/apis/gateway-api/parent-reference';
import { type KubernetesObject, keyOf, type ObjectKey } from '@causeway/apis/meta/object';
import type { Gateway, ListenerSet } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { controllerNameOf, hasAlbClass, ourClassOf } from '../class/class.ts';
import { selectsNamespace } from '../listener/allowed-namespace.ts';
import { intersection } from '../listener/hostname.ts';
import type { GatewayListener } from '../listener/listener.ts';
import { allowsSet, gatewayKeyOfSet, listenersOfSet, ownListeners } from '../listener/listener-set.ts';
import { type PortRefusal, portRefusal } from '../plane/alb-plane.ts';

/** What attachment reads of a route of any kind. */
export interface AttachableRoute extends KubernetesObject {
  readonly spec: { readonly parentRefs?: readonly ParentReference[]; readonly hostnames?: readonly string[] };
}

/** One of our Gateways that a route names, or a ListenerSet of one. */
export interface RouteParent {
  readonly ref: ParentReference;
  readonly gateway: Gateway;
  readonly listenerSet?: ListenerSet;
  /** Of the class of the Gateway. */
  readonly controllerName: string;
  /** Where all of {@link listeners} are at ports that their ALB2 has for itself. */
  readonly reserved?: PortRefusal;
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
  readonly reason: 'NoMatchingParent' | 'NotAllowedByListeners' | 'NoMatchingListenerHostname' | 'HostnameConflict';
  readonly message: string;
}

/** The parents of a route that are ours, in its order, with the listeners that take it. Source: GW-09, GW-13, GW-15. */
export function parentsOf(view: View, route: AttachableRoute): readonly RouteParent[] {
  return (route.spec.parentRefs ?? []).flatMap((ref) => {
    const parent = parentNamed(view, route, ref);
    if (parent === undefined) return [];
    const { gateway } = parent;
    const attached = attach(view, route, ref, parent);
    const reserved = reservedAt(view, gateway, attached.listeners);
    const controllerName = controllerNameOf(view, gateway);
    return [{ ref, ...parent, ...attached, controllerName, ...(reserved === undefined ? {} : { reserved }) }];
  });
}

function reservedAt(view: View, gateway: Gateway, listeners: readonly AttachedListener[]): PortRefusal | undefined {
  if (!hasAlbClass(view, gateway)) return undefined;
  const refusals = listeners.map(({ listener }) => portRefusal(view, gateway, listener));
  const [first] = refusals;
  return refusals.every((refusal) => refusal?.reason === 'ReservedPortUsed') ? first : undefined;
}

type Parent = Pick<RouteParent, 'gateway' | 'listenerSet'>;

function parentNamed(view: View, route: AttachableRoute, ref: ParentReference): Parent | undefined {
  const { group = GATEWAY_GROUP, kind = 'Gateway', namespace = route.metadata.namespace ?? '', name } = ref;
  if (group !== GATEWAY_GROUP) return undefined;
  const key = { namespace, name };
  if (kind === 'Gateway') {
    const gateway = ourGateway(view, key);
    return gateway && { gateway };
  }
  const listenerSet = kind === 'ListenerSet' ? view.get('ListenerSet', key) : undefined;
  const gateway = ourGateway(view, listenerSet && gatewayKeyOfSet(listenerSet));
  return listenerSet && gateway && { gateway, listenerSet };
}

function ourGateway(view: View, key: ObjectKey | undefined): Gateway | undefined {
  const gateway = key && view.get('Gateway', key);
  return gateway !== undefined && ourClassOf(view, gateway) !== undefined ? gateway : undefined;
}

function attach(
  view: View,
  route: AttachableRoute,
  { sectionName, port }: ParentReference,
  { gateway, listenerSet }: Parent,
): Pick<RouteParent, 'listeners' | 'refusal'> {
  const refuse = (reason: AttachmentRefusal['reason'], message: string) => ({
    listeners: [],
    refusal: { reason, message },
  });
  if (listenerSet !== undefined && !allowsSet(view, gateway, listenerSet)) {
    return refuse('NoMatchingParent', 'allowedListeners of the Gateway does not take the ListenerSet');
  }
  const all = listenerSet === undefined ? ownListeners(view, gateway) : listenersOfSet(view, gateway, listenerSet);
  const named = all.filter(({ spec }) => (sectionName ?? spec.name) === spec.name && (port ?? spec.port) === spec.port);
  if (named.length === 0) {
    const wanted = [sectionName === undefined ? '' : ` ${sectionName}`, port === undefined ? '' : ` with port ${port}`];
    return refuse('NoMatchingParent', `the ${listenerSet?.kind ?? 'Gateway'} has no listener${wanted.join('')}`);
  }
  const allowing = named.filter((listener) => isAllowed(view, route, listener));
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
  { kinds, owner, spec: { allowedRoutes } }: GatewayListener,
): boolean {
  if (!kinds.includes(route.kind)) return false;
  const { from = 'Same', selector } = allowedRoutes?.namespaces ?? {};
  return selectsNamespace(view, { from, selector, own: owner.namespace }, keyOf(route).namespace);
}
