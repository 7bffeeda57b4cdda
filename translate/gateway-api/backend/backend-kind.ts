import { ENVOY_GATEWAY_GROUP } from '@causeway/apis/envoy-gateway/bundle';

/** Reports whether a reference is to a Backend, not to a Service. */
export function isBackendKind(group: string, kind: string): boolean {
  return group === ENVOY_GATEWAY_GROUP && kind === 'Backend';
}
