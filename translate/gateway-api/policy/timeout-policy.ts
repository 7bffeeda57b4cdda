/**
 * Timeouts of ALB. Of each the last one counts that is said of: the default of the Gateway, the default of the route, the override of the
 * route, the override of the Gateway. Of several policies for the same the oldest comes first, then the first by name.
 *
 * Source: ALB-118.
 */
import { type KubernetesObject, keyOf } from '@causeway/apis/meta/object';
import type { RouteActionIR, TimeoutsIR } from '@causeway/ir/gateway';
import { policyTarget } from '@causeway/resources/indexes';
import type { Gateway, TimeoutPolicy } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { byAge } from './precedence.ts';

/** A rule of a route at a listener. */
export interface TimeoutPlace {
  readonly route: KubernetesObject;
  readonly rule: { readonly name?: string | undefined; readonly index: number };
  readonly gateway: Gateway;
  /** Of the Gateway; absent: it is of a ListenerSet. */
  readonly listener?: string | undefined;
}

type Timeouts = TimeoutPolicy['spec']['default'];

/**
 * What TimeoutPolicies make of an action.
 *
 * @param saysItself the rule has timeouts of its own, which stay but for that of connecting
 */
export function withTimeoutPolicy<A extends RouteActionIR>(
  view: View,
  { route, rule, gateway, listener }: TimeoutPlace,
  action: A,
  saysItself = false,
): A {
  if (action.type !== 'forward' || !view.has('TimeoutPolicy', 'any', '')) return action;
  const number = gateway.spec.listeners.findIndex(({ name }) => name === listener);
  const above = policyFor(view, gateway, { name: listener, index: number });
  const own = policyFor(view, route, rule);
  const layers = [above?.spec.default, own?.spec.default, own?.spec.override, above?.spec.override];
  const timeouts: Partial<TimeoutsIR> = Object.assign({}, ...layers.map(timeoutsOf));
  const { connectMs } = timeouts;
  const asked = saysItself ? (connectMs === undefined ? {} : { connectMs }) : timeouts;
  return { ...action, timeouts: { ...action.timeouts, ...asked } };
}

/** That for a part of an object comes before that for all of it. */
function policyFor(
  view: View,
  object: KubernetesObject,
  part: { readonly name?: string | undefined; readonly index: number },
): TimeoutPolicy | undefined {
  const { namespace, name } = keyOf(object);
  const policies = [...view.by('TimeoutPolicy', 'target', policyTarget(object.kind, namespace, name))].sort(byAge);
  const isForPart = ({ spec: { targetRef } }: TimeoutPolicy): boolean =>
    targetRef.sectionName === undefined ? targetRef.sectionIndex === part.index : targetRef.sectionName === part.name;
  const isForAll = ({ spec: { targetRef } }: TimeoutPolicy): boolean =>
    targetRef.sectionName === undefined && targetRef.sectionIndex === undefined;
  return policies.find(isForPart) ?? policies.find(isForAll);
}

/** 0 says nothing. */
function timeoutsOf(timeouts: Timeouts): Partial<TimeoutsIR> {
  const {
    proxy_connect_timeout_ms: connectMs = 0,
    proxy_send_timeout_ms: sendMs = 0,
    proxy_read_timeout_ms: readMs = 0,
  } = timeouts ?? {};
  return {
    ...(connectMs === 0 ? {} : { connectMs }),
    ...(sendMs === 0 ? {} : { sendMs }),
    ...(readMs === 0 ? {} : { readMs }),
  };
}
