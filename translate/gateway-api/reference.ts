import { GATEWAY_GROUP } from '@causeway/apis/gateway-api/bundle';
import type { Referrer } from '../gateway/reference.ts';

export function gatewayReferrer(namespace: string): Referrer {
  return { group: GATEWAY_GROUP, kind: 'Gateway', namespace };
}

export function routeReferrer(kind: string, namespace: string): Referrer {
  return { group: GATEWAY_GROUP, kind, namespace };
}
