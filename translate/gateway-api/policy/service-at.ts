import { ENVOY_GATEWAY_GROUP } from '@causeway/apis/envoy-gateway/bundle';
import type { BackendObjectReference } from '@causeway/apis/gateway-api/object-reference';
import { keyOf, objectKeyText } from '@causeway/apis/meta/object';
import { resolveBackend } from '../backend-ref.ts';
import type { SecurityContext } from './policy-secret.ts';

/** A Service that is asked by name; whoever asks finds its endpoints. */
export interface ServiceAt {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
}

/** Those that can be asked; of the others it is told why not. */
export function servicesAt(
  refs: readonly BackendObjectReference[],
  field: string,
  context: SecurityContext,
): readonly ServiceAt[] {
  return refs.flatMap((ref) => serviceAt(ref, field, context) ?? []);
}

function serviceAt(
  ref: BackendObjectReference,
  field: string,
  { view, policy, tell }: SecurityContext,
): ServiceAt | undefined {
  const referrer = { group: ENVOY_GATEWAY_GROUP, kind: 'SecurityPolicy', namespace: keyOf(policy).namespace };
  const resolved = resolveBackend(view, referrer, ref);
  if ('reason' in resolved) {
    tell(field, resolved.message);
    return undefined;
  }
  if (resolved.tls !== undefined || resolved.refused !== undefined) {
    tell(field, `Service ${objectKeyText(resolved.service)}: BackendTLSPolicy is not served here`);
    return undefined;
  }
  const { namespace, name } = resolved.service;
  return {
    host: resolved.host ?? `${name}.${namespace}.svc`,
    port: resolved.port,
    secure: resolved.protocol === 'https',
  };
}
