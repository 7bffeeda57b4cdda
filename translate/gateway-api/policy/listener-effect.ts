import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { InstanceIR, ListenerIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import type { ConnectionLimit } from './client-connection.ts';
import { translateClientTrafficPolicy } from './client-traffic-policy.ts';
import { policyOf } from './precedence.ts';

/** What the ClientTrafficPolicy in force makes of a listener. Source: GW-41, GW-42. */
export function withClientPolicy(
  view: View,
  gateway: KubernetesObject,
  name: string | undefined,
  listener: ListenerIR,
): ListenerIR {
  const policy = policyOf(view, 'ClientTrafficPolicy', [{ object: gateway, section: name }, { object: gateway }]);
  if (policy === undefined || listener.protocol === 'udp') return listener;
  const { keepalive, limits, connectionLimit, proxyProtocol, idleMs, handshake } = translateClientTrafficPolicy(
    view,
    policy,
  );
  const changed: ListenerIR = {
    ...listener,
    ...(proxyProtocol === undefined
      ? {}
      : {
          proxyProtocol: {
            ...listener.proxyProtocol,
            ...({ receive: true, trusted: EVERYBODY } as const),
            ...(proxyProtocol === 'optional' ? { optional: true } : {}),
          },
        }),
  };
  if (listener.protocol === 'tcp') {
    const { http: _, ...ofTcp } = keepalive ?? {};
    const kept = keepalive === undefined ? {} : { keepalive: ofTcp };
    return { ...changed, ...kept, ...withTcpLimits(listener, idleMs, connectionLimit) };
  }
  return {
    ...changed,
    ...(keepalive === undefined ? {} : { keepalive }),
    ...(limits === undefined ? {} : { limits }),
    ...(listener.tls === undefined ? {} : { tls: { ...listener.tls, ...handshake } }),
  };
}

/** Whoever the peer is, what it says of the client counts: the user said that such peers alone connect. */
const EVERYBODY = ['0.0.0.0/0', '::/0'] as const;

function withTcpLimits(
  { fallback }: ListenerIR,
  idleMs: number | undefined,
  limit: ConnectionLimit | undefined,
): Pick<ListenerIR, 'fallback'> {
  if ((idleMs === undefined && limit === undefined) || fallback?.type !== 'forward') return {};
  const most = Math.min(
    limit?.connections ?? Number.POSITIVE_INFINITY,
    fallback.mostConnections ?? Number.POSITIVE_INFINITY,
  );
  return {
    fallback: {
      ...fallback,
      ...(idleMs === undefined ? {} : { timeouts: { ...fallback.timeouts, sendMs: idleMs, readMs: idleMs } }),
      ...(Number.isFinite(most) ? { mostConnections: most } : {}),
      ...(limit?.closeDelayMs === undefined ? {} : { closeDelayMs: limit.closeDelayMs }),
    },
  };
}

/** Where the ClientTrafficPolicy of a listener has requests answered that ask whether it is well; absent: nowhere. */
export function healthPathOf(view: View, gateway: KubernetesObject, name: string | undefined): string | undefined {
  const policy = policyOf(view, 'ClientTrafficPolicy', [{ object: gateway, section: name }, { object: gateway }]);
  return policy && translateClientTrafficPolicy(view, policy).healthPath;
}

/** What the ClientTrafficPolicy for a whole Gateway makes of its data plane. */
export function withClientDetection(view: View, gateway: KubernetesObject, instance: InstanceIR): InstanceIR {
  const policy = policyOf(view, 'ClientTrafficPolicy', [{ object: gateway }]);
  if (policy === undefined) return instance;
  const { trustedProxies, trustedHops, client } = translateClientTrafficPolicy(view, policy);
  return {
    ...instance,
    ...(trustedProxies === undefined ? {} : { trustedProxies }),
    ...(trustedHops === undefined || trustedHops === 0 ? {} : { trustedHops }),
    ...(client === undefined ? {} : { clientFromHeader: true }),
  };
}
