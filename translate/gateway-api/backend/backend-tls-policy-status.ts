import { GATEWAY_GROUP } from '@causeway/apis/gateway-api/bundle';
import type { ParentReference } from '@causeway/apis/gateway-api/parent-reference';
import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { KindMap } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import type { Verdict } from '../condition.ts';
import { endsTls } from '../listener/listener.ts';
import { parentsOf } from '../route/attachment.ts';
import { conflictOf, type PolicyTarget, targetsOf, translateBackendTlsPolicy } from './backend-tls-policy.ts';

export interface PolicyAncestor {
  readonly ref: ParentReference;
  /** Of the class of the Gateway. */
  readonly controllerName: string;
  readonly conditions: readonly Verdict[];
}

/**
 * What is said of a policy at each of our Gateways whose routes lead to one of its Services or Backends; sorted.
 *
 * Source: GW-40; GEP-713.
 */
export function translateBackendTlsPolicyStatus(view: View, key: ObjectKey): readonly PolicyAncestor[] {
  const policy = view.get('BackendTLSPolicy', key);
  if (policy === undefined) return [];
  const { conditions } = translateBackendTlsPolicy(view, policy);
  const [accepted, resolvedRefs] = conditions;
  const said = [conflictOf(view, policy) ?? accepted, resolvedRefs];
  const targets = targetsOf(policy).map(({ target }) => target);
  return policyAncestors(gatewaysLeadingTo(view, targets, KINDS), said);
}

/** A policy says the same at each Gateway. */
export function policyAncestors(
  gateways: readonly GatewayName[],
  conditions: readonly Verdict[],
): readonly PolicyAncestor[] {
  return gateways.map(({ namespace, name, controllerName }) => ({
    controllerName,
    ref: { group: GATEWAY_GROUP, kind: 'Gateway', namespace, name },
    conditions,
  }));
}

const KINDS = ['HTTPRoute', 'GRPCRoute', 'TCPRoute', 'TLSRoute'] as const;
type RouteKind = (typeof KINDS)[number];
type Route = KindMap[RouteKind];

export interface GatewayName extends ObjectKey {
  readonly controllerName: string;
}

/** Whose routes lead to Services or Backends, sorted. What passes through a TLSRoute as it is concerns no policy. */
export function gatewaysLeadingTo(
  view: View,
  targets: readonly PolicyTarget[],
  kinds: readonly RouteKind[],
): readonly GatewayName[] {
  const found = new Map<string, GatewayName>();
  for (const target of targets) {
    const index = target.kind === 'Service' ? 'service' : 'backendObject';
    const routes = kinds.flatMap((kind): readonly Route[] => view.by(kind, index, objectKeyText(target)));
    for (const route of routes) {
      for (const { gateway, listeners, controllerName } of parentsOf(view, route)) {
        const isServed = listeners.some(({ listener }) => route.kind !== 'TLSRoute' || endsTls(listener.spec));
        if (isServed) found.set(objectKeyText(keyOf(gateway)), { ...keyOf(gateway), controllerName });
      }
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, gateway]) => gateway);
}
