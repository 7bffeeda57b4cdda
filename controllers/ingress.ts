import { LABEL_ALB, LABEL_FRONTEND } from '@causeway/apis/gateway/labels';
import { apiVersionOf } from '@causeway/apis/meta/kind';
import { type KubernetesObject, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import { KIND_REFS, type Rule } from '@causeway/resources/kinds';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { DerivedObjects } from '@causeway/targets/objects/derived-objects';
import { diffObjects } from '@causeway/targets/objects/diff';
import { translateIngress } from '@causeway/translate/gateway/ingress';
import { albMetadata } from './derived-metadata.ts';
import type { ProblemEvents } from './problem-events.ts';
import type { SyncedEvents } from './synced-events.ts';

export interface IngressControllerOptions {
  readonly snapshot: Snapshot;
  readonly frontends: DerivedObjects;
  readonly rules: DerivedObjects;
  readonly synced: SyncedEvents;
  readonly problems: ProblemEvents;
}

/**
 * Ingress -> its Frontends and Rules in the namespaces of its ALBs. New rules
 * serve before old ones go (ALB-20).
 *
 * Status and events have queues of their own: of thousands of Ingresses that
 * come at once, the last one's traffic does not wait for what is told about the first.
 */
export function ingressController(options: IngressControllerOptions): Reconcile<ObjectKey> {
  const { snapshot, frontends, rules, synced, problems } = options;
  return async (key) => {
    const text = objectKeyText(key);
    const owner = `ingress/${text}`;
    // Everything is read before the first await: a recording covers one moment.
    const view = snapshot.view(owner);
    const ingress = view.get('Ingress', key);
    const want = translateIngress(view, key);
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
    await rules.remove(ruleChanges.remove);

    if (ingress === undefined) {
      problems.forget(owner);
      if (haveRules.length === 0 && want.frontends.length === 0) snapshot.forget(owner);
      return done;
    }
    const updated = [...frontendChanges.update, ...ruleChanges.update].map(({ object }) => object);
    const written = [...ruleChanges.create, ...updated, ...ruleChanges.remove].map(albOf);
    const serving = new Set(want.rules.map(albOf));
    synced.add(
      key,
      written.filter((alb) => serving.has(alb)),
    );
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

function albOf(object: KubernetesObject): string {
  return object.metadata.labels?.[LABEL_ALB] ?? '';
}
