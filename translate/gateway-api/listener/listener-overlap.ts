import type { View } from '@causeway/resources/view';
import { type Verdict, verdict } from '../condition.ts';
import { covers } from './hostname.ts';
import type { GatewayListener } from './listener.ts';
import { listenerCertificates } from './listener-certificate.ts';

/**
 * That a connection made for one listener of a port may be used for hosts of another, which is answered 421.
 *
 * Source: Gateway API v1, ListenerConditionOverlappingTLSConfig.
 *
 * @param all listeners of the Gateway
 * @returns undefined: it may not
 */
export function overlapOf(view: View, listener: GatewayListener, all: readonly GatewayListener[]): Verdict | undefined {
  const isSecure = ({ spec, refusal }: GatewayListener) => spec.protocol === 'HTTPS' && refusal === undefined;
  if (!isSecure(listener)) return undefined;
  const others = all.filter(
    (other) => other.id !== listener.id && isSecure(other) && other.spec.port === listener.spec.port,
  );
  const { hostname } = listener;
  const near = others.find((other) => covers(other.hostname, hostname) || covers(hostname, other.hostname));
  if (near !== undefined) {
    const message = `its hosts and those of listener ${near.spec.name} overlap; requests on the connection of another are answered 421`;
    return verdict('OverlappingTLSConfig', true, 'OverlappingHostnames', message);
  }
  const shared = others.find((other) => isFor(view, listener, other) || isFor(view, other, listener));
  if (shared === undefined) return undefined;
  const message = `a certificate is also for hosts of listener ${shared.spec.name}; requests on the connection of another are answered 421`;
  return verdict('OverlappingTLSConfig', true, 'OverlappingCertificates', message);
}

/** Whether clients may take a connection to one listener for one to another. */
function isFor(view: View, one: GatewayListener, other: GatewayListener): boolean {
  return listenerCertificates(view, one).usable.some(({ subjects }) =>
    subjects.some((subject) => covers(subject, other.hostname)),
  );
}
