import type { ALB2 } from '@causeway/apis/gateway/alb2';
import type { ObjectKey } from '@causeway/apis/meta/object';
import type { RetryConditionIR } from '@causeway/ir/gateway';
import { type AlbSettings, albSettings } from '../gateway/alb-settings.ts';

const SUFFIX = '.gateway';

/** What makes another attempt unless a rule says otherwise: a connection that fails. */
export const USUAL_RETRY: readonly RetryConditionIR[] = ['error'];

/** The key of the data plane of a Gateway; differs from that of an ALB2 of the same name. */
export function gatewayPlaneOf({ namespace, name }: ObjectKey): ObjectKey {
  return { namespace, name: `${name}${SUFFIX}` };
}

/** The inverse of {@link gatewayPlaneOf}; undefined for the data plane of something else. */
export function gatewayOf({ namespace, name }: ObjectKey): ObjectKey | undefined {
  return name.endsWith(SUFFIX) ? { namespace, name: name.slice(0, -SUFFIX.length) } : undefined;
}

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
