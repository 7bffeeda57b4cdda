/** A value with an id: equal values have the same one. */
interface Identified {
  readonly id: string;
}

/** What became of values by what a user refers to now. */
export interface ValuesChange<T> {
  /** Nobody referred to them before. */
  readonly came: readonly T[];
  /** Nobody refers to them any more. */
  readonly went: readonly T[];
}

const NO_CHANGE: ValuesChange<never> = { came: [], went: [] };

/** Values that several users refer to: each is there once, for as long as somebody refers to it. */
export class SharedValues<T extends Identified> {
  readonly #values = new Map<string, { readonly value: T; uses: number }>();
  /** Most users have one: that takes no list. */
  readonly #idsOf = new Map<string, string | readonly string[]>();

  has(id: string): boolean {
    return this.#values.has(id);
  }

  get(id: string): T | undefined {
    return this.#values.get(id)?.value;
  }

  *values(): Generator<T> {
    for (const { value } of this.#values.values()) yield value;
  }

  /** What a user refers to, in its order. */
  of(user: string): readonly T[] {
    return this.#ids(user).flatMap((id) => this.get(id) ?? []);
  }

  /** A user refers to these values from now on, and to no others. */
  use(user: string, wanted: readonly T[]): ValuesChange<T> {
    const before = this.#ids(user);
    if (before.length === wanted.length && wanted.every(({ id }, index) => id === before[index])) return NO_CHANGE;
    const came = wanted.filter((value) => this.#take(value));
    const went = before.flatMap((id) => this.#leave(id) ?? []);
    const [first, ...others] = wanted;
    if (first === undefined) this.#idsOf.delete(user);
    else this.#idsOf.set(user, others.length === 0 ? first.id : wanted.map(({ id }) => id));
    return { came, went };
  }

  #ids(user: string): readonly string[] {
    const ids = this.#idsOf.get(user) ?? [];
    return typeof ids === 'string' ? [ids] : ids;
  }

  /** @returns whether it is used for the first time */
  #take(value: T): boolean {
    const held = this.#values.get(value.id);
    if (held === undefined) this.#values.set(value.id, { value, uses: 1 });
    else held.uses += 1;
    return held === undefined;
  }

  /** @returns the value, if nobody uses it any more */
  #leave(id: string): T | undefined {
    const held = this.#values.get(id);
    if (held === undefined) return undefined;
    held.uses -= 1;
    if (held.uses > 0) return undefined;
    this.#values.delete(id);
    return held.value;
  }
}
