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
  readonly #byOwner = new Map<string, readonly Needed[]>();
  readonly #counts: Readonly<Record<Needed['kind'], Map<string, number>>> = {
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
    if (needs.length === 0) this.#byOwner.delete(owner);
    else this.#byOwner.set(owner, needs);
    // New ones first: what the owner keeps never falls to 0 in between.
    for (const need of needs) this.#count(need, 1);
    for (const need of before) this.#count(need, -1);
  }

  has(kind: Needed['kind'], id: string): boolean {
    return this.#counts[kind].has(id);
  }

  #count(need: Needed, by: 1 | -1): void {
    const counts = this.#counts[need.kind];
    const count = (counts.get(need.id) ?? 0) + by;
    if (count === 0) counts.delete(need.id);
    else counts.set(need.id, count);
    const appeared = by === 1 && count === 1;
    if (appeared || count === 0) this.#onTurn(need);
  }
}
