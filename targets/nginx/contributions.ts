import type { GatewayFragment, RouteIR } from '@causeway/ir/gateway';

interface Shared {
  current: GatewayFragment;
  readonly byOwner: Map<string, GatewayFragment>;
}

interface Single {
  readonly owner: string;
  /** Absent: a route. There are thousands of them, and their data plane has them. */
  readonly fragment: GatewayFragment | undefined;
}

export interface FragmentChange {
  readonly before: GatewayFragment | undefined;
  readonly after: GatewayFragment | undefined;
}

/**
 * Who contributes which fragment. Of several owners of one fragment the last to put it
 * counts (normally all say the same); it is there until the last one withdraws it.
 */
export class Contributions {
  readonly #fragments = new Map<string, Single | Shared>();
  /** One key, as usual, without a list. */
  readonly #keysOf = new Map<string, string | readonly string[]>();
  readonly #routeOf: (id: string) => RouteIR | undefined;

  /** @param routeOf the route of that id, as it was yielded last */
  constructor(routeOf: (id: string) => RouteIR | undefined) {
    this.#routeOf = routeOf;
  }

  /** Replaces all that `owner` contributed; yields every fragment touched, changed or not. */
  *put(owner: string, fragments: readonly GatewayFragment[]): Generator<FragmentChange> {
    const keys = new Set<string>();
    for (const fragment of fragments) {
      const key = `${fragment.kind} ${fragment.id}`;
      if (keys.has(key)) continue;
      keys.add(key);
      yield { before: this.#contribute(key, owner, fragment), after: fragment };
    }
    const before = this.#keysOf.get(owner) ?? [];
    for (const key of typeof before === 'string' ? [before] : before) {
      if (!keys.has(key)) yield this.#withdraw(key, owner);
    }
    const [first] = keys;
    if (first === undefined) this.#keysOf.delete(owner);
    else this.#keysOf.set(owner, keys.size === 1 ? first : [...keys]);
  }

  #contribute(key: string, owner: string, fragment: GatewayFragment): GatewayFragment | undefined {
    const entry = this.#fragments.get(key);
    if (entry !== undefined && !('owner' in entry)) {
      const before = entry.current;
      entry.byOwner.set(owner, fragment);
      entry.current = fragment;
      return before;
    }
    const before = entry === undefined ? undefined : this.#fragmentOf(key, entry);
    if (entry === undefined || before === undefined || entry.owner === owner) {
      this.#fragments.set(key, { owner, fragment: fragment.kind === 'route' ? undefined : fragment });
    } else {
      const byOwner = new Map([
        [entry.owner, before],
        [owner, fragment],
      ]);
      this.#fragments.set(key, { current: fragment, byOwner });
    }
    return before;
  }

  #fragmentOf(key: string, { fragment }: Single): GatewayFragment | undefined {
    return fragment ?? this.#routeOf(key.slice(key.indexOf(' ') + 1));
  }

  #withdraw(key: string, owner: string): FragmentChange {
    const entry = this.#fragments.get(key);
    if (entry === undefined || 'owner' in entry) {
      this.#fragments.delete(key);
      return { before: entry === undefined ? undefined : this.#fragmentOf(key, entry), after: undefined };
    }
    const before = entry.current;
    const withdrawn = entry.byOwner.get(owner);
    entry.byOwner.delete(owner);
    const [other] = entry.byOwner.values();
    if (other === undefined) {
      this.#fragments.delete(key);
      return { before, after: undefined };
    }
    if (withdrawn === before) entry.current = other;
    return { before, after: entry.current };
  }
}
