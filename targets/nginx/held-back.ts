import type { ListenerIR, RouteIR } from '@causeway/ir/gateway';
import type { Profile } from './profile.ts';

/** Of an action with a profile that nginx does not have yet: what it shall be then; undefined: it shall be gone. */
type Held = RouteIR | ListenerIR;

/**
 * Routes and listeners that wait for a location profile: until nginx runs with it they stay as they were, since a request sent
 * to a location that is not there would fail, and one without its settings would lose what they protect.
 */
export class HeldBack {
  readonly #held = new Map<string, { readonly value: Held; readonly profiles: readonly Profile[] }>();
  /** Undefined: nginx does not run yet, and will have whatever is asked for. */
  #served: ReadonlySet<string> | undefined;

  /** Ids of the profiles that nginx has from now on. */
  serve(profiles: ReadonlySet<string>): void {
    this.#served = profiles;
  }

  hasAll(profiles: readonly Profile[]): boolean {
    const served = this.#served;
    return served === undefined || profiles.every(({ id }) => served.has(id));
  }

  /** @param key of a route or listener */
  put(key: string, value: Held, profiles: readonly Profile[]): void {
    this.#held.set(key, { value, profiles });
  }

  delete(key: string): void {
    this.#held.delete(key);
  }

  get(key: string): Held | undefined {
    return this.#held.get(key)?.value;
  }

  get size(): number {
    return this.#held.size;
  }

  *profiles(): Generator<Profile> {
    for (const { profiles } of this.#held.values()) yield* profiles;
  }

  /** Takes out what need not wait any more. */
  release(): readonly Held[] {
    const released: Held[] = [];
    for (const [key, { value, profiles }] of this.#held) {
      if (!this.hasAll(profiles)) continue;
      this.#held.delete(key);
      released.push(value);
    }
    return released;
  }
}
