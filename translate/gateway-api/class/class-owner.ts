import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { GatewayClass } from '@causeway/resources/kinds';

/** `namespace/name` of the EnvoyGatewayCtl that a GatewayClass was made for. */
const OWNER = 'envoy-gateway.alauda.io/owner';

export function ownerAnnotation(ctl: ObjectKey): Readonly<Record<string, string>> {
  return { [OWNER]: objectKeyText(ctl) };
}

/** The EnvoyGatewayCtl that a GatewayClass was made for; undefined: somebody wrote it. */
export function ctlOf({ metadata }: GatewayClass): ObjectKey | undefined {
  const [namespace, name, ...others] = metadata.annotations?.[OWNER]?.split('/') ?? [];
  return namespace === undefined || name === undefined || others.length > 0 ? undefined : { namespace, name };
}

export function isMadeFor(gatewayClass: GatewayClass, { namespace, name }: ObjectKey): boolean {
  const ctl = ctlOf(gatewayClass);
  return ctl?.namespace === namespace && ctl.name === name;
}
