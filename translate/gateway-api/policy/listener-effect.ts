import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { InstanceIR, ListenerIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
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
  const { keepalive } = translateClientTrafficPolicy(view, policy);
  if (keepalive === undefined) return listener;
  const { http: _, ...ofTcp } = keepalive;
  return { ...listener, keepalive: listener.protocol === 'tcp' ? ofTcp : keepalive };
}

/** What the ClientTrafficPolicy for a whole Gateway makes of its data plane. */
export function withClientDetection(view: View, gateway: KubernetesObject, instance: InstanceIR): InstanceIR {
  const policy = policyOf(view, 'ClientTrafficPolicy', [{ object: gateway }]);
  const trustedProxies = policy && translateClientTrafficPolicy(view, policy).trustedProxies;
  return trustedProxies === undefined ? instance : { ...instance, trustedProxies };
}
