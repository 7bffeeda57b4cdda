import type { BackendSettings } from '@causeway/apis/envoy-gateway/backend-cluster';
import { ENVOY_GATEWAY_GROUP } from '@causeway/apis/envoy-gateway/bundle';
import type { BackendObjectReference } from '@causeway/apis/gateway-api/object-reference';
import { keyOf } from '@causeway/apis/meta/object';
import type { ServiceAddressIR } from '@causeway/ir/gateway';
import { resolveBackend } from '../backend/backend-ref.ts';
import { askedService } from '../plane/asked-service.ts';
import { askingOf } from './asking.ts';
import { askedHost } from './lookup-family.ts';
import type { SecurityContext } from './policy-secret.ts';

/** See {@link askedService}. */
export interface ServiceAt extends ServiceAddressIR {
  readonly secure: boolean;
}

/** Those that can be asked; of the others it is told why not. @param settings how they are asked */
export function servicesAt(
  refs: readonly BackendObjectReference[],
  field: string,
  context: SecurityContext,
  settings: BackendSettings | undefined,
): readonly ServiceAt[] {
  const dns = settings?.dns;
  if (dns?.respectDnsTtl === false) {
    context.tell(`${field.replace(/Refs$/, 'Settings')}.dns.respectDnsTtl`, 'false is not served');
  }
  return refs
    .flatMap((ref) => serviceAt(ref, field, context) ?? [])
    .map((service) => ({ ...service, host: askedHost(service.host, dns?.lookupFamily) }));
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
  const asked = askedService(resolved);
  if (typeof asked === 'string') {
    tell(field, asked);
    return undefined;
  }
  return { ...asked, secure: resolved.protocol === 'https' || resolved.protocol === 'grpcs' };
}

/** Without what only translation needs to know. @param settings how it is asked */
export function addressOf({ host, port, tls }: ServiceAt, settings?: BackendSettings): ServiceAddressIR {
  const asking = settings === undefined ? {} : askingOf(settings);
  return {
    host,
    port,
    ...(tls === undefined ? {} : { tls }),
    ...(Object.keys(asking).length === 0 ? {} : { asking }),
  };
}
