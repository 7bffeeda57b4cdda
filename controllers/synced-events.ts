import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { EventWriter } from '@causeway/targets/status/events';
import { albComponent } from './event-component.ts';

/** So long after the last change all that is due is told. */
const CALM_MS = 300;
/** While changes go on, one Ingress is told of in this time: what serves comes before what is said about it. */
const PACE_MS = 50;

/**
 * Tells that the objects of an Ingress were brought up to date: one event per
 * ALB and change, from the component that the documentation names (ALB-21).
 *
 * Of an Ingress that changes again before it is told of, one event tells.
 */
export class SyncedEvents {
  /** By Ingress, the ALBs still to be told; in the order of the changes. */
  readonly #due = new Map<string, ReadonlySet<string>>();
  /** Those of {@link #due} that are not enqueued yet. */
  readonly #waiting = new Set<string>();
  readonly #enqueue: (ingress: string) => void;
  #lastChangeAt = 0;
  #isPlanned = false;

  /** @param enqueue schedules {@link controller} for an Ingress */
  constructor(enqueue: (ingress: string) => void) {
    this.#enqueue = enqueue;
  }

  /** @param albs names of the ALBs for which something was written */
  add(ingress: ObjectKey, albs: readonly string[]): void {
    if (albs.length === 0) return;
    const text = objectKeyText(ingress);
    this.#due.set(text, new Set([...(this.#due.get(text) ?? []), ...albs]));
    this.#waiting.add(text);
    this.#lastChangeAt = performance.now();
    if (!this.#isPlanned) this.#plan();
  }

  controller(snapshot: Snapshot, events: EventWriter): Reconcile<ObjectKey> {
    return async (key) => {
      const text = objectKeyText(key);
      const object = snapshot.present.get('Ingress', key);
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

  #plan(): void {
    this.#isPlanned = true;
    setTimeout(() => this.#release(), PACE_MS).unref();
  }

  #release(): void {
    const calm = performance.now() - this.#lastChangeAt >= CALM_MS;
    for (const ingress of this.#waiting) {
      this.#waiting.delete(ingress);
      this.#enqueue(ingress);
      if (!calm) break;
    }
    this.#isPlanned = false;
    if (this.#waiting.size > 0) this.#plan();
  }
}
