import type { View } from '@causeway/resources/view';
import { translateBackendTrafficPolicy } from './backend-traffic-policy.ts';
import { translateClientTrafficPolicy } from './client-traffic-policy.ts';
import type { Policy, PolicyKind } from './policy-kind.ts';
import { translateSecurityPolicy } from './security-policy.ts';

/** What is to be said of a policy, whatever it is for. */
export interface PolicyFindings {
  readonly problems: readonly string[];
  readonly deprecated: readonly string[];
}

/** Kinds of targets at which policies have an effect. */
const SERVED_TARGETS: readonly string[] = ['Gateway', 'HTTPRoute', 'GRPCRoute'];

export function findingsOf(view: View, kind: PolicyKind, policy: Policy, targetKind: string): PolicyFindings {
  const { problems, deprecated } = ofPolicy(view, kind, policy);
  const unserved = SERVED_TARGETS.includes(targetKind) ? [] : [`no policy is served for a ${targetKind}`];
  return { problems: [...unserved, ...problems], deprecated };
}

function ofPolicy(view: View, kind: PolicyKind, policy: Policy): PolicyFindings {
  switch (kind) {
    case 'SecurityPolicy':
      return { ...translateSecurityPolicy(view, policy as Policy<'SecurityPolicy'>), deprecated: [] };
    case 'BackendTrafficPolicy':
      return translateBackendTrafficPolicy(policy as Policy<'BackendTrafficPolicy'>, '');
    case 'ClientTrafficPolicy':
      return translateClientTrafficPolicy(view, policy as Policy<'ClientTrafficPolicy'>);
  }
}
