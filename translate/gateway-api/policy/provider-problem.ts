import { objectKeyText } from '@causeway/apis/meta/object';
import type { FilterIR } from '@causeway/ir/gateway';
import type { Gateway } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { planeOf } from '../plane/data-plane.ts';

/**
 * What data planes of a Gateway say of the OpenID providers that filters name: one that never said where users sign in cannot be used. They
 * ask them, not we.
 *
 * Source: GW-37.
 */
export function providerProblems(view: View, filters: readonly FilterIR[], gateway: Gateway): readonly string[] {
  const clients = filters.flatMap((filter) => (filter.type === 'oidc' ? [filter.client] : []));
  // Where the policy itself says it nobody is asked.
  const asked = clients.filter(({ authorization }) => authorization === undefined);
  if (asked.length === 0) return [];
  const instances = view.by('Instance', 'alb', objectKeyText(planeOf(view, gateway)));
  const told = instances.flatMap(({ status }) => status?.providers ?? []);
  const found = asked.flatMap(({ issuer, at }) => {
    const wanted = at && `${at.host}:${at.port}`;
    return told.filter((one) => one.issuer === issuer && one.service === wanted).map(({ message }) => message);
  });
  return [...new Set(found)].map((message) => `spec.oidc.provider.issuer: ${message}`);
}
