import type { LimitStoreIR } from '@causeway/ir/gateway';
import type { Gateway } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { ourClassOf } from './class.ts';
import { ctlOf } from './class-owner.ts';
import { readCtlConfig } from './ctl-config.ts';
import { readRateLimitBackend } from './rate-limit-backend.ts';

/** The store of the class of a Gateway for what global limits count; undefined: it has none. */
export function limitStoreOf(view: View, gateway: Gateway): LimitStoreIR | undefined {
  const gatewayClass = ourClassOf(view, gateway);
  const key = gatewayClass && ctlOf(gatewayClass);
  const ctl = key && view.get('EnvoyGatewayCtl', key);
  return ctl && readRateLimitBackend(readCtlConfig(ctl).inForce).store;
}
