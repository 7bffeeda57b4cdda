/** Something that rules and frontends refer to and that is computed once for all of them. */
export interface Needed {
  readonly kind: 'endpointSet' | 'certificate' | 'serverName';
  readonly id: string;
}

/**
 * Who needs what: counts how many owners refer to each endpoint set and
 * certificate, so that one is computed when the first reference appears and
 * dropped when the last goes. A change of an EndpointSlice thus recomputes one
 * endpoint set and none of the rules that refer to it.
 */
export class Demand {
  /** Most owners need one thing, and thousands need the same: it is held without a list, and once. */
  readonly #byOwner = new Map<string, Needed | readonly Needed[]>();
  readonly #counted: Readonly<Record<Needed['kind'], Map<string, Counted>>> = {
    endpointSet: new Map(),
    certificate: new Map(),
    serverName: new Map(),
  };
  readonly #onTurn: (need: Needed) => void;

  /** @param onTurn called when a need appears or is no longer there; ask {@link has} which */
  constructor(onTurn: (need: Needed) => void) {
    this.#onTurn = onTurn;
  }

  /** Replaces what `owner` needs; an empty list forgets the owner. */
  set(owner: string, needs: readonly Needed[]): void {
    const before = this.#byOwner.get(owner) ?? [];
    // New ones first: what the owner keeps never falls to 0 in between.
    const counted = needs.map((need) => this.#add(need));
    const [first] = counted;
    if (first === undefined) this.#byOwner.delete(owner);
    else this.#byOwner.set(owner, counted.length === 1 ? first : counted);
    for (const need of 'kind' in before ? [before] : before) this.#drop(need);
  }

  has(kind: Needed['kind'], id: string): boolean {
    return this.#counted[kind].has(id);
  }

  /** Returns the one object that stands for equal needs. */
  #add(need: Needed): Needed {
    const counted = this.#counted[need.kind].get(need.id);
    if (counted !== undefined) {
      counted.owners += 1;
      return counted.need;
    }
    this.#counted[need.kind].set(need.id, { need, owners: 1 });
    this.#onTurn(need);
    return need;
  }

  #drop(need: Needed): void {
    const counted = this.#counted[need.kind].get(need.id);
    if (counted === undefined) return;
    counted.owners -= 1;
    if (counted.owners > 0) return;
    this.#counted[need.kind].delete(need.id);
    this.#onTurn(need);
  }
}

interface Counted {
  readonly need: Needed;
  owners: number;
}
