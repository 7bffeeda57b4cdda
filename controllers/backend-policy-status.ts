import { isDeepStrictEqual } from 'node:util';
import type { PolicyStatus } from '@causeway/apis/gateway-api/policy-status';
import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import { KIND_REFS } from '@causeway/resources/kinds';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { StatusWriter } from '@causeway/targets/status/status-writer';
import { translateBackendTlsPolicyStatus } from '@causeway/translate/gateway-api/backend/backend-tls-policy-status';
import { isOurController } from '@causeway/translate/gateway-api/class/class';
import { asConditions } from '@causeway/translate/gateway-api/condition';
import { translateServicePolicyStatus } from '@causeway/translate/gateway-api/route/service-session';

/** Source: Gateway API, PolicyStatus: no more ancestors are told of. */
const MOST_ANCESTORS = 16;

const TRANSLATORS = {
  BackendTLSPolicy: translateBackendTlsPolicyStatus,
  XBackendTrafficPolicy: translateServicePolicyStatus,
} as const;

export function backendPolicyStatusQueue(kind: keyof typeof TRANSLATORS): string {
  return `${kind}Status`;
}

/** A policy for backends -> what is said of it at the Gateways that it concerns (GW-40). Entries of other controllers stay. */
export function backendPolicyStatusController(
  kind: keyof typeof TRANSLATORS,
  snapshot: Snapshot,
  status: StatusWriter,
  now: () => Date,
): Reconcile<ObjectKey> {
  return async (key) => {
    const owner = `${backendPolicyStatusQueue(kind)}/${objectKeyText(key)}`;
    const view = snapshot.view(owner);
    const policy = view.get(kind, key);
    if (policy === undefined) {
      snapshot.forget(owner);
      return done;
    }
    const ancestors = TRANSLATORS[kind](view, key);
    const { generation = 0 } = policy.metadata;
    await status.put(KIND_REFS[kind], policy, (stored) => {
      const before = (stored as Partial<PolicyStatus>).ancestors ?? [];
      const others = before.filter(({ controllerName }) => !isOurController(controllerName));
      if (ancestors.length === 0 && others.length === before.length) return stored;
      const own = ancestors.slice(0, MOST_ANCESTORS - others.length).map(({ ref, controllerName, conditions }) => ({
        ancestorRef: ref,
        controllerName,
        conditions: asConditions(
          conditions,
          before.find((each) => each.controllerName === controllerName && isDeepStrictEqual(each.ancestorRef, ref))
            ?.conditions ?? [],
          { generation, now: now() },
        ),
      }));
      return { ...stored, ancestors: [...others, ...own] };
    });
    return done;
  };
}
