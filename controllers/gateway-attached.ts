import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { RouteVerdict } from '@causeway/translate/gateway-api/route-verdict';

/**
 * How many routes each listener has: counted up and down, so that one more among thousands costs the same as the first (design D13).
 */
export class AttachedRoutes {
  /** By route, `gateway listener` of those it is attached to; each once. */
  readonly #ofRoute = new Map<string, ReadonlySet<string>>();
  readonly #counts = new Map<string, number>();
  readonly #onChange: (gateway: string) => void;

  /** @param onChange called with the key of a Gateway of which a count has changed */
  constructor(onChange: (gateway: string) => void) {
    this.#onChange = onChange;
  }

  /** Replaces what a route is attached to; none: it is gone, or attached to nothing. */
  put(route: string, verdicts: readonly RouteVerdict[]): void {
    const before = this.#ofRoute.get(route) ?? new Set<string>();
    const after = new Set(
      verdicts.flatMap(({ gateway, listeners }) => listeners.map((name) => listenerText(gateway, name))),
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
    for (const gateway of changed) this.#onChange(gateway);
  }

  count(gateway: ObjectKey, listener: string): number {
    return this.#counts.get(listenerText(gateway, listener)) ?? 0;
  }
}

function listenerText(gateway: ObjectKey, name: string): string {
  return `${objectKeyText(gateway)} ${name}`;
}
