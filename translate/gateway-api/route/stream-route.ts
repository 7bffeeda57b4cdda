import type { StreamRule } from '@causeway/apis/gateway-api/stream-rule';
import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type {
  BackendIR,
  ForwardIR,
  PassthroughIR,
  ProxyProtocolIR,
  RespondIR,
  ServerNameIR,
} from '@causeway/ir/gateway';
import type { TCPRoute, TLSRoute, UDPRoute } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { type Need, uniqueNeeds } from '../../gateway/problem.ts';
import { withClientCertificate } from '../backend/backend-client-certificate.ts';
import { type RefRefusal, resolveBackend } from '../backend/backend-ref.ts';
import { isWildcard } from '../listener/hostname.ts';
import type { GatewayListener } from '../listener/listener.ts';
import { tlsEndOf } from '../listener/listener-certificate.ts';
import { CONNECT_MS, planeOf } from '../plane/data-plane.ts';
import { policySection } from '../policy/precedence.ts';
import { streamAccess } from '../policy/stream-access.ts';
import { sentProxyProtocol, withStreamPolicy } from '../policy/stream-effect.ts';
import { withTimeoutPolicy } from '../policy/timeout-policy.ts';
import { routeReferrer } from '../reference.ts';
import { parentsOf } from './attachment.ts';
import { routeTie } from './route-order.ts';
import { type RouteVerdict, verdictOf } from './route-verdict.ts';

type StreamRouteKind = 'TCPRoute' | 'TLSRoute' | 'UDPRoute';
type StreamRoute = TCPRoute | TLSRoute | UDPRoute;

export interface StreamRouteTranslation {
  /** Of a TLSRoute; what TCPRoutes and UDPRoutes say goes into the listeners of their Gateways. */
  readonly passthroughs: readonly PassthroughIR[];
  readonly needs: readonly Need[];
  readonly verdicts: readonly RouteVerdict[];
}

/**
 * A route of layer 4: what is said of it, and for a TLSRoute the connections that are passed on.
 *
 * Source: GW-30 to GW-32.
 */
export function translateStreamRoute(view: View, kind: StreamRouteKind, key: ObjectKey): StreamRouteTranslation {
  const route = view.get(kind, key);
  const parents = route === undefined || route.metadata.deletionTimestamp !== undefined ? [] : parentsOf(view, route);
  if (route === undefined || parents.length === 0) return { passthroughs: [], needs: [], verdicts: [] };
  const { refusals } = streamAction(view, kind, route);
  const verdicts = parents.map((parent) => verdictOf(parent, { refusals, mistakes: [], rules: 0 }));
  if (kind !== 'TLSRoute') return { passthroughs: [], needs: [], verdicts };
  const passthroughs = parents.flatMap(({ gateway, listeners }) =>
    listeners.flatMap(({ listener, hosts }): readonly PassthroughIR[] => {
      if (listener.refusal !== undefined) return [];
      const instance = objectKeyText(planeOf(view, gateway));
      const end = tlsEndOf(view, listener);
      const { action } = streamAction(view, kind, route, end !== undefined);
      return [
        {
          kind: 'passthrough',
          id: `${listener.id}/TLSRoute/${objectKeyText(key)}`,
          instance,
          listeners: [listener.id],
          hosts: hosts.map(serverName),
          order: { priority: 0, tie: routeTie(route, 0, 0) },
          action: withClientCertificate(
            view,
            gateway,
            action.type === 'forward'
              ? withStreamPolicy(view, { route, gateway, listener: policySection(listener) }, action)
              : action,
          ),
          ...(end === undefined ? {} : { end }),
          name: `${key.namespace}-${key.name}`,
          source: { type: 'TLSRoute', ...key },
        },
      ];
    }),
  );
  return { passthroughs, needs: needsOf(passthroughs.map(({ action }) => action)), verdicts };
}

/** @param host as that of a listener: `''` for every name */
export function serverName(host: string): ServerNameIR {
  if (host === '') return { op: 'hostSuffix', value: '', labels: 'many' };
  return isWildcard(host) ? { op: 'hostSuffix', value: host.slice(1), labels: 'many' } : { op: 'equal', value: host };
}

