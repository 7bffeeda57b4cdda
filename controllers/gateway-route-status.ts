import { isDeepStrictEqual } from 'node:util';
import type { RouteStatus } from '@causeway/apis/gateway-api/route-status';
import { type ObjectKey, objectKeyText, parseObjectKey } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import { KIND_REFS } from '@causeway/resources/kinds';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { Status, StatusWriter } from '@causeway/targets/status/status-writer';
import { isOurController } from '@causeway/translate/gateway-api/class/class';
import { asConditions } from '@causeway/translate/gateway-api/condition';
import { POSSIBLE_ROUTE_CONDITIONS, type RouteVerdict } from '@causeway/translate/gateway-api/route/route-verdict';
import type { RouteKind, RouteVerdicts } from './gateway.ts';
import type { AttachedRoutes } from './gateway-attached.ts';

interface Pending {
  readonly generation: number;
  readonly verdicts: readonly RouteVerdict[];
}

/**
 * Writes down what the translation says of routes, so that it is done once for traffic and status. Entries of other controllers stay as
 * they are (GW-15).
 */
export class RouteStatuses implements RouteVerdicts {
  readonly #pending = new Map<string, Pending>();
  readonly #attached: AttachedRoutes;
  readonly #enqueue: (route: string) => void;

  /** @param enqueue schedules {@link controller} for a route */
  constructor(attached: AttachedRoutes, enqueue: (route: string) => void) {
    this.#attached = attached;
    this.#enqueue = enqueue;
  }

  put(kind: RouteKind, key: ObjectKey, generation: number | undefined, verdicts: readonly RouteVerdict[]): void {
    const route = `${kind}/${objectKeyText(key)}`;
    this.#attached.put(route, verdicts);
    if (generation === undefined) {
      this.#pending.delete(route);
      return;
    }
    this.#pending.set(route, { generation, verdicts });
    this.#enqueue(route);
  }

  /** Keys are `HTTPRoute/namespace/name`. */
  controller(snapshot: Snapshot, status: StatusWriter, now: () => Date): Reconcile<string> {
    return async (route) => {
      const pending = this.#pending.get(route);
      const slash = route.indexOf('/');
      const kind = route.slice(0, slash) as RouteKind;
      const object = snapshot.present.get(kind, parseObjectKey(route.slice(slash + 1)));
      if (pending === undefined || object === undefined) return done;
      await status.put(KIND_REFS[kind], object, (stored) => withVerdicts(stored, pending, now()));
      // Something newer may have come meanwhile, which is queued again.
      if (this.#pending.get(route) === pending) this.#pending.delete(route);
      return done;
    };
  }
}

/** A route that was never ours gets no status. */
function withVerdicts(stored: Status, { generation, verdicts }: Pending, now: Date): Status {
  const before = (stored as Partial<RouteStatus>).parents ?? [];
  const others = before.filter(({ controllerName }) => !isOurController(controllerName));
  const own = before.filter(({ controllerName }) => isOurController(controllerName));
  if (verdicts.length === 0 && own.length === 0) return stored;
  const parents = verdicts.map(({ ref, controllerName, conditions }) => ({
    parentRef: ref,
    controllerName,
    conditions: asConditions(
      conditions,
      own.find((each) => each.controllerName === controllerName && isDeepStrictEqual(each.parentRef, ref))
        ?.conditions ?? [],
      { generation, now, own: POSSIBLE_ROUTE_CONDITIONS },
    ),
  }));
  return { ...stored, parents: [...others, ...parents] };
}
