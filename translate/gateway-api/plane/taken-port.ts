import type { Gateway } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import type { GatewayListener } from '../listener/listener.ts';
import { listenersBeside } from '../listener/listener-set.ts';
import { type PortRefusal, portRefusal } from './alb-plane.ts';
import { portTakenAtHost } from './host-network.ts';

/** Why a listener does not get its port, though nothing is wrong with it: somebody else has it. */
export function takenPort(view: View, gateway: Gateway, listener: GatewayListener): PortRefusal | undefined {
  const message = portTakenAtHost(view, gateway, listener, listenersBeside(view, gateway));
  return message === undefined ? portRefusal(view, gateway, listener) : { reason: 'PortUnavailable', message };
}
