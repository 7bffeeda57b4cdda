import type { ALB2 } from '@causeway/apis/gateway/alb2';
import { LABEL_ALB_REF } from '@causeway/apis/gateway/labels';
import { keyOf, type ObjectKey } from '@causeway/apis/meta/object';
import type { RetryConditionIR, TuningIR } from '@causeway/ir/gateway';
import type { Gateway } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { type AlbSettings, albSettings } from '../../gateway/alb-settings.ts';
import { albOfClass, isStandaloneClass } from '../class/alb-class.ts';
import { CONTROLLER_NAME, isAlbClass, ourClassOf } from '../class/class.ts';
import { mergedPlaneOf } from '../class/merged-class.ts';

const SUFFIX = '.gateway';

/** What makes another attempt unless a rule says otherwise: a connection that fails. */
export const USUAL_RETRY: readonly RetryConditionIR[] = ['error'];

/** GW-43: how long a connection to a backend may take unless something else is said. */
export const CONNECT_MS = 10_000;

/** The key of the data plane that a Gateway has for itself; differs from that of an ALB2 of the same name. */
export function gatewayPlaneOf({ namespace, name }: ObjectKey): ObjectKey {
  return { namespace, name: `${name}${SUFFIX}` };
}

/** The inverse of {@link gatewayPlaneOf}; undefined for the data plane of something else. */
export function gatewayOf({ namespace, name }: ObjectKey): ObjectKey | undefined {
  return name.endsWith(SUFFIX) ? { namespace, name: name.slice(0, -SUFFIX.length) } : undefined;
}

/** The key of the data plane that serves a Gateway: its own, that of its class, or of an ALB2. Of one that waits for its ALB2 nobody has it. */
export function planeOf(view: View, gateway: Gateway): ObjectKey {
  const gatewayClass = ourClassOf(view, gateway);
  const merged = gatewayClass && mergedPlaneOf(view, gatewayClass);
  return merged ?? albNamedBy(view, gateway) ?? gatewayPlaneOf(keyOf(gateway));
}

/** Whether a Gateway is ours and has a data plane for itself. */
export function hasOwnPlane(view: View, gateway: Gateway): boolean {
  const found = ourClassOf(view, gateway);
  return found?.spec.controllerName === CONTROLLER_NAME && mergedPlaneOf(view, found) === undefined;
}

/** The ALB2 that is to serve a Gateway, whether it does or not; undefined: the Gateway names none. Source: spec ALB-111, ALB-112. */
export function albNamedBy(view: View, gateway: Gateway): ObjectKey | undefined {
  const gatewayClass = ourClassOf(view, gateway);
  if (gatewayClass === undefined || !isAlbClass(gatewayClass)) return undefined;
  if (!isStandaloneClass(gatewayClass)) return albOfClass(gatewayClass);
  const { labels, namespace = '' } = gateway.metadata;
  const name = labels?.[LABEL_ALB_REF] ?? '';
  return name === '' ? undefined : { namespace, name };
}

/** GW-43: how long connections to backends wait for requests unless something else is said. */
export const PLANE_TUNING: TuningIR = { backendIdleMs: 3_600_000 };

/** As those of an ALB with one replica in container mode. */
export function planeSettings(plane: ObjectKey): AlbSettings {
  const alb: ALB2 = {
    apiVersion: 'crd.alauda.io/v2beta1',
    kind: 'ALB2',
    metadata: plane,
    spec: { type: 'nginx', config: { replicas: 1, networkMode: 'container', traceHeader: false } },
  };
  const settings = albSettings(alb);
  if (settings === undefined) throw new TypeError('the ALB2 has a config');
  return settings;
}
