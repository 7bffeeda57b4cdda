import { GATEWAY_GROUP } from '@causeway/apis/gateway-api/bundle';
import type { Referrer } from '../gateway/reference.ts';
import type { ListenerOwner } from './listener/listener.ts';

/** Consent for a Gateway is none for its ListenerSets, nor the other way round. */
export function listenerReferrer({ kind, namespace }: ListenerOwner): Referrer {
  return { group: GATEWAY_GROUP, kind, namespace };
}

export function routeReferrer(kind: string, namespace: string): Referrer {
  return { group: GATEWAY_GROUP, kind, namespace };
}
