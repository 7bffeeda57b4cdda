import { apiVersionOf } from '@causeway/apis/meta/kind';
import { type KubernetesObject, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import { KIND_REFS } from '@causeway/resources/kinds';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { EventWriter } from '@causeway/targets/status/events';
import type { Problem } from '@causeway/translate/gateway/problem';
import { componentOf } from './event-component.ts';

/**
 * Tells users about the problems that translators found, as events: one when a
 * problem appears, a raised count when it comes back after it was solved,
 * nothing as long as it lasts.
 */
export class ProblemEvents {
  readonly #wanted = new Map<string, readonly Problem[]>();
  /** By owner: text of each problem that was told, and whether it still lasts. */
  readonly #told = new Map<string, Map<string, boolean>>();
  readonly #enqueue: (owner: string) => void;

  /** @param enqueue schedules {@link controller} for an owner */
  constructor(enqueue: (owner: string) => void) {
    this.#enqueue = enqueue;
  }

  /** Replaces the problems that `owner` (a reader such as `rule/ns/name`) has; none: solved, or the object is gone. */
  put(owner: string, problems: readonly Problem[]): void {
    if (problems.length > 0) {
      this.#wanted.set(owner, problems);
      this.#enqueue(owner);
      return;
    }
    this.#wanted.delete(owner);
    for (const text of this.#told.get(owner)?.keys() ?? []) this.#told.get(owner)?.set(text, false);
  }

  /** Forgets what was told; for objects that are gone. */
  forget(owner: string): void {
    this.#wanted.delete(owner);
    this.#told.delete(owner);
  }

  controller(snapshot: Snapshot, events: EventWriter): Reconcile<string> {
    return async (owner) => {
      const problems = this.#wanted.get(owner) ?? [];
      const told = this.#told.get(owner) ?? new Map<string, boolean>();
      for (const problem of problems) {
        const text = textOf(problem);
        const lasts = told.get(text);
        if (lasts === true) continue;
        const object = objectOf(snapshot, problem);
        const { severity: type, reason, message } = problem;
        await events.write({ object, type, reason, message, component: componentOf(object) }, lasts === false);
        told.set(text, true);
      }
      const lasting = new Set(problems.map(textOf));
      for (const text of told.keys()) {
        if (!lasting.has(text)) told.set(text, false);
      }
      if (told.size > 0) this.#told.set(owner, told);
      return done;
    };
  }
}

/** The object of a problem; of a missing one (a Service that a Rule names) only what it would be called. */
function objectOf(snapshot: Snapshot, { object: { kind, key } }: Problem): KubernetesObject {
  const { name, namespace } = key;
  const stored = snapshot.present.get(kind, key);
  return (
    stored ?? {
      apiVersion: apiVersionOf(KIND_REFS[kind]),
      kind,
      metadata: { name, ...(namespace === '' ? {} : { namespace }) },
    }
  );
}

function textOf({ object, reason, message }: Problem): string {
  return `${object.kind} ${objectKeyText(object.key)} ${reason} ${message}`;
}
