import type { KindRef } from '@causeway/apis/meta/kind';
import { type KubernetesObject, keyOf } from '@causeway/apis/meta/object';
import { ApiError } from '@causeway/protocols/kubernetes/api-error';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { mergePatch } from '../objects/merge-patch.ts';
import { sameJson } from '../objects/same-json.ts';

export type ObjectWithStatus = KubernetesObject & { readonly status?: Status };

/** A status of any kind. */
export type Status = Readonly<Record<string, unknown>>;

/** Status members that tell when and up to where somebody looked, not what was seen; a change of these alone is not written. */
const SIGNS_OF_LOOKING: ReadonlySet<string> = new Set([
  'probeTime',
  'probeTimeStr',
  'heartbeatTime',
  'lastTransitionTime',
  'observedResourceVersion',
]);

const ATTEMPTS = 4;

/** Writes status subresources, and only when their meaning changed (design D16). */
export class StatusWriter {
  readonly #api: Pick<KubernetesClient, 'get' | 'patch'>;

  constructor(api: Pick<KubernetesClient, 'get' | 'patch'>) {
    this.#api = api;
  }

  /**
   * Makes the status of `object` what `next` says. On a conflict the object is
   * read anew and `next` asked again, so entries written by others meanwhile stay.
   *
   * @param object as the snapshot has it; may be old
   * @param next the whole status, computed from the one stored (empty: none yet)
   * @param repeat write also when only the signs of looking differ: a heartbeat
   * @returns whether something was written; false also when the object is gone
   * @throws ApiError when the API refuses, or still conflicts after {@link ATTEMPTS} rounds
   */
  async put(
    kind: KindRef,
    object: ObjectWithStatus,
    next: (stored: Status) => Status,
    { repeat = false } = {},
  ): Promise<boolean> {
    let current = object;
    for (let attempt = 1; ; attempt++) {
      const before = current.status ?? {};
      const after = next(before);
      if (!repeat && sameJson(before, after, SIGNS_OF_LOOKING)) return false;
      const { uid, resourceVersion } = current.metadata;
      const patch = { metadata: { uid, resourceVersion }, status: mergePatch(before, after) ?? {} };
      try {
        await this.#api.patch(kind, keyOf(current), patch, { type: 'merge', subresource: 'status' });
        return true;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (error.code === 404) return false;
        if (error.code !== 409 || attempt === ATTEMPTS) throw error;
      }
      const fresh: ObjectWithStatus | undefined = await this.#api.get(kind, keyOf(current));
      if (fresh === undefined || fresh.metadata.uid !== object.metadata.uid) return false;
      current = fresh;
    }
  }
}
