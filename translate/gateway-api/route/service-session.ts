/** What an XBackendTrafficPolicy makes of requests for its Services. Source: Gateway API v1.6, XBackendTrafficPolicy; GEP-1619. */
import type { SessionPersistence } from '@causeway/apis/gateway-api/session-persistence';
import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { SessionIR } from '@causeway/ir/gateway';
import type { XBackendTrafficPolicy } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { gatewaysLeadingTo, type PolicyAncestor, policyAncestors } from '../backend/backend-tls-policy-status.ts';
import { type Verdict, verdict } from '../condition.ts';
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
 * The session of a rule: its own, or that which the policy of its one Service says, for all rules that lead there.
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
  const [only, ...others] = backendRefs;
  if (only === undefined || others.length > 0 || (only.group ?? '') !== '' || (only.kind ?? 'Service') !== 'Service')
    return undefined;
  if (view.by('XBackendTrafficPolicy', 'any', '').length === 0) return undefined;
  const service: ObjectKey = { namespace: only.namespace ?? namespace, name: only.name };
  const [policy] = policiesOfService(view, service);
  const session = policy && sessionOfPolicy(policy, service);
  return typeof session === 'string' ? undefined : session;
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
  if (policy.spec.retryConstraint !== undefined) return no('Invalid', 'spec.retryConstraint: not served');
  return verdict(
    'Accepted',
    true,
    'Accepted',
    'rules with one of its Services as their only backend have its sessions',
  );
}
