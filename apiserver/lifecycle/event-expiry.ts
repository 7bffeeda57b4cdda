import type { Core } from '../core.ts';
import type { Resource } from '../registry/resource.ts';
import { textAt } from '../schema/json.ts';
import { type Entry, objectOf } from '../storage/entry.ts';
import { deleteObject, PLAIN_DELETE } from '../verbs/delete.ts';
import { Slice } from '../verbs/slice.ts';
import { storedTarget } from './amend.ts';

/** As in a real cluster. */
const EVENT_LIFE_MS = 60 * 60_000;
const SWEEP_MS = 60_000;

/** Deletes events an hour after they last happened. */
export class EventExpiry {
  readonly #core: Core;
  readonly #events: Resource;
  readonly #timer: NodeJS.Timeout;
  /** An entry never changes: each is parsed once, not every minute. */
  readonly #lastTimes = new WeakMap<Entry, number>();
  #sweeping = false;

  /** @param events the resource of the kind Event */
  constructor(core: Core, events: Resource) {
    this.#core = core;
    this.#events = events;
    this.#timer = setInterval(() => void this.sweep(), SWEEP_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Deletes what has expired by now; never throws. */
  async sweep(): Promise<void> {
    if (this.#sweeping) return;
    this.#sweeping = true;
    const limit = this.#core.now().getTime() - EVENT_LIFE_MS;
    const slice = new Slice();
    try {
      for (const entry of this.#events.collection.range('')) {
        if (slice.isOver) await slice.pause();
        if (this.#lastTime(entry) >= limit || this.#events.collection.head(entry.key)?.revision !== entry.revision)
          continue;
        await deleteObject(this.#core, storedTarget(this.#events, entry), { ...PLAIN_DELETE, uid: entry.uid });
      }
    } catch (error) {
      this.#core.log.warn({ err: error }, 'expired events could not be deleted');
    } finally {
      this.#sweeping = false;
    }
  }

  /** Milliseconds since the epoch. */
  #lastTime(entry: Entry): number {
    const known = this.#lastTimes.get(entry);
    if (known !== undefined) return known;
    const event = objectOf(entry);
    const times = [textAt(event, 'lastTimestamp'), textAt(event, 'eventTime'), event.metadata.creationTimestamp ?? ''];
    const last = Math.max(...times.filter((time) => time !== '').map((time) => Date.parse(time)));
    this.#lastTimes.set(entry, last);
    return last;
  }
}
