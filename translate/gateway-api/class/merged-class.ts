/**
 * GatewayClasses whose Gateways share one data plane: `mergeGateways` of the EnvoyProxy that the class names. The data plane is in the namespace
 * of that EnvoyProxy and called after the class; it is there as long as a Gateway wants it.
 *
 * Source: Envoy Gateway v1.7, EnvoyProxySpec.mergeGateways.
 */
import { createHash } from 'node:crypto';
import { ENVOY_GATEWAY_GROUP } from '@causeway/apis/envoy-gateway/bundle';
import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { Gateway, GatewayClass } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { CONTROLLER_NAME, ourClassOf } from './class.ts';

const SUFFIX = '.gatewayclass';
/** So is the name of what stands for it the name of a Service. */
const PLAIN = /^[a-z]([-a-z0-9]{0,40}[a-z0-9])?$/;

/** The key of the data plane that all Gateways of a class share; undefined: each has one of its own, or the class is not ours. */
export function mergedPlaneOf(view: View, { metadata, spec }: GatewayClass): ObjectKey | undefined {
  const { parametersRef: ref, controllerName } = spec;
  if (controllerName !== CONTROLLER_NAME || ref?.group !== ENVOY_GATEWAY_GROUP || ref.kind !== 'EnvoyProxy')
    return undefined;
  const { namespace = '', name } = ref;
  const proxy = view.get('EnvoyProxy', { namespace, name });
  // While its EnvoyProxy is not there the class goes on as it was.
  const isMerged =
    proxy === undefined
      ? view.by('Service', 'workload', objectKeyText(classWorkloadOf(metadata))).length > 0
      : proxy.spec.mergeGateways === true;
  return isMerged ? { namespace, name: `${metadata.name}${SUFFIX}` } : undefined;
}

/** What stands for the data plane of a GatewayClass whose Gateways share one: Service, and on a cluster its workload. It has no namespace: where the objects are, its EnvoyProxy says. */
export function classWorkloadOf({ name }: Pick<ObjectKey, 'name'>): ObjectKey {
  if (PLAIN.test(name)) return { namespace: '', name: `${name}-gateways` };
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return { namespace: '', name: `gateways-${hash}` };
}

/** The name of the class whose Gateways share a data plane; undefined: it is that of something else. */
export function classOfPlane({ name }: ObjectKey): string | undefined {
  return name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : undefined;
}

/** The class of a Gateway that shares its data plane with the others of that class. */
export function mergedClassOf(view: View, gateway: Gateway): GatewayClass | undefined {
  const found = ourClassOf(view, gateway);
  return found !== undefined && mergedPlaneOf(view, found) !== undefined ? found : undefined;
}

/** Why a Gateway has no part in the data plane of its class; undefined: it has, or its data plane is another one. */
export function apartFromClass(view: View, gateway: Gateway): string | undefined {
  const merged = gateway.spec.infrastructure?.parametersRef && mergedClassOf(view, gateway);
  if (merged === undefined) return undefined;
  return `infrastructure.parametersRef: Gateways of GatewayClass ${merged.metadata.name} share a data plane (mergeGateways), whose parameters are those of the class`;
}

/** The Gateways that share the data plane of a class, the oldest first. */
export function gatewaysOfMergedClass(view: View, className: string): readonly Gateway[] {
  return view
    .by('Gateway', 'gatewayClass', className)
    .filter(({ metadata, spec }) => {
      return metadata.deletionTimestamp === undefined && spec.infrastructure?.parametersRef === undefined;
    })
    .sort((a, b) => (precedence(a) < precedence(b) ? -1 : 1));
}

function precedence(gateway: Gateway): string {
  return `${gateway.metadata.creationTimestamp ?? '9'} ${objectKeyText(keyOf(gateway))}`;
}
