import { LABEL_ALB, LABEL_FRONTEND } from '@causeway/apis/gateway/labels';
import { apiVersionOf } from '@causeway/apis/meta/kind';
import { type KubernetesObject, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import { type Ingress, KIND_REFS, type Rule } from '@causeway/resources/kinds';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { DerivedObjects } from '@causeway/targets/objects/derived-objects';
import { diffObjects } from '@causeway/targets/objects/diff';
import type { EventWriter } from '@causeway/targets/status/events';
import { mergeAddresses } from '@causeway/targets/status/load-balancer-addresses';
import type { Status, StatusWriter } from '@causeway/targets/status/status-writer';
import { translateIngress } from '@causeway/translate/gateway/ingress';
import { type IngressStatusFragment, translateIngressStatus } from '@causeway/translate/gateway/ingress-status';
import { albComponent } from './component.ts';
import { albMetadata } from './derived.ts';
import type { ProblemEvents } from './problem-events.ts';

export interface IngressControllerOptions {
  readonly snapshot: Snapshot;
  readonly frontends: DerivedObjects;
  readonly rules: DerivedObjects;
  readonly status: StatusWriter;
  readonly events: EventWriter;
  readonly problems: ProblemEvents;
}

/**
 * Ingress -> its Frontends and Rules in the namespaces of its ALBs, and its
 * status.
 *
 * The order matters: new rules serve before old ones go (ALB-20), and an address
 * is withdrawn before the rules behind it (ALB-25).
 */
export function ingressController(options: IngressControllerOptions): Reconcile<ObjectKey> {
  const { snapshot, frontends, rules, status, events, problems } = options;
  return async (key) => {
    const text = objectKeyText(key);
    const owner = `ingress/${text}`;
    // Everything is read before the first await: a recording covers one moment.
    const view = snapshot.view(owner);
    const ingress = view.get('Ingress', key);
    const want = translateIngress(view, key);
    const fragment = translateIngressStatus(view, key);
    const haveRules = view.by('Rule', 'ingress', text);
    const storedFrontends = want.frontends.flatMap(
      (frontend) =>
        view.get('Frontend', { namespace: frontend.metadata.namespace ?? '', name: frontend.metadata.name }) ?? [],
    );
    problems.put(owner, want.problems);

    const frontendChanges = diffObjects(want.frontends, storedFrontends, albMetadata);
    const newFrontends = await frontends.put(frontendChanges);
    const ruleChanges = diffObjects(withOwners(want.rules, newFrontends), haveRules, albMetadata);
    await rules.put(ruleChanges);
    if (ingress !== undefined) {
      await status.put(KIND_REFS.Ingress, ingress, (stored) => withAddresses(stored, fragment));
    }
    await rules.remove(ruleChanges.remove);

    if (ingress === undefined) {
      problems.forget(owner);
      if (haveRules.length === 0 && want.frontends.length === 0) snapshot.forget(owner);
      return done;
    }
    const updated = [...frontendChanges.update, ...ruleChanges.update].map(({ object }) => object);
    const written = [...ruleChanges.create, ...updated, ...ruleChanges.remove].map(albOf);
    const serving = new Set(want.rules.map(albOf));
    await tellSynced(events, ingress, new Set(written.filter((alb) => serving.has(alb))));
    return done;
  };
}

/** Gives Rules the owner reference to a Frontend that the snapshot, and so the translator, does not have yet. */
function withOwners(rules: readonly Rule[], frontends: readonly KubernetesObject[]): readonly Rule[] {
  if (frontends.length === 0) return rules;
  return rules.map((rule) => {
    const frontend = frontends.find(
      ({ metadata: { name, namespace } }) =>
        name === rule.metadata.labels?.[LABEL_FRONTEND] && namespace === rule.metadata.namespace,
    );
    const { name, uid } = frontend?.metadata ?? {};
    if (name === undefined || uid === undefined || rule.metadata.ownerReferences !== undefined) return rule;
    const owner = { apiVersion: apiVersionOf(KIND_REFS.Frontend), kind: 'Frontend', name, uid };
    return { ...rule, metadata: { ...rule.metadata, ownerReferences: [owner] } };
  });
}

function withAddresses(
  status: NonNullable<Ingress['status']>,
  fragment: IngressStatusFragment,
): NonNullable<Ingress['status']> & Status {
  const before = status.loadBalancer?.ingress ?? [];
  const after = mergeAddresses(before, fragment);
  if (before.length === 0 && after.length === 0) return status;
  return { ...status, loadBalancer: { ...status.loadBalancer, ingress: after } };
}

/** One event per ALB and change, from the component that the documentation names (ALB-21). */
async function tellSynced(events: EventWriter, ingress: Ingress, albs: ReadonlySet<string>): Promise<void> {
  for (const alb of [...albs].sort()) {
    const note = { type: 'Normal', reason: 'Synced', message: 'Ingress synced successfully' } as const;
    await events.write({ object: ingress, ...note, component: albComponent(alb) }, true);
  }
}

function albOf(object: KubernetesObject): string {
  return object.metadata.labels?.[LABEL_ALB] ?? '';
}
