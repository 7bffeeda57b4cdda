/**
 * Data planes in the network of their machine: ports below 1024 are then 10000 higher than those of their listeners, unless their
 * parameters say otherwise. Elsewhere a Service, or an address of their own, has the ports of the listeners.
 *
 * Source: GW-07.
 */
import type { Gateway } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import type { GatewayListener } from '../listener/listener.ts';
import { type HostNetwork, parametersOf } from '../proxy/envoy-proxy.ts';

const SHIFT = 10_000;
const FIRST_UNPRIVILEGED = 1024;

/** What the parameters of a Gateway say. */
export function hostNetwork(view: View, gateway: Gateway): HostNetwork | undefined {
  const parameters = parametersOf(view, gateway);
  return parameters === undefined || typeof parameters === 'string' ? undefined : parameters.hostNetwork;
}

/** The port that the data plane opens for a listener. */
export function boundPort(view: View, gateway: Gateway, port: number): number {
  return port < FIRST_UNPRIVILEGED && hostNetwork(view, gateway) === 'shifted' ? port + SHIFT : port;
}

/**
 * Why the port of a listener cannot be opened: one before it has it already.
 *
 * @param all listeners of the data plane
 */
export function portTakenAtHost(
  view: View,
  gateway: Gateway,
  listener: GatewayListener,
  all: readonly GatewayListener[],
): string | undefined {
  if (hostNetwork(view, gateway) !== 'shifted') return undefined;
  const bound = boundPort(view, gateway, listener.spec.port);
  const isUdp = listener.spec.protocol === 'UDP';
  const before = all.slice(
    0,
    all.findIndex(({ id }) => id === listener.id),
  );
  const first = before.find(
    ({ refusal, spec }) =>
      refusal === undefined &&
      (spec.protocol === 'UDP') === isUdp &&
      spec.port !== listener.spec.port &&
      boundPort(view, gateway, spec.port) === bound,
  );
  return first && `port ${bound} of the host is that of listener ${first.spec.name}`;
}
