import { keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { PassthroughIR } from '@causeway/ir/gateway';
import type { Gateway } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import type { GatewayListener } from '../listener/listener.ts';
import { tlsEndOf } from '../listener/listener-certificate.ts';
import { planeOf } from '../plane/data-plane.ts';
import { serverName } from '../route/stream-route.ts';

/**
 * What closes connections that a listener of protocol TLS takes and no route wants: without it they would reach a server that ends
 * TLS, and be told so. Where no other listener of the port ends TLS, these are all connections.
 *
 * Source: GW-30.
 *
 * @param beside all listeners at the data plane, these included
 */
export function closedConnections(
  view: View,
  gateway: Gateway,
  listeners: readonly GatewayListener[],
  beside: readonly GatewayListener[],
): readonly PassthroughIR[] {
  const instance = objectKeyText(planeOf(view, gateway));
  return listeners
    .filter(({ spec }) => spec.protocol === 'TLS')
    .map((listener) => {
      const { id, spec, hostname } = listener;
      const end = tlsEndOf(view, listener);
      const alone = beside.every((other) => other.spec.port !== spec.port || other.spec.protocol !== 'HTTPS');
      return {
        kind: 'passthrough',
        id: `${id}#closed`,
        instance,
        listeners: [id],
        hosts: [serverName(alone ? '' : hostname)],
        order: { priority: 2, tie: '' },
        action: { type: 'respond', status: 404, reason: 'InvalidUpstream : no route' },
        ...(end === undefined ? {} : { end }),
        name: spec.name,
        source: { type: 'gateway', ...keyOf(gateway) },
      };
    });
}
