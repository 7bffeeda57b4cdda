import { isDeepStrictEqual } from 'node:util';
import type { PolicyStatus } from '@causeway/apis/gateway-api/policy-status';
import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import { KIND_REFS } from '@causeway/resources/kinds';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { Status, StatusWriter } from '@causeway/targets/status/status-writer';
import { isOurController } from '@causeway/translate/gateway-api/class/class';
import { asConditions } from '@causeway/translate/gateway-api/condition';
import type { PolicyKind } from '@causeway/translate/gateway-api/policy/policy-kind';
import { type PolicyVerdict, translatePolicyStatus } from '@causeway/translate/gateway-api/policy/policy-status';

/** Name of the queue of a kind. */
export function policyStatusQueue(kind: PolicyKind): string {
  return `${kind}Status`;
}

/** A policy -> what became of it at each Gateway (GW-33). Entries of other controllers stay as they are. */
export function policyStatusController(
  kind: PolicyKind,
  snapshot: Snapshot,
  status: StatusWriter,
  now: () => Date,
): Reconcile<ObjectKey> {
  return async (key) => {
    const owner = `${policyStatusQueue(kind)}/${objectKeyText(key)}`;
    const view = snapshot.view(owner);
    const policy = view.get(kind, key);
    if (policy === undefined) {
      snapshot.forget(owner);
      return done;
    }
    const verdicts = translatePolicyStatus(view, kind, key);
    const time = { generation: policy.metadata.generation ?? 0, now: now() };
    await status.put(KIND_REFS[kind], policy, (stored) => withVerdicts(stored, verdicts, time));
    return done;
  };
}

/** Conditions that are there only while they hold. */
const OWN = ['Merged', 'Overridden', 'Warning'];

function withVerdicts(
  stored: Status,
  verdicts: readonly PolicyVerdict[],
  time: { readonly generation: number; readonly now: Date },
): Status {
  const before = (stored as Partial<PolicyStatus>).ancestors ?? [];
  const others = before.filter(({ controllerName }) => !isOurController(controllerName));
  const own = before.filter(({ controllerName }) => isOurController(controllerName));
  if (verdicts.length === 0 && own.length === 0) return stored;
  const ancestors = verdicts.map(({ ancestor, controllerName, conditions }) => ({
    ancestorRef: ancestor,
    controllerName,
    conditions: asConditions(
      conditions,
      own.find((each) => each.controllerName === controllerName && isDeepStrictEqual(each.ancestorRef, ancestor))
        ?.conditions ?? [],
      { ...time, own: OWN },
    ),
  }));
  return { ...stored, ancestors: [...others, ...ancestors] };
}
