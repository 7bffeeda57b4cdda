import { keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { PassthroughIR } from '@causeway/ir/gateway';
import type { Gateway } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import type { Need } from '../../gateway/problem.ts';
import { planeOf } from '../plane/data-plane.ts';
import { listenerAction, serverName } from '../route/stream-route.ts';
import type { GatewayListener } from './listener.ts';
import { tlsEndOf } from './listener-certificate.ts';

/** Where a TCPRoute has a listener that ends TLS: its connections that no TLSRoute wants. */
export function tcpRouteBehindTls(
  view: View,
  gateway: Gateway,
  listener: GatewayListener,
): { readonly passthrough: PassthroughIR; readonly needs: readonly Need[] } | undefined {
  const end = tlsEndOf(view, listener);
  if (end === undefined) return undefined;
  const { action, needs } = listenerAction(view, listener);
  if (action === undefined) return undefined;
  return {
    passthrough: {
      kind: 'passthrough',
      id: `${listener.id}#tcp`,
      instance: objectKeyText(planeOf(view, gateway)),
      listeners: [listener.id],
      hosts: [serverName(listener.hostname)],
      order: { priority: 1, tie: '' },
      action,
      end,
      name: listener.spec.name,
      source: { type: 'gateway', ...keyOf(gateway) },
    },
    needs,
  };
}
