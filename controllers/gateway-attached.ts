import { objectKeyText, parseObjectKey } from '@causeway/apis/meta/object';
import type { ListenerOwner } from '@causeway/translate/gateway-api/listener/listener';
import type { RouteVerdict } from '@causeway/translate/gateway-api/route/route-verdict';

/**
 * How many routes each listener has: counted up and down, so that one more among thousands costs the same as the first (design D13).
 */
export class AttachedRoutes {
  /** By route, `kind/namespace/name listener` of those it is attached to; each once. */
  readonly #ofRoute = new Map<string, ReadonlySet<string>>();
  readonly #counts = new Map<string, number>();
  readonly #onChange: (owner: ListenerOwner) => void;

  /** @param onChange called with a Gateway or ListenerSet of which a count has changed */
  constructor(onChange: (owner: ListenerOwner) => void) {
    this.#onChange = onChange;
  }

  /** Replaces what a route is attached to; none: it is gone, or attached to nothing. */
  put(route: string, verdicts: readonly RouteVerdict[]): void {
    const before = this.#ofRoute.get(route) ?? new Set<string>();
    const after = new Set(
      verdicts.flatMap(({ gateway, listenerSet, listeners }) => {
        const owner =
          listenerSet === undefined ? `Gateway/${objectKeyText(gateway)}` : `ListenerSet/${objectKeyText(listenerSet)}`;
        return listeners.map((name) => `${owner} ${name}`);
      }),
    );
    if (after.size === 0) this.#ofRoute.delete(route);
    else this.#ofRoute.set(route, after);
    const changed = new Set<string>();
    const count = (listener: string, by: number): void => {
      const sum = (this.#counts.get(listener) ?? 0) + by;
      if (sum === 0) this.#counts.delete(listener);
      else this.#counts.set(listener, sum);
      changed.add(listener.slice(0, listener.indexOf(' ')));
    };
    for (const listener of before) if (!after.has(listener)) count(listener, -1);
    for (const listener of after) if (!before.has(listener)) count(listener, 1);
    for (const owner of changed) this.#onChange(ownerOf(owner));
  }

  count({ kind, ...key }: ListenerOwner, listener: string): number {
    return this.#counts.get(`${kind}/${objectKeyText(key)} ${listener}`) ?? 0;
  }
}

function ownerOf(text: string): ListenerOwner {
  const slash = text.indexOf('/');
  const kind = text.slice(0, slash) === 'ListenerSet' ? 'ListenerSet' : 'Gateway';
  return { kind, ...parseObjectKey(text.slice(slash + 1)) };
}
