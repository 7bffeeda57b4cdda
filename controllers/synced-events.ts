import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { EventWriter } from '@causeway/targets/status/events';
import { albComponent } from './event-component.ts';
import { peek } from './peek.ts';

/**
 * Tells that the objects of an Ingress were brought up to date: one event per
 * ALB and change, from the component that the documentation names (ALB-21).
 */
export class SyncedEvents {
  /** By Ingress, the ALBs still to be told. */
  readonly #due = new Map<string, ReadonlySet<string>>();
  readonly #enqueue: (ingress: string) => void;

  /** @param enqueue schedules {@link controller} for an Ingress */
  constructor(enqueue: (ingress: string) => void) {
    this.#enqueue = enqueue;
  }

  /** @param albs names of the ALBs for which something was written */
  add(ingress: ObjectKey, albs: readonly string[]): void {
    if (albs.length === 0) return;
    const text = objectKeyText(ingress);
    this.#due.set(text, new Set([...(this.#due.get(text) ?? []), ...albs]));
    this.#enqueue(text);
  }

  controller(snapshot: Snapshot, events: EventWriter): Reconcile<ObjectKey> {
    return async (key) => {
      const text = objectKeyText(key);
      const object = peek(snapshot, (view) => view.get('Ingress', key));
      // What is added while we write is a change of its own.
      const due = new Set(this.#due.get(text));
      this.#due.delete(text);
      if (object === undefined) return done;
      try {
        for (const alb of due) {
          const note = { type: 'Normal', reason: 'Synced', message: 'Ingress synced successfully' } as const;
          await events.write({ object, ...note, component: albComponent(alb) }, true);
          due.delete(alb);
        }
      } catch (error) {
        this.#due.set(text, new Set([...due, ...(this.#due.get(text) ?? [])]));
        throw error;
      }
      return done;
    };
  }
}
