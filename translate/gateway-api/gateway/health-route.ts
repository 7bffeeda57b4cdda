import { keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { RouteIR } from '@causeway/ir/gateway';
import type { Gateway } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { hostRank, hostTerms } from '../listener/hostname.ts';
import type { GatewayListener } from '../listener/listener.ts';
import { planeOf } from '../plane/data-plane.ts';
import { healthPathOf } from '../policy/listener-effect.ts';
import { policySection } from '../policy/precedence.ts';

/** What answers those who ask whether a listener is well, before all routes. Source: GW-42. */
export function healthRoute(view: View, gateway: Gateway, listener: GatewayListener): RouteIR | undefined {
  const path = healthPathOf(view, gateway, policySection(listener));
  if (path === undefined) return undefined;
  const { id, spec, hostname } = listener;
  const key = keyOf(gateway);
  return {
    kind: 'route',
    id: `${id}#health`,
    instance: objectKeyText(planeOf(view, gateway)),
    listeners: [id],
    match: [...hostTerms([hostname]), { subject: 'path', tests: [{ op: 'equal', value: path }] }],
    order: { priority: -1, specificity: [hostRank(hostname)], tie: '~' },
    filters: [],
    action: { type: 'respond', status: 200, reason: '' },
    certificates: [],
    name: spec.name,
    source: { type: 'gateway', ...key },
  };
}
