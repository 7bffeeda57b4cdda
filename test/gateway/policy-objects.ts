import type { PolicyTarget } from '@causeway/apis/gateway-api/object-reference';
import type { PolicyStatus } from '@causeway/apis/gateway-api/policy-status';
import type { GatewayLab } from './gateway-lab.ts';

type PolicyKind = 'SecurityPolicy' | 'BackendTrafficPolicy' | 'ClientTrafficPolicy';

/** `HTTPRoute/web`, or `Gateway/demo/http` for a part of it. */
export function target(text: string): PolicyTarget {
  const [kind = '', name = '', sectionName] = text.split('/');
  return { group: 'gateway.networking.k8s.io', kind, name, ...(sectionName === undefined ? {} : { sectionName }) };
}

/** A policy of namespace `default`. @param targets separated by blanks, see {@link target} */
export function policy(kind: PolicyKind, name: string, targets: string, spec: object = {}): object {
  return {
    apiVersion: 'gateway.envoyproxy.io/v1alpha1',
    kind,
    metadata: { name, namespace: 'default' },
    spec: { targetRefs: targets.split(' ').map(target), ...spec },
  };
}

/** A condition of a policy at its first Gateway, as `True Accepted: the message`; `''`: it is not there. */
export async function policyCondition(
  lab: GatewayLab,
  kind: PolicyKind,
  name: string,
  type = 'Accepted',
): Promise<string> {
  const policy = await lab.home.read(kind, { namespace: 'default', name });
  const status: PolicyStatus | undefined = policy?.status;
  const found = status?.ancestors[0]?.conditions.find((condition) => condition.type === type);
  return found === undefined ? '' : `${found.status} ${found.reason}: ${found.message}`;
}
