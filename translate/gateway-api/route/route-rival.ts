/**
 * HTTPRoutes and GRPCRoutes with the same host do not share a listener: the older route has the host there, and the other one is refused
 * as a whole at that listener, so that what it says of other hosts is in nobody's way.
 *
 * Source: Gateway API v1, GRPCRouteSpec.hostnames.
 */
import { keyOf, objectKeyText } from '@causeway/apis/meta/object';
import { hostSuffixes, parentText } from '@causeway/resources/indexes';
import type { GRPCRoute, HTTPRoute } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { covers, isWildcard } from '../listener/hostname.ts';
import type { ListenerOwner } from '../listener/listener.ts';
import { type AttachedListener, parentsOf, type RouteParent } from './attachment.ts';
import { routeTie } from './route-order.ts';

type RequestRoute = GRPCRoute | HTTPRoute;

/** The parents of a route without the listeners that a route of the other kind has taken before. */
export function withoutRivals(
  view: View,
  route: RequestRoute,
  parents: readonly RouteParent[],
): readonly RouteParent[] {
  return parents.map((parent) => {
    const rivals = parent.listeners.map((listener) => rivalAt(view, route, listener));
    const [rival] = rivals.flatMap((found) => found ?? []);
    if (rival === undefined) return parent;
    const listeners = parent.listeners.filter((_listener, index) => rivals[index] === undefined);
    if (listeners.length > 0) return { ...parent, listeners };
    const message = `${rival.kind} ${objectKeyText(keyOf(rival))}, which is older, has some of these hostnames at the listener`;
    return { ...parent, listeners, refusal: { reason: 'HostnameConflict', message } };
  });
}

/** A route of the other kind that is served at the listener, and keeps this one out. Only older ones are asked for, so this ends. */
function rivalAt(view: View, route: RequestRoute, { listener, hosts }: AttachedListener): RequestRoute | undefined {
  const place = placeOf(route);
  return candidates(view, route, listener.owner).find((other) => {
    if (other.metadata.deletionTimestamp !== undefined || placeOf(other) >= place) return false;
    const attached = parentsOf(view, other).flatMap((parent) => parent.listeners);
    const there = attached.find((each) => each.listener.id === listener.id);
    if (there === undefined || !hosts.some((host) => there.hosts.some((taken) => overlap(host, taken)))) return false;
    return rivalAt(view, other, there) === undefined;
  });
}

/** By age, then name; routes of both kinds may have the same name. */
function placeOf(route: RequestRoute): string {
  return `${routeTie(route, 0, 0)} ${route.kind}`;
}

function overlap(one: string, other: string): boolean {
  return covers(one, other) || covers(other, one);
}

/** Routes of the other kind at the object that has the listener whose hostnames may be those of this one. */
function candidates(view: View, route: RequestRoute, owner: ListenerOwner): readonly RequestRoute[] {
  const other = route.kind === 'GRPCRoute' ? 'HTTPRoute' : 'GRPCRoute';
  const at = parentText(owner.kind, objectKeyText(owner));
  const found = new Map<string, RequestRoute>();
  const look = (index: 'hostname' | 'hostnameUnder', value: string): void => {
    for (const each of view.by(other, index, `${at} ${value}`)) found.set(objectKeyText(keyOf(each)), each);
  };
  const { hostnames = [] } = route.spec;
  for (const written of hostnames.length === 0 ? [''] : hostnames) {
    const name = written.toLowerCase();
    if (name === '' || isWildcard(name)) look('hostnameUnder', name.slice(1));
    else look('hostname', name);
    if (name === '') continue;
    for (const suffix of hostSuffixes(name)) look('hostname', `*${suffix}`);
    look('hostname', '');
  }
  return [...found.values()];
}
