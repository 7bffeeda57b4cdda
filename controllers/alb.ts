import {
  ANNOTATION_IGNORE,
  ANNOTATION_MIGRATE_BACKUP,
  FINALIZER_INSTANCE,
  FINALIZER_OPERATOR,
} from '@causeway/apis/gateway/labels';
import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import type { ALB2 } from '@causeway/resources/kinds';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { View } from '@causeway/resources/view';
import type { DerivedObjects } from '@causeway/targets/objects/derived-objects';
import type { Finalizers } from '@causeway/targets/objects/finalizers';
import { isClassOf } from '@causeway/translate/gateway/ingress-class';
import { peek } from './peek.ts';

export interface AlbControllerOptions {
  readonly snapshot: Snapshot;
  readonly finalizers: Finalizers;
  readonly frontends: DerivedObjects;
  readonly rules: DerivedObjects;
  readonly ingressClasses: DerivedObjects;
  readonly now: () => Date;
}

const OURS: readonly string[] = [FINALIZER_OPERATOR, FINALIZER_INSTANCE];
/** How long the Ingress controller may take to withdraw addresses before the ALB goes without it (ALB-127). */
const WITHDRAWAL_MS = 10_000;
const LOOK_AGAIN_MS = 100;

/**
 * Life and end of an ALB2 (ALB-127): holds it by our finalizers until nothing
 * that belongs to it is left. First the Ingress controller, which no longer
 * finds this ALB willing, withdraws its addresses and rules; then every
 * Frontend and Rule with its label goes, and its IngressClass; then the ALB2.
 */
export function albController(options: AlbControllerOptions): Reconcile<ObjectKey> {
  const { snapshot, finalizers } = options;
  return async (key) => {
    const owner = `alb/${objectKeyText(key)}`;
    const alb = snapshot.view(owner).get('ALB2', key);
    if (alb === undefined) {
      snapshot.forget(owner);
      return done;
    }
    if (alb.metadata.deletionTimestamp === undefined) {
      if (isManaged(alb)) await finalizers.add(alb, OURS);
      return done;
    }
    if (!OURS.some((name) => alb.metadata.finalizers?.includes(name) === true)) return done;
    if (await removeBelongings(alb, key, options)) {
      await finalizers.remove(alb, OURS);
      return done;
    }
    return { requeueAfterMs: LOOK_AGAIN_MS };
  };
}

/** Returns whether nothing is left. The reads are not recorded: thousands of rules that go would each call us. */
async function removeBelongings(alb: ALB2, key: ObjectKey, options: AlbControllerOptions): Promise<boolean> {
  const { snapshot, frontends, rules, ingressClasses, now } = options;
  const left = peek(snapshot, (view) => belongings(view, key));
  const since = Date.parse(alb.metadata.deletionTimestamp ?? '');
  const withdrawn = left.ingressRules === 0 || now().getTime() - since > WITHDRAWAL_MS;
  if (!withdrawn) return false;
  await rules.remove(left.rules);
  await frontends.remove(left.frontends);
  await ingressClasses.remove(left.ingressClasses);
  return left.rules.length + left.frontends.length + left.ingressClasses.length === 0;
}

function belongings(view: View, key: ObjectKey) {
  const text = objectKeyText(key);
  const rules = view.by('Rule', 'alb', text);
  const ingressClass = view.get('IngressClass', { namespace: '', name: key.name });
  return {
    rules,
    /** Rules whose Ingress still exists, so that the Ingress controller is about to remove them. */
    ingressRules: rules.filter(({ spec: { source } }) => source?.type === 'ingress' && view.get('Ingress', source))
      .length,
    frontends: view.by('Frontend', 'alb', text),
    ingressClasses: ingressClass !== undefined && isClassOf(ingressClass, key) ? [ingressClass] : [],
  };
}

function isManaged({ metadata: { annotations }, spec }: ALB2): boolean {
  if (annotations?.[ANNOTATION_IGNORE] === 'true') return false;
  return spec.config !== undefined || annotations?.[ANNOTATION_MIGRATE_BACKUP] !== undefined;
}
