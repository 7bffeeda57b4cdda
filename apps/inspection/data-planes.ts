import { keyOf, type ObjectKey, objectKeyText, parseObjectKey } from '@causeway/apis/meta/object';
import type { View } from '@causeway/resources/view';
import { dataPlaneOf } from '@causeway/translate/gateway/ingress-nginx/settings';
import { mergedPlaneOf } from '@causeway/translate/gateway-api/class/merged-class';
import { gatewayPlaneOf, hasOwnPlane, planeOf } from '@causeway/translate/gateway-api/plane/data-plane';

/** Keys of the data planes of all ALB2s and IngressNginx objects. */
export function allDataPlanes(view: View): readonly ObjectKey[] {
  return [...view.all('ALB2').map(keyOf), ...view.all('IngressNginx').map((object) => dataPlaneOf(keyOf(object)))];
}

/** Keys of the data planes that Gateways have for themselves, or with the others of their class. */
export function gatewayDataPlanes(view: View): readonly ObjectKey[] {
  const ours = view.all('Gateway').filter((gateway) => hasOwnPlane(view, gateway));
  const shared = view.all('GatewayClass').flatMap((gatewayClass) => mergedPlaneOf(view, gatewayClass) ?? []);
  return [...ours.map((gateway) => gatewayPlaneOf(keyOf(gateway))), ...shared];
}

/**
 * Keys of the data planes of that name, in every namespace unless the name is `namespace/name`: of ALB2s and, where no ALB2 has the name, of
 * IngressNginx objects. `<name>.ingress-nginx` is always one of these.
 *
 * @param name absent: all
 * @param all among which; default: those of ALB2s and IngressNginx objects
 * @throws Error when there is none
 */
export function namedDataPlanes(view: View, name: string | undefined, all = allDataPlanes(view)): readonly ObjectKey[] {
  if (name === undefined) {
    if (all.length === 0) throw new Error('there is no ALB2 and no IngressNginx');
    return all;
  }
  const wanted = parseObjectKey(name);
  const named = (plane: string) =>
    all.filter((key) => key.name === plane && ['', key.namespace].includes(wanted.namespace));
  const asPlanes = named(wanted.name);
  const ofNginx = asPlanes.length > 0 ? asPlanes : named(dataPlaneOf(wanted).name);
  const own = ofNginx.length > 0 ? ofNginx : named(gatewayPlaneOf(wanted).name);
  const found = own.length > 0 ? own : planesOfGateways(view, wanted, all);
  if (found.length === 0) throw new Error(`there is no ALB2 ${name}, and no IngressNginx`);
  return found;
}

/** Of Gateways of that name that share theirs. */
function planesOfGateways(view: View, wanted: ObjectKey, all: readonly ObjectKey[]): readonly ObjectKey[] {
  const planes = view
    .all('Gateway')
    .filter(({ metadata }) => metadata.name === wanted.name && ['', metadata.namespace].includes(wanted.namespace))
    .map((gateway) => objectKeyText(planeOf(view, gateway)));
  return all.filter((key) => planes.includes(objectKeyText(key)));
}

/** @throws Error when there is none, or one in several namespaces */
export function namedDataPlane(view: View, name: string): ObjectKey {
  const [plane, ...others] = namedDataPlanes(view, name);
  if (plane === undefined || others.length > 0) {
    const all = [plane, ...others].flatMap((key) => (key === undefined ? [] : objectKeyText(key)));
    throw new Error(`several are named ${name}: ${all.join(', ')}; say namespace/name`);
  }
  return plane;
}
