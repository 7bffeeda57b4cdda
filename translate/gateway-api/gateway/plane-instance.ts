import type { ObjectKey } from '@causeway/apis/meta/object';
import type { InstanceIR } from '@causeway/ir/gateway';
import type { Gateway, GatewayClass } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { instanceOf } from '../../gateway/instance.ts';
import { gatewaysOfMergedClass, mergedPlaneOf } from '../class/merged-class.ts';
import { gatewayParts } from '../plane/acknowledged.ts';
import { PLANE_TUNING, planeSettings, USUAL_RETRY } from '../plane/data-plane.ts';
import { type ParametersTranslation, parametersOfClass } from '../proxy/envoy-proxy.ts';
import { wantedAddresses } from './gateway-acceptance.ts';

/** @param wanted addresses that it is to have; empty: any */
export function planeInstance(
  plane: ObjectKey,
  parameters: ParametersTranslation | string | undefined,
  wanted: readonly string[],
): InstanceIR {
  return {
    ...instanceOf(plane, planeSettings(plane), PLANE_TUNING),
    usualRetry: USUAL_RETRY,
    ...(typeof parameters === 'object' ? parameters.instance : {}),
    ...(wanted.length === 0 ? {} : { ownAddresses: wanted }),
  };
}

/** The data plane that the Gateways of a class share; undefined: they do not, or there are none. */
export function translateClassPlane(view: View, key: ObjectKey): InstanceIR | undefined {
  const found = view.get('GatewayClass', key);
  const plane = found && mergedPlaneOf(view, found);
  if (found === undefined || plane === undefined || found.metadata.deletionTimestamp !== undefined) return undefined;
  const gateways = gatewaysOfMergedClass(view, key.name);
  if (gateways.length === 0) return undefined;
  const parts = gateways.flatMap((gateway) => gatewayParts(view, gateway));
  return {
    ...planeInstance(plane, parametersOfClass(view, found), addressesOfClass(view, found)),
    parts: parts.sort().join(','),
  };
}

/** Addresses that the Gateways of a class with one data plane ask for together, sorted. */
export function addressesOfClass(view: View, { metadata }: GatewayClass): readonly string[] {
  const wanted = (gateway: Gateway) => wantedAddresses(view, gateway);
  return [...new Set(gatewaysOfMergedClass(view, metadata.name).flatMap(wanted))].sort();
}