/** Where the connections of a listener go: of several routes the oldest has it (GW-31). */
export function listenerAction(
  view: View,
  listener: GatewayListener,
): {
  readonly action?: ForwardIR | RespondIR;
  readonly needs: readonly Need[];
  /** How endpoints are told the client. */
  readonly send?: NonNullable<ProxyProtocolIR['send']>;
} {
  const kind = listener.spec.protocol === 'UDP' ? 'UDPRoute' : 'TCPRoute';
  const index = listener.owner.kind === 'Gateway' ? 'gateway' : 'listenerSet';
  const routes: readonly StreamRoute[] = view.by(kind, index, objectKeyText(listener.owner));
  const attached = routes.filter((route) =>
    parentsOf(view, route).some(({ listeners }) => listeners.some((one) => one.listener.id === listener.id)),
  );
  const [first] = attached.sort((a, b) => (routeTie(a, 0, 0) < routeTie(b, 0, 0) ? -1 : 1));
  if (first === undefined) return { needs: [] };
  const { action } = streamAction(view, kind, first);
  const gateway = parentsOf(view, first).find(({ listeners }) =>
    listeners.some((one) => one.listener.id === listener.id),
  )?.gateway;
  if (action.type !== 'forward' || gateway === undefined) return { action, needs: needsOf([action]) };
  const place = { route: first, gateway, listener: policySection(listener) };
  const access = kind === 'TCPRoute' ? streamAccess(view, place) : undefined;
  // Where TLS is ended nobody looks at addresses yet.
  if (access === 'closed' || (access !== undefined && listener.spec.protocol !== 'TCP')) {
    return { action: UNGUARDED, needs: [] };
  }
  const send = kind === 'TCPRoute' ? sentProxyProtocol(view, place) : undefined;
  const rule = { name: first.spec.rules[0]?.name, index: 0 };
  const timed = kind === 'TCPRoute' ? withTimeoutPolicy(view, { ...place, rule }, action) : action;
  const towards = withClientCertificate(view, gateway, withStreamPolicy(view, place, timed));
  return {
    action: access === undefined ? towards : { ...towards, access },
    needs: needsOf([towards]),
    ...(send === undefined ? {} : { send }),
  };
}

/** Sessions in which nothing is sent end after this long. */
const IDLE_MS = { tcp: 3_600_000, udp: 60_000 };
const CLOSED: RespondIR = {
  type: 'respond',
  status: 500,
  reason: 'InvalidBalancer : no backendRefs that can be reached',
};

/** Nobody gets in where nobody could be asked who he is (GW-33). */
const UNGUARDED: RespondIR = { type: 'respond', status: 403, reason: 'AccessDenied : SecurityPolicy' };

/** GW-16: connections that would go there are closed, packets dropped. */
function lostShare(weight = 1, protocol: 'tcp' | 'udp'): BackendIR {
  const { status, reason } = CLOSED;
  return { weight, protocol, filters: [], target: { type: 'invalid', status, reason } };
}

/** @param isReadable what goes on is what clients sent, without their TLS: BackendTLSPolicies are for that alone */
function streamAction(
  view: View,
  kind: StreamRouteKind,
  route: StreamRoute,
  isReadable = kind === 'TCPRoute',
): {
  readonly action: ForwardIR | RespondIR;
  readonly refusals: readonly RefRefusal[];
} {
  const transport = kind === 'UDPRoute' ? 'udp' : 'tcp';
  const refusals: RefRefusal[] = [];
  const backends: BackendIR[] = [];
  const lost: BackendIR[] = [];
  const [rule]: readonly (StreamRule | undefined)[] = route.spec.rules;
  for (const ref of rule?.backendRefs ?? []) {
    const resolved = resolveBackend(view, routeReferrer(kind, keyOf(route).namespace), ref, transport);
    if ('reason' in resolved) {
      refusals.push(resolved);
      lost.push(lostShare(ref.weight, transport));
      continue;
    }
    const { service, target, refused, tls, fallback } = resolved;
    if (isReadable && refused !== undefined) {
      lost.push(lostShare(ref.weight, transport));
      continue;
    }
    const backend = {
      weight: ref.weight ?? 1,
      protocol: transport,
      filters: [],
      target,
      ...(isReadable && tls !== undefined && { tls }),
      ...(fallback && { fallback }),
    } as const;
    const [first = backend] = backends;
    if (JSON.stringify(first.tls) === JSON.stringify(backend.tls)) backends.push(backend);
    else {
      const message = `Service ${objectKeyText(service)}: TLS is not spoken to it as to the backends before it (BackendTLSPolicy)`;
      refusals.push({ reason: 'UnsupportedProtocol', message });
      lost.push(lostShare(ref.weight, transport));
    }
  }
  if (!backends.some(({ weight }) => weight > 0)) return { action: CLOSED, refusals };
  return {
    action: {
      type: 'forward',
      backends: [...backends, ...lost],
      noEndpoints: CLOSED,
      ...(backends.length + lost.length > 1 ? { keepsShares: true as const } : {}),
      affinity: { type: 'roundRobin' },
      timeouts: { connectMs: CONNECT_MS, sendMs: IDLE_MS[transport], readMs: IDLE_MS[transport] },
      retry: { attempts: 5 },
    },
    refusals,
  };
}

/** Endpoints that connections go to, which a policy may have changed. */
function needsOf(actions: readonly (ForwardIR | RespondIR)[]): readonly Need[] {
  const backends = actions.flatMap((action) => (action.type === 'forward' ? action.backends : []));
  const ids = backends.flatMap(({ target }) => (target.type === 'endpoints' ? target.id : []));
  return uniqueNeeds(ids.map((id) => ({ kind: 'endpointSet', id })));
}
