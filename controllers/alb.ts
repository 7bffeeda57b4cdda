import { ANNOTATION_MIGRATE_BACKUP, FINALIZER_INSTANCE, FINALIZER_OPERATOR } from '@causeway/apis/gateway/labels';
import { isOperatedFor } from '@causeway/apis/gateway/operator-labels';
import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import type { ALB2 } from '@causeway/resources/kinds';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { View } from '@causeway/resources/view';
import type { ApiTargets } from '@causeway/targets/objects/api-targets';
import type { DerivedObjects } from '@causeway/targets/objects/derived-objects';
import { diffObjects } from '@causeway/targets/objects/diff';
import { refusal } from '@causeway/targets/objects/refused';
import { isIgnored } from '@causeway/translate/gateway/alb-settings';
import { migratedAlb } from '@causeway/translate/gateway/migrated-alb';
import type { Problem } from '@causeway/translate/gateway/problem';
import { gatewayClassesOf } from './alb-gateway-class.ts';
import type { ProblemEvents } from './problem-events.ts';
import { isYetWithdrawn, Withdrawals } from './withdrawal.ts';
import { hasWorkload } from './workload.ts';

export interface AlbControllerOptions {
  readonly snapshot: Snapshot;
  readonly targets: ApiTargets;
  readonly problems: ProblemEvents;
  readonly now: () => Date;
}

const OURS: readonly string[] = [FINALIZER_OPERATOR, FINALIZER_INSTANCE];
const LOOK_AGAIN_MS = 100;

/**
 * Life and end of an ALB2 (ALB-127): holds it by our finalizers until nothing
 * that belongs to it is left. First the Ingress controller, which no longer
 * finds this ALB willing, withdraws its addresses and rules; then every
 * Frontend and Rule with its label goes, its IngressClass and GatewayClass; then the ALB2.
 */
export function albController(options: AlbControllerOptions): Reconcile<ObjectKey> {
  const { snapshot, targets, problems } = options;
  const { albs, finalizers } = targets;
  const withdrawals = new Withdrawals();
  return async (key) => {
    const owner = `alb/${objectKeyText(key)}`;
    const alb = snapshot.view(owner).get('ALB2', key);
    if (alb === undefined) {
      withdrawals.forget(owner);
      problems.forget(owner);
      snapshot.forget(owner);
      return done;
    }
    if (alb.metadata.deletionTimestamp === undefined) {
      if (!isManaged(alb)) return done;
      if (OURS.some((name) => alb.metadata.finalizers?.includes(name) !== true)) await finalizers.add(alb, OURS);
      else problems.put(owner, await migrate(alb, albs));
      return done;
    }
    if (!OURS.some((name) => alb.metadata.finalizers?.includes(name) === true)) return done;
    const left = belongings(snapshot.present, key);
    if (withdrawals.isUnderWay(owner, left.published, options.now())) {
      // Counting what is left of thousands takes a while: look less often.
      return { requeueAfterMs: LOOK_AGAIN_MS + left.published / 10 };
    }
    if (await removeBelongings(left, targets)) {
      await finalizers.remove(alb, OURS);
      return done;
    }
    return { requeueAfterMs: LOOK_AGAIN_MS };
  };
}

/** Moves the config of the annotation. Returns why the API does not take it. */
async function migrate(alb: ALB2, albs: DerivedObjects): Promise<readonly Problem[]> {
  const migrated = migratedAlb(alb);
  if (migrated === alb) return [];
  const metadata = { label: () => false, annotation: (key: string) => key === ANNOTATION_MIGRATE_BACKUP };
  try {
    await albs.put(diffObjects([migrated], [alb], metadata));
    return [];
  } catch (error) {
    const reason = refusal(error);
    if (reason === undefined) throw error;
    const message = `metadata.annotations[${ANNOTATION_MIGRATE_BACKUP}]: ${reason}`;
    return [{ object: { kind: 'ALB2', key: keyOf(alb) }, reason: 'InvalidField', message, severity: 'Warning' }];
  }
}

type Belongings = ReturnType<typeof belongings>;

/** Returns whether nothing is left. */
async function removeBelongings(left: Belongings, targets: ApiTargets): Promise<boolean> {
  await targets.rules.remove(left.rules);
  await targets.frontends.remove(left.frontends);
  await targets.ingressClasses.remove(left.ingressClasses);
  await targets.services.remove(left.services);
  const { rules, frontends, ingressClasses, gatewayClasses, services } = left;
  // GatewayClasses go when their Gateways have been told, by their own controller.
  const count = [rules, frontends, ingressClasses, gatewayClasses, services].flat().length;
  // The workload's own controller removes it.
  return count === 0 && !left.workload;
}

/** Looked up without recording: of thousands of rules that go, each would make us look again. */
function belongings(view: View, key: ObjectKey) {
  const rules = view.by('Rule', 'alb', objectKeyText(key));
  const ingressClass = view.get('IngressClass', { namespace: '', name: key.name });
  const ingressRules = rules.filter(
    ({ spec: { source } }) => source?.type === 'ingress' && view.get('Ingress', source) !== undefined,
  );
  return {
    rules,
    frontends: view.by('Frontend', 'alb', objectKeyText(key)),
    ingressClasses: ingressClass !== undefined && isOperatedFor(ingressClass, key) ? [ingressClass] : [],
    gatewayClasses: gatewayClassesOf(view, key),
    services: view.by('Service', 'loadBalancerOf', objectKeyText(key)),
    workload: hasWorkload(view, key),
    published: publishedCount(view, ingressRules.length),
  };
}

/** What the Ingress controllers have yet to take back: rules, and addresses, which are not looked up before the rules are gone. */
function publishedCount(view: View, ingressRules: number): number {
  const ingresses = view.all('Ingress');
  return ingressRules > 0 ? ingressRules + ingresses.length : ingresses.filter(isYetWithdrawn(view)).length;
}

function isManaged(alb: ALB2): boolean {
  const {
    metadata: { annotations },
    spec,
  } = alb;
  if (isIgnored(alb)) return false;
  return spec.config !== undefined || annotations?.[ANNOTATION_MIGRATE_BACKUP] !== undefined;
}
