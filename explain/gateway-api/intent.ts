import { type KubernetesObject, keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { InstanceIR, ListenerIR, PassthroughIR, RouteIR } from '@causeway/ir/gateway';
import type { Gateway } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import type { Need } from '@causeway/translate/gateway/problem';
import { classOfPlane, gatewaysOfMergedClass } from '@causeway/translate/gateway-api/class/merged-class';
import type { Verdict } from '@causeway/translate/gateway-api/condition';
import { translateGateway } from '@causeway/translate/gateway-api/gateway/gateway';
import { translateGatewayStatus } from '@causeway/translate/gateway-api/gateway/gateway-status';
import { translateClassPlane } from '@causeway/translate/gateway-api/gateway/plane-instance';
import { setsOf } from '@causeway/translate/gateway-api/listener/listener-set';
import {
  type ListenerSetStatus,
  translateListenerSetStatus,
} from '@causeway/translate/gateway-api/listener/listener-set-status';
import { gatewaysOfAlb } from '@causeway/translate/gateway-api/plane/alb-plane';
import { gatewayOf } from '@causeway/translate/gateway-api/plane/data-plane';
import { translateGrpcRoute } from '@causeway/translate/gateway-api/route/grpc-route';
import { translateHttpRoute } from '@causeway/translate/gateway-api/route/http-route';
import { translateStreamRoute } from '@causeway/translate/gateway-api/route/stream-route';
import { wrongPolicies } from './policies.ts';

/** Everything that the Gateways of a data plane and their routes mean. */
export interface GatewayIntent {
  readonly gateways: readonly Gateway[];
  readonly plane: ObjectKey;
  /** Absent: the Gateway is not ours, or the data plane is that of an ALB2; that of a GatewayClass has no Gateways. */
  readonly instance?: InstanceIR;
  readonly listeners: readonly ListenerIR[];
  readonly routes: readonly RouteIR[];
  readonly passthroughs: readonly PassthroughIR[];
  readonly needs: readonly Need[];
  /** What is wrong with the Gateways, their ListenerSets, and their routes by their names (`HTTPRoute default/web`). */
  readonly problems: readonly { readonly source: string; readonly message: string }[];
}

const REQUEST_ROUTES = [
  ['HTTPRoute', translateHttpRoute],
  ['GRPCRoute', translateGrpcRoute],
] as const;

/**
 * @param plane key of a data plane
 * @returns undefined when neither a Gateway nor a GatewayClass has it for itself
 */
export function gatewayIntent(view: View, plane: ObjectKey): GatewayIntent | undefined {
  const className = classOfPlane(plane);
  if (className !== undefined) return classIntent(view, plane, className);
  const key = gatewayOf(plane);
  const gateway = key && view.get('Gateway', key);
  return gateway && intentOf(view, plane, gateway);
}

function classIntent(view: View, plane: ObjectKey, className: string): GatewayIntent {
  const instance = translateClassPlane(view, { namespace: '', name: className });
  const of = together(view, plane, gatewaysOfMergedClass(view, className));
  return instance === undefined ? of : { ...of, instance };
}

/** What an ALB2 serves beside its Frontends. */
export function albGatewaysIntent(view: View, alb: ObjectKey): GatewayIntent {
  return together(view, alb, gatewaysOfAlb(view, alb));
}

/** What several Gateways mean for one data plane. */
function together(view: View, plane: ObjectKey, gateways: readonly Gateway[]): GatewayIntent {
  const all = gateways.map((gateway) => intentOf(view, plane, gateway));
  return {
    plane,
    gateways,
    listeners: all.flatMap(({ listeners }) => listeners),
    routes: distinct(all.flatMap(({ routes }) => routes)),
    passthroughs: distinct(all.flatMap(({ passthroughs }) => passthroughs)),
    needs: all.flatMap(({ needs }) => needs),
    problems: all.flatMap(({ problems }) => problems),
  };
}

/** A route at several Gateways of a data plane is found at each of them. */
function distinct<T extends { readonly id: string }>(all: readonly T[]): readonly T[] {
  return [...new Map(all.map((each) => [each.id, each])).values()];
}

function intentOf(view: View, plane: ObjectKey, gateway: Gateway): GatewayIntent {
  const key = keyOf(gateway);
  const own = translateGateway(view, key);
  const routes = [...own.routes];
  const passthroughs = [...own.passthroughs];
  const needs = [...own.needs];
  const problems = [
    ...wrongWith(view, key),
    ...wrongPolicies(view, key).map((message) => ({ source: `Gateway ${objectKeyText(key)}`, message })),
  ];
  const isHere = ({ instance }: { readonly instance: string }) => instance === objectKeyText(plane);
  for (const [kind, translate] of REQUEST_ROUTES) {
    for (const route of routesOf(view, kind, gateway)) {
      const translated = translate(view, keyOf(route));
      routes.push(...translated.routes.filter(isHere));
      needs.push(...translated.needs);
      problems.push(...wrongAt(key, `${kind} ${objectKeyText(keyOf(route))}`, translated.verdicts));
    }
  }
  for (const kind of ['TLSRoute', 'TCPRoute', 'UDPRoute'] as const) {
    for (const route of routesOf(view, kind, gateway)) {
      const translated = translateStreamRoute(view, kind, keyOf(route));
      passthroughs.push(...translated.passthroughs.filter(isHere));
      needs.push(...translated.needs);
      problems.push(...wrongAt(key, `${kind} ${objectKeyText(keyOf(route))}`, translated.verdicts));
    }
  }
  const { instance, listeners } = own;
  return {
    ...{ gateways: [gateway], plane, listeners, routes, passthroughs, needs, problems },
    ...(instance === undefined ? {} : { instance }),
  };
}

/** Each once, that names the Gateway or ListenerSets of it. */
function routesOf(view: View, kind: RouteKind, gateway: Gateway): readonly KubernetesObject[] {
  const found: readonly KubernetesObject[] = [
    ...view.by(kind, 'gateway', objectKeyText(keyOf(gateway))),
    ...setsOf(view, gateway).flatMap((set) => view.by(kind, 'listenerSet', objectKeyText(keyOf(set)))),
  ];
  return [...new Set(found)];
}

type RouteKind = 'GRPCRoute' | 'HTTPRoute' | 'TCPRoute' | 'TLSRoute' | 'UDPRoute';

type Problems = GatewayIntent['problems'][number][];

/** With the Gateway itself, with the ListenerSets that name it, and with the listeners of all of these. */
function wrongWith(view: View, key: ObjectKey): Problems {
  const sets = view.by('ListenerSet', 'gateway', objectKeyText(key)).map(keyOf).sort(byName);
  return [
    ...wrongOwner(`Gateway ${objectKeyText(key)}`, translateGatewayStatus(view, key)),
    ...sets.flatMap((set) => wrongOwner(`ListenerSet ${objectKeyText(set)}`, translateListenerSetStatus(view, set))),
  ];
}

/** What its conditions say of single listeners, these say themselves. */
const OF_LISTENERS: readonly string[] = ['ListenersNotValid', 'ListenersNotResolved'];
const TYPES = ['Accepted', 'ResolvedRefs'];

function wrongOwner(source: string, status: Pick<ListenerSetStatus, 'conditions' | 'listeners'> | undefined): Problems {
  if (status === undefined) return [];
  const own = status.conditions.filter(({ reason }) => !OF_LISTENERS.includes(reason));
  const messages = [
    ...wrong(own, TYPES),
    ...status.listeners.flatMap(({ name, conditions }) =>
      wrong(conditions, TYPES).map((message) => `listener ${name}: ${message}`),
    ),
  ];
  return messages.map((message) => ({ source, message }));
}

function byName(a: ObjectKey, b: ObjectKey): number {
  return objectKeyText(a) < objectKeyText(b) ? -1 : 1;
}

function wrongAt(
  key: ObjectKey,
  source: string,
  verdicts: readonly { readonly gateway: ObjectKey; readonly conditions: readonly Verdict[] }[],
): Problems {
  const here = verdicts.filter(({ gateway }) => objectKeyText(gateway) === objectKeyText(key));
  return here.flatMap(({ conditions }) => wrong(conditions, TYPES).map((message) => ({ source, message })));
}

function wrong(conditions: readonly Verdict[], types: readonly string[]): readonly string[] {
  return conditions.flatMap(({ type, status, reason, message }) =>
    types.includes(type) && status === 'False' ? `${reason}: ${message}` : [],
  );
}
