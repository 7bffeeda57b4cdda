import { type KubernetesObject, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';

/** `namespace/name` of the EnvoyGatewayCtl that an object was made for. */
const OWNER = 'envoy-gateway.alauda.io/owner';

export function ownerAnnotation(ctl: ObjectKey): Readonly<Record<string, string>> {
  return { [OWNER]: objectKeyText(ctl) };
}

/** The EnvoyGatewayCtl that a GatewayClass or another object was made for; undefined: somebody wrote it. */
export function ctlOf({ metadata }: KubernetesObject): ObjectKey | undefined {
  const [namespace, name, ...others] = metadata.annotations?.[OWNER]?.split('/') ?? [];
  return namespace === undefined || name === undefined || others.length > 0 ? undefined : { namespace, name };
}

export function isMadeFor(object: KubernetesObject, { namespace, name }: ObjectKey): boolean {
  const ctl = ctlOf(object);
  return ctl?.namespace === namespace && ctl.name === name;
}
