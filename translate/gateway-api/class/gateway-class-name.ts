import type { ObjectKey } from '@causeway/apis/meta/object';

/** Name of the GatewayClass of an EnvoyGatewayCtl. Source: GW-02. */
export function gatewayClassName({ namespace, name }: ObjectKey): string {
  return `${namespace}-${name}`;
}
