import { keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { FilterIR, RouteIR } from '@causeway/ir/gateway';
import type { Gateway } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { isPortOfSeveral } from '../plane/alb-plane.ts';
import { planeOf } from '../plane/data-plane.ts';
import { LAST_PRIORITY } from '../route/route-order.ts';
import { covers, hostRank, hostTerms } from './hostname.ts';
import type { GatewayListener } from './listener.ts';

/** Of the routes of the listener, whatever their priority. */
const BEHIND_ALL = -LAST_PRIORITY - 1;

/**
 * What answers requests that a listener takes by its hostname and none of its routes wants: without these routes they would reach those
 * of a less specific listener of the same port. Where others have rules at the port too, they may be for these.
 *
 * @param beside all listeners for requests at the data plane, these included
 * @param filters of every request of the Gateway
 *
 * Source: GW-08; Gateway API v1, GatewaySpec.listeners, "HTTP listener isolation".
 */
export function isolationRoutes(
  view: View,
  gateway: Gateway,
  listeners: readonly GatewayListener[],
  beside: readonly GatewayListener[],
  filters: readonly FilterIR[] = [],
): readonly RouteIR[] {
  const instance = objectKeyText(planeOf(view, gateway));
  return listeners
    .filter((listener) => beside.some((other) => isLessSpecific(other, listener)))
    .filter(({ spec }) => !isPortOfSeveral(view, gateway, spec.port))
    .map(({ id, spec, hostname }) => ({
      kind: 'route',
      id: `${id}#isolation`,
      instance,
      listeners: [id],
      match: hostTerms([hostname]),
      order: { priority: 0, specificity: [hostRank(hostname), BEHIND_ALL], tie: '~' },
      filters,
      action: { type: 'respond', status: 404, reason: 'InvalidUpstream : no rule match' },
      certificates: [],
      name: spec.name,
      source: { type: 'gateway', ...keyOf(gateway) },
    }));
}

function isLessSpecific(other: GatewayListener, listener: GatewayListener): boolean {
  return (
    other.spec.port === listener.spec.port &&
    other.hostname !== listener.hostname &&
    covers(other.hostname, listener.hostname)
  );
}
