/**
 * How often names of Backends are asked for: what the policies in force say at the rules that lead there. A name has one schedule for all who use it.
 *
 * Source: GW-45; Envoy Gateway v1.7, DNS.
 */
import type { BackendTrafficPolicySpec } from '@causeway/apis/envoy-gateway/backend-traffic-policy';
import type { Dns } from '@causeway/apis/envoy-gateway/dns';
import type { BackendObjectReference } from '@causeway/apis/gateway-api/object-reference';
import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { KindMap } from '@causeway/resources/kinds';
import type { NameRefresh } from '@causeway/resources/name-refresh';
import type { View } from '@causeway/resources/view';
import { isBackendKind } from '../backend/backend-kind.ts';
import { parseDuration } from '../duration.ts';
import { parentsOf } from '../route/attachment.ts';
import { policyAt, policySection } from './precedence.ts';
import { ROUTES_OF_POLICIES } from './target-object.ts';
import type { Tell } from './tell.ts';

type Route = KindMap[(typeof ROUTES_OF_POLICIES)[number]];

const DEFAULT_SECONDS = 30;
const SHORTEST_MS = 1000;
const LONGEST_MS = 24 * 3_600_000;

/** What every rule wants that leads to a Backend; those without a policy want what nobody has to say. Empty: nobody wants anything else. */
export function nameRefreshes(view: View, backend: ObjectKey): readonly NameRefresh[] {
  if (!view.has('BackendTrafficPolicy', 'nameRefresh', '')) return [];
  const id = objectKeyText(backend);
  return ROUTES_OF_POLICIES.flatMap((kind): readonly Route[] => view.by(kind, 'backendObject', id)).flatMap((route) =>
    refreshesOf(view, route, backend),
  );
}

function refreshesOf(view: View, route: Route, backend: ObjectKey): readonly NameRefresh[] {
  const { namespace } = keyOf(route);
  const rules: readonly RuleOfBackends[] = route.spec.rules ?? [];
  const leading = rules.filter(({ backendRefs = [] }) => backendRefs.some((ref) => isRef(ref, namespace, backend)));
  return parentsOf(view, route).flatMap(({ gateway, listeners }) =>
    listeners.flatMap(({ listener }) =>
      leading.map(({ name: rule }) => {
        const place = { route, rule, gateway, listener: policySection(listener) };
        return refreshOf(policyAt(view, 'BackendTrafficPolicy', place)?.spec.dns ?? {});
      }),
    ),
  );
}

interface RuleOfBackends {
  readonly name?: string;
  readonly backendRefs?: readonly BackendObjectReference[];
}

function isRef(ref: BackendObjectReference, own: string, backend: ObjectKey): boolean {
  const { group = '', kind = 'Service', namespace = own, name } = ref;
  return isBackendKind(group, kind) && name === backend.name && namespace === backend.namespace;
}

function refreshOf({ dnsRefreshRate, respectDnsTtl = true }: Dns): NameRefresh {
  const ms = dnsRefreshRate === undefined ? undefined : parseDuration(dnsRefreshRate);
  const seconds = ms === undefined ? DEFAULT_SECONDS : Math.min(LONGEST_MS, Math.max(SHORTEST_MS, ms)) / 1000;
  return { seconds, respectsTtl: respectDnsTtl };
}

/** What of it cannot be done. */
export function tellNameRefresh({ dns }: BackendTrafficPolicySpec, tell: Tell): void {
  const ms = parseDuration(dns?.dnsRefreshRate ?? '1s') ?? SHORTEST_MS;
  if (ms < SHORTEST_MS) tell('dns.dnsRefreshRate', `${dns?.dnsRefreshRate} is taken as 1s, the shortest`);
  if (ms > LONGEST_MS) tell('dns.dnsRefreshRate', `${dns?.dnsRefreshRate} is taken as 24h, the longest`);
}
