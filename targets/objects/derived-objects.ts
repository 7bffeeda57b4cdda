import type { KindRef } from '@causeway/apis/meta/kind';
import { type KubernetesObject, keyOf } from '@causeway/apis/meta/object';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import type { ObjectChanges } from './diff.ts';

/** What a target needs of the API; {@link KubernetesClient} has more. */
export type ObjectWriter = Pick<KubernetesClient, 'create' | 'patch' | 'delete'>;

/** Writes of one call that are under way at once; the queue above adds its own concurrency. */
const PARALLEL_WRITES = 8;

/**
 * Brings derived API objects into being. What to do is computed by `diffObjects`;
 * every write is guarded, so one that was computed from an old snapshot fails
 * with an `ApiError` 409 and the caller's queue computes again:
 * a create meets the name, a patch the resourceVersion, a delete the uid.
 */
export class DerivedObjects {
  readonly #api: ObjectWriter;
  readonly #kind: KindRef;
  readonly #options: { readonly fieldValidation?: 'Strict' };

  /** @param options Strict where users say what is in the objects: a field that there is not is then an `ApiError` */
  constructor(api: ObjectWriter, kind: KindRef, options: { readonly fieldValidation?: 'Strict' } = {}) {
    this.#api = api;
    this.#kind = kind;
    this.#options = options;
  }

  /** Creates and updates; deletes nothing. Returns what the API stored, in the order of `changes`, creates first. */
  async put(changes: Pick<ObjectChanges, 'create' | 'update'>): Promise<readonly KubernetesObject[]> {
    const created = await inParallel(changes.create, (object) => this.#api.create(this.#kind, object, this.#options));
    const updated = await inParallel(changes.update, ({ object, patch }) =>
      this.#api.patch(this.#kind, keyOf(object), patch, { type: 'merge', ...this.#options }),
    );
    return [...created, ...updated];
  }

  /** @param propagationPolicy `Foreground`: each stays until what belongs to it is gone */
  async remove(
    objects: readonly KubernetesObject[],
    propagationPolicy: 'Background' | 'Foreground' = 'Background',
  ): Promise<void> {
    await inParallel(objects, (object) => {
      const uid = object.metadata.uid;
      return this.#api.delete(this.#kind, keyOf(object), {
        propagationPolicy,
        ...(uid === undefined ? {} : { uid }),
      });
    });
  }
}

/** Waits for every call, then throws the first error, so that no write is left running behind the caller's back. */
async function inParallel<T, R>(items: readonly T[], call: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += PARALLEL_WRITES) {
    const settled = await Promise.allSettled(items.slice(start, start + PARALLEL_WRITES).map(call));
    for (const outcome of settled) {
      if (outcome.status === 'rejected') throw outcome.reason;
      results.push(outcome.value);
    }
  }
  return results;
}
