import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { GatewayFragment } from '@causeway/ir/gateway';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { View } from '@causeway/resources/view';
import type { Need } from '@causeway/translate/gateway/problem';
import { translateGateway } from '@causeway/translate/gateway-api/gateway/gateway';
import { gatewayPlaneOf } from '@causeway/translate/gateway-api/plane/data-plane';
import { translateGrpcRoute } from '@causeway/translate/gateway-api/route/grpc-route';
import { translateHttpRoute } from '@causeway/translate/gateway-api/route/http-route';
import type { RouteVerdict } from '@causeway/translate/gateway-api/route/route-verdict';
import { translateStreamRoute } from '@causeway/translate/gateway-api/route/stream-route';
import type { Demand } from './demand.ts';
import type { TranslationSink } from './sink.ts';

/** Gateway -> its ports, and its data plane where it has one of its own. */
export function gatewayController(snapshot: Snapshot, demand: Demand, sink: TranslationSink): Reconcile<ObjectKey> {
  return async (key) => {
    const reader = `gateway/${objectKeyText(key)}`;
    // As that of an ALB2, so that what follows the data planes sees this one too.
    const plane = `instance/${objectKeyText(gatewayPlaneOf(key))}`;
    const view = snapshot.view(reader);
    const { instance, listeners, routes, passthroughs, needs, problems } = translateGateway(view, key);
    demand.set(reader, needs);
    if (view.get('Gateway', key) === undefined) {
      sink.drop(plane);
      sink.drop(reader);
      snapshot.forget(reader);
      return done;
    }
    sink.put(plane, instance === undefined ? [] : [instance], problems);
    sink.put(reader, [...listeners, ...routes, ...passthroughs], []);
    return done;
  };
}

/** Routes of these kinds are attached to Gateways. */
export const ROUTE_KINDS = ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'] as const;
export type RouteKind = (typeof ROUTE_KINDS)[number];

/** What is said of routes at their parents; absent where nobody writes it down. */
export interface RouteVerdicts {
  /** @param generation of the route that they are about; undefined: it is gone */
  put(kind: RouteKind, key: ObjectKey, generation: number | undefined, verdicts: readonly RouteVerdict[]): void;
}

/** A route -> where traffic goes. */
export function gatewayRouteController(
  kind: RouteKind,
  snapshot: Snapshot,
  demand: Demand,
  sink: TranslationSink,
  verdicts?: RouteVerdicts,
): Reconcile<ObjectKey> {
  return async (key) => {
    const owner = `${kind}/${objectKeyText(key)}`;
    const view = snapshot.view(owner);
    const route = view.get(kind, key);
    if (route === undefined) {
      demand.set(owner, []);
      sink.drop(owner);
      verdicts?.put(kind, key, undefined, []);
      snapshot.forget(owner);
      return done;
    }
    const translated = translateGatewayRoute(view, kind, key);
    demand.set(owner, translated.needs);
    sink.put(owner, translated.fragments, []);
    verdicts?.put(kind, key, route.metadata.generation ?? 0, translated.verdicts);
    return done;
  };
}

function translateGatewayRoute(
  view: View,
  kind: RouteKind,
  key: ObjectKey,
): {
  readonly fragments: readonly GatewayFragment[];
  readonly needs: readonly Need[];
  readonly verdicts: readonly RouteVerdict[];
} {
  if (kind === 'HTTPRoute' || kind === 'GRPCRoute') {
    const { routes, ...others } = kind === 'HTTPRoute' ? translateHttpRoute(view, key) : translateGrpcRoute(view, key);
    return { ...others, fragments: routes };
  }
  const { passthroughs, ...others } = translateStreamRoute(view, kind, key);
  return { ...others, fragments: passthroughs };
}
