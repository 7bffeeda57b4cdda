import { ANNOTATION_ROUTE_PRIORITY_PREFIX } from '@causeway/apis/gateway/labels';
import { type KubernetesObject, keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { RouteOrderIR } from '@causeway/ir/gateway';

/** How much a match says, beside the host: greater comes first. */
export interface MatchRank {
  /** Exact before regular expression before prefix. */
  readonly path: 'exact' | 'regex' | 'prefix';
  /** Characters of the path. */
  readonly length: number;
  readonly method: boolean;
  readonly headers: number;
  readonly cookies: number;
  readonly queryParams: number;
}

const PATH_RANK = { exact: 2, regex: 1, prefix: 0 } as const;

/**
 * Where a match of a route stands: by the host of its listener, that of the route, path, method, headers, cookies, parameters; then the oldest
 * route, the first by name, and its first rule and match.
 *
 * The listener comes first, so that a request which one takes by its hostname never reaches a route of a less specific one (listener
 * isolation).
 *
 * Source: GW-17; Gateway API v1, HTTPRouteRule.matches.
 *
 * @param hosts ranks of the hostnames of the listener and of the route
 */
export function routeOrder(
  hosts: { readonly listener: number; readonly route: number },
  { path, length, method, headers, cookies, queryParams }: MatchRank,
  tie: string,
): RouteOrderIR {
  return {
    priority: 0,
    specificity: [hosts.listener, hosts.route, PATH_RANK[path], length, method ? 1 : 0, headers, cookies, queryParams],
    tie,
  };
}

/** How much a match of a GRPCRoute says, beside the host: greater comes first. */
export interface GrpcMatchRank {
  /** Characters of its name, and 1 more; 1 for a pattern; 0 for every service. */
  readonly service: number;
  /** The same of the method. */
  readonly method: number;
  readonly headers: number;
}

/** Where a match of a GRPCRoute stands. Source: Gateway API v1, GRPCRouteRule.matches. @param hosts as of {@link routeOrder} */
export function grpcRouteOrder(
  hosts: { readonly listener: number; readonly route: number },
  { service, method, headers }: GrpcMatchRank,
  tie: string,
): RouteOrderIR {
  return { priority: 0, specificity: [hosts.listener, hosts.route, service, method, headers], tie };
}

/** Of what is equal the oldest route is the first, then that with the first name, then the first rule and match of it. */
export function routeTie(route: KubernetesObject, rule: number, match: number): string {
  const { creationTimestamp = '9' } = route.metadata;
  return `${creationTimestamp} ${objectKeyText(keyOf(route))} ${padded(rule)} ${padded(match)}`;
}

/** Smaller comes first, before everything that a match says; 0 unless an annotation of the route says otherwise. Source: ALB-114. */
export function routePriority({ metadata }: KubernetesObject, rule: number, match: number): number {
  const text = metadata.annotations?.[`${ANNOTATION_ROUTE_PRIORITY_PREFIX}${rule}-${match}`]?.trim() ?? '';
  return /^[+-]?[0-9]{1,9}$/.test(text) ? Math.min(LAST_PRIORITY, Math.max(FIRST_PRIORITY, Number(text))) : 0;
}

/** As of the paths of Ingresses. */
const FIRST_PRIORITY = -100;
export const LAST_PRIORITY = 1000;

/** Texts are compared bytewise; more than 999 of them nobody may write. */
function padded(index: number): string {
  return String(index).padStart(3, '0');
}
