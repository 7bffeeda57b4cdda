import { isOperatedFor } from '@causeway/apis/gateway/operator-labels';
import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import type { GatewayClass } from '@causeway/resources/kinds';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { View } from '@causeway/resources/view';
import type { DerivedObjects } from '@causeway/targets/objects/derived-objects';
import { diffObjects, type ManagedMetadata } from '@causeway/targets/objects/diff';
import { STANDALONE_CLASS, standaloneClass, translateAlbClass } from '@causeway/translate/gateway-api/class/alb-class';
import { albMetadata } from './derived-metadata.ts';
import type { ProblemEvents } from './problem-events.ts';
import { Withdrawals } from './withdrawal.ts';

const LOOK_AGAIN_MS = 100;

/**
 * ALB2 -> the GatewayClass that it serves (ALB-112). One that it no longer wants goes when its Gateways have been told, since nobody speaks of
 * those without a class.
 */
export function albGatewayClassController(
  snapshot: Snapshot,
  classes: DerivedObjects,
  problems: ProblemEvents,
  now: () => Date,
): Reconcile<ObjectKey> {
  const withdrawals = new Withdrawals();
  return async (alb) => {
    const owner = `albGatewayClass/${objectKeyText(alb)}`;
    const view = snapshot.view(owner);
    const { gatewayClass: want, problems: found } = translateAlbClass(view, alb);
    problems.put(owner, found);
    const have = gatewayClassesOf(view, alb);
    const changes = diffObjects(want === undefined ? [] : [want], have, classMetadata);
    await classes.put(changes);
    const left = changes.remove.flatMap((gatewayClass) => withAddresses(snapshot.present, gatewayClass.metadata.name));
    if (withdrawals.isUnderWay(owner, left.length, now())) return { requeueAfterMs: LOOK_AGAIN_MS };
    await classes.remove(changes.remove);
    withdrawals.forget(owner);
    if (view.get('ALB2', alb) === undefined && have.length === 0) {
      problems.forget(owner);
      snapshot.forget(owner);
    }
    return done;
  };
}

/** Those that were made for an ALB2. */
export function gatewayClassesOf(view: View, alb: ObjectKey): readonly GatewayClass[] {
  return view.by('GatewayClass', 'alb', objectKeyText(alb)).filter((found) => isOperatedFor(found, alb));
}

/** Makes the GatewayClass `exclusive-gateway` where there is none of that name; an existing one is left as it is (ALB-111). */
export function standaloneClassController(snapshot: Snapshot, classes: DerivedObjects): Reconcile<string> {
  return async () => {
    if (snapshot.has('GatewayClass', { namespace: '', name: STANDALONE_CLASS })) return done;
    await classes.put({ create: [standaloneClass()], update: [] });
    return done;
  };
}

/** Gateways of a class that still say where they are reached. */
function withAddresses(view: View, className: string): readonly string[] {
  return view
    .by('Gateway', 'gatewayClass', className)
    .flatMap(({ status }) => (status?.addresses ?? []).map(({ value }) => value ?? ''));
}

const classMetadata: ManagedMetadata = {
  label: (key) => albMetadata.label(key) || key.startsWith('gatewayclass.'),
  annotation: albMetadata.annotation,
};
