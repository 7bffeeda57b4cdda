import type { KindRef } from '@causeway/apis/meta/kind';
import { type KubernetesObject, keyOf } from '@causeway/apis/meta/object';
import { ApiError } from '@causeway/protocols/kubernetes/api-error';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';

/**
 * Holds objects in the API until we have cleaned up behind them. The patch
 * names the resourceVersion it was computed from, so that finalizers that
 * others add meanwhile are never lost: it fails with a 409 then.
 */
export class Finalizers {
  readonly #api: Pick<KubernetesClient, 'patch'>;
  readonly #kind: KindRef;

  constructor(api: Pick<KubernetesClient, 'patch'>, kind: KindRef) {
    this.#api = api;
    this.#kind = kind;
  }

  async add(object: KubernetesObject, names: readonly string[]): Promise<void> {
    const present = object.metadata.finalizers ?? [];
    const missing = names.filter((name) => !present.includes(name));
    if (missing.length > 0) await this.#write(object, [...present, ...missing]);
  }

  /** The object is gone afterwards when it is being deleted and nobody else holds it. */
  async remove(object: KubernetesObject, names: readonly string[]): Promise<void> {
    const present = object.metadata.finalizers ?? [];
    const kept = present.filter((name) => !names.includes(name));
    if (kept.length < present.length) await this.#write(object, kept);
  }

  async #write(object: KubernetesObject, finalizers: readonly string[]): Promise<void> {
    const { resourceVersion, uid } = object.metadata;
    const patch = { metadata: { uid, resourceVersion, finalizers } };
    try {
      await this.#api.patch(this.#kind, keyOf(object), patch, { type: 'merge' });
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 404)) throw error;
    }
  }
}
