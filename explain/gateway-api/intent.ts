import { type KubernetesObject, keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { InstanceIR, ListenerIR, PassthroughIR, RouteIR } from '@causeway/ir/gateway';
import type { Gateway } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import type { Need } from '@causeway/translate/gateway/problem';
import type { Verdict } from '@causeway/translate/gateway-api/condition';
import { gatewayOf } from '@causeway/translate/gateway-api/data-plane';
import { translateGateway } from '@causeway/translate/gateway-api/gateway';
import { translateGatewayStatus } from '@causeway/translate/gateway-api/gateway-status';
import { translateGrpcRoute } from '@causeway/translate/gateway-api/grpc-route';
import { translateHttpRoute } from '@causeway/translate/gateway-api/http-route';
import { setsOf } from '@causeway/translate/gateway-api/listener-set';
import { translateStreamRoute } from '@causeway/translate/gateway-api/stream-route';
import { wrongPolicies } from './policies.ts';

/** Everything that a Gateway and its routes mean. */
export interface GatewayIntent {
  readonly gateway: Gateway;
  /** Of its data plane. */
  readonly plane: ObjectKey;
  /** Absent: it is not ours. */
  readonly instance?: InstanceIR;
  readonly listeners: readonly ListenerIR[];
  readonly routes: readonly RouteIR[];
  readonly passthroughs: readonly PassthroughIR[];
  readonly needs: readonly Need[];
  /** What is wrong with the Gateway, and with its routes by their names (`HTTPRoute default/web`). */
  readonly problems: readonly { readonly source: string; readonly message: string }[];
}

const REQUEST_ROUTES = [
  ['HTTPRoute', translateHttpRoute],
  ['GRPCRoute', translateGrpcRoute],
] as const;

/**
 * @param plane key of a data plane
 * @returns undefined when it is none of a Gateway
 */
export function gatewayIntent(view: View, plane: ObjectKey): GatewayIntent | undefined {
  const key = gatewayOf(plane);
  const gateway = key && view.get('Gateway', key);
  if (key === undefined || gateway === undefined) return undefined;
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
    ...{ gateway, plane, listeners, routes, passthroughs, needs, problems },
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

function wrongWith(view: View, key: ObjectKey): Problems {
  const status = translateGatewayStatus(view, key);
  const source = `Gateway ${objectKeyText(key)}`;
  return (status?.listeners ?? []).flatMap(({ name, conditions }) =>
    wrong(conditions, ['Accepted', 'ResolvedRefs']).map((message) => ({
      source,
      message: `listener ${name}: ${message}`,
    })),
  );
}

function wrongAt(
  key: ObjectKey,
  source: string,
  verdicts: readonly { readonly gateway: ObjectKey; readonly conditions: readonly Verdict[] }[],
): Problems {
  const here = verdicts.filter(({ gateway }) => objectKeyText(gateway) === objectKeyText(key));
  return here.flatMap(({ conditions }) =>
    wrong(conditions, ['Accepted', 'ResolvedRefs']).map((message) => ({ source, message })),
  );
}

function wrong(conditions: readonly Verdict[], types: readonly string[]): readonly string[] {
  return conditions.flatMap(({ type, status, reason, message }) =>
    types.includes(type) && status === 'False' ? `${reason}: ${message}` : [],
  );
}
