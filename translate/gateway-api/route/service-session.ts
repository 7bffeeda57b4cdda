/** What an XBackendTrafficPolicy makes of requests for its Services. Source: Gateway API v1.6, XBackendTrafficPolicy; GEP-1619. */
import type { SessionPersistence } from '@causeway/apis/gateway-api/session-persistence';
import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { RetryBudgetIR, SessionIR } from '@causeway/ir/gateway';
import type { XBackendTrafficPolicy } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { gatewaysLeadingTo, type PolicyAncestor, policyAncestors } from '../backend/backend-tls-policy-status.ts';
import { type Verdict, verdict } from '../condition.ts';
import { parseDuration } from '../duration.ts';
import { type SessionOptions, translateSession } from './session-persistence.ts';

interface RuleBackends {
  readonly sessionPersistence?: SessionPersistence;
  readonly backendRefs?: readonly {
    readonly group?: string;
    readonly kind?: string;
    readonly namespace?: string;
    readonly name: string;
  }[];
}

/**
 * The session of a rule: its own, or that which the policies of its Services say, for all rules that lead there. Of several they must say the
 * same, its name too: a session belongs to an endpoint, whichever of them has it.
 *
 * @param namespace of the route
 * @returns text: what of the rule itself cannot be served
 */
export function sessionOfRule(
  view: View,
  namespace: string,
  { sessionPersistence, backendRefs = [] }: RuleBackends,
  options: SessionOptions,
): SessionIR | string | undefined {
  if (sessionPersistence !== undefined) return translateSession(sessionPersistence, options);
  const sessions = policiesOfRule(view, namespace, backendRefs).map(({ policy, service }) =>
    sessionOfPolicy(policy, service),
  );
  const [first] = sessions;
  const isOfAll = sessions.every((session) => JSON.stringify(session) === JSON.stringify(first));
  return typeof first === 'string' || !isOfAll ? undefined : first;
}

/** How many requests for the one Service of a rule may be sent again: all rules that lead there together. */
export function retryBudgetOfRule(
  view: View,
  namespace: string,
  { backendRefs = [] }: RuleBackends,
): RetryBudgetIR | undefined {
  const [found, ...others] = policiesOfRule(view, namespace, backendRefs);
  const constraint = found?.policy.spec.retryConstraint;
  if (found === undefined || constraint === undefined || others.length > 0) return undefined;
  const { budget = {}, minRetryRate = {} } = constraint;
  return {
    scope: `retries ${objectKeyText(found.service)}`,
    percent: budget.percent ?? USUAL.percent,
    intervalMs: msOf(budget.interval) ?? USUAL.intervalMs,
    least: minRetryRate.count ?? USUAL.least,
    leastMs: msOf(minRetryRate.interval) ?? USUAL.leastMs,
  };
}

/** Source: Gateway API v1.6, RetryConstraint. */
const USUAL = { percent: 20, intervalMs: 10_000, least: 10, leastMs: 1000 } as const;

function msOf(duration: string | undefined): number | undefined {
  const ms = duration === undefined ? undefined : parseDuration(duration);
  return ms === 0 ? undefined : ms;
}

/** Of each backend of a rule; empty unless all of them are Services that have one. */
function policiesOfRule(
  view: View,
  namespace: string,
  refs: NonNullable<RuleBackends['backendRefs']>,
): readonly { readonly policy: XBackendTrafficPolicy; readonly service: ObjectKey }[] {
  if (!view.has('XBackendTrafficPolicy', 'any', '')) return [];
  const found = refs.flatMap((ref) => {
    if ((ref.group ?? '') !== '' || (ref.kind ?? 'Service') !== 'Service') return [];
    const service: ObjectKey = { namespace: ref.namespace ?? namespace, name: ref.name };
    const [policy] = policiesOfService(view, service);
    return policy === undefined ? [] : [{ policy, service }];
  });
  return found.length === refs.length ? found : [];
}

function sessionOfPolicy(
  { spec: { sessionPersistence } }: XBackendTrafficPolicy,
  service: ObjectKey,
): SessionIR | string | undefined {
  return (
    sessionPersistence && translateSession(sessionPersistence, { rule: `service ${objectKeyText(service)}`, path: '/' })
  );
}

/** The first of them counts as a whole: the oldest, then the first by name. */
function policiesOfService(view: View, service: ObjectKey): readonly XBackendTrafficPolicy[] {
  const order = ({ metadata: { creationTimestamp = '9', name } }: XBackendTrafficPolicy) =>
    `${creationTimestamp} ${name}`;
  return [...view.by('XBackendTrafficPolicy', 'service', objectKeyText(service))].sort((a, b) =>
    order(a) < order(b) ? -1 : 1,
  );
}

/** What is said of a policy at each of our Gateways whose routes lead to one of its Services; sorted. */
export function translateServicePolicyStatus(view: View, key: ObjectKey): readonly PolicyAncestor[] {
  const policy = view.get('XBackendTrafficPolicy', key);
  if (policy === undefined) return [];
  const services = policy.spec.targetRefs.flatMap(({ group, kind, name }) =>
    group === '' && kind === 'Service' ? [{ namespace: key.namespace, name }] : [],
  );
  const gateways = gatewaysLeadingTo(
    view,
    services.map((service) => ({ kind: 'Service' as const, ...service })),
    ['HTTPRoute', 'GRPCRoute'],
  );
  return policyAncestors(gateways, [acceptance(view, policy, services)]);
}

function acceptance(view: View, policy: XBackendTrafficPolicy, services: readonly ObjectKey[]): Verdict {
  const no = (reason: string, message: string) => verdict('Accepted', false, reason, message);
  for (const service of services) {
    const [first] = policiesOfService(view, service);
    if (first !== undefined && first.metadata.name !== policy.metadata.name)
      return no('Conflicted', `Service ${service.name} has XBackendTrafficPolicy ${objectKeyText(keyOf(first))}`);
    const session = sessionOfPolicy(policy, service);
    if (typeof session === 'string') return no('Invalid', `spec.${session}`);
  }
  return verdict('Accepted', true, 'Accepted', 'in force for rules with one of its Services as their only backend');
}
