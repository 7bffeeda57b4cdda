import type { Core } from '../core.ts';
import type { ApiObject } from '../object.ts';
import { PV_PROTECTION, PVC_PROTECTION } from '../registry/kinds/volume.ts';
import type { Resource } from '../registry/resource.ts';
import { type JsonObject, objectAt, objectsAt, textAt } from '../schema/json.ts';
import { type Entry, entryKey, objectOf } from '../storage/entry.ts';
import { amend } from './amend.ts';
import { Work } from './work.ts';

export interface VolumeProtectionOptions {
  /** Resources of the kinds PersistentVolumeClaim, PersistentVolume and Pod. */
  readonly claims: Resource;
  readonly volumes: Resource;
  readonly pods: Resource;
}

/**
 * Lets claims and volumes that are being deleted go when nothing uses them any more: a claim is used by a Pod that is on a node and has not
 * ended, a volume by the claim that it is bound to.
 *
 * Source: Kubernetes pkg/controller/volume/pvcprotection, pvprotection.
 */
export class VolumeProtection {
  readonly #core: Core;
  readonly #options: VolumeProtectionOptions;
  readonly #claims: Work<string>;
  readonly #volumes: Work<string>;
  readonly #unsubscribe: readonly (() => void)[];
  /** Keys of claims that are being deleted: nearly always none, and then Pods need no look. */
  readonly #leaving = new Set<string>();

  constructor(core: Core, options: VolumeProtectionOptions) {
    const { claims, volumes, pods } = options;
    this.#core = core;
    this.#options = options;
    this.#claims = new Work((key) => this.#freeClaim(key), core.log);
    this.#volumes = new Work((key) => this.#freeVolume(key), core.log);
    this.#unsubscribe = [
      follow(claims, this.#claims),
      follow(volumes, this.#volumes),
      claims.collection.subscribe(({ type, entry }) => {
        if (type === 'DELETED') this.#leaving.delete(entry.key);
      }),
      pods.collection.subscribe(({ type, entry }) => {
        if (type === 'ADDED' || this.#leaving.size === 0) return;
        for (const claim of claimsOf(objectOf(entry))) {
          const key = entryKey(entry.namespace, claim);
          if (this.#leaving.has(key)) this.#claims.add(key);
        }
      }),
    ];
  }

  stop(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#claims.stop();
    this.#volumes.stop();
  }

  async #freeClaim(key: string): Promise<void> {
    const { claims, pods } = this.#options;
    const entry = claims.collection.head(key);
    if (entry?.terminating !== true) return;
    this.#leaving.add(key);
    const isUsed = pods.collection
      .headRange(entry.namespace)
      .map(objectOf)
      .some((pod) => isOnNode(pod) && claimsOf(pod).includes(entry.name));
    if (!isUsed) await this.#free(claims, entry, PVC_PROTECTION);
  }

  async #freeVolume(key: string): Promise<void> {
    const { volumes } = this.#options;
    const entry = volumes.collection.head(key);
    if (entry?.terminating !== true) return;
    if (textAt(objectAt(objectOf(entry), 'status'), 'phase') === 'Bound') return;
    await this.#free(volumes, entry, PV_PROTECTION);
  }

  async #free(resource: Resource, entry: Entry, finalizer: string): Promise<void> {
    if (objectOf(entry).metadata.finalizers?.includes(finalizer) !== true) return;
    await amend(this.#core, resource, entry, ({ metadata }) => {
      metadata.finalizers = (metadata.finalizers ?? []).filter((each) => each !== finalizer);
    });
  }
}

function follow({ collection }: Resource, work: Work<string>): () => void {
  for (const entry of collection.range('')) if (entry.terminating) work.add(entry.key);
  return collection.subscribe(({ type, entry }) => {
    if (entry.terminating && type !== 'DELETED') work.add(entry.key);
  });
}

/** Nobody starts Pods that are on none, nor those that have ended. */
function isOnNode(pod: ApiObject): boolean {
  const phase = textAt(objectAt(pod, 'status'), 'phase');
  return textAt(objectAt(pod, 'spec'), 'nodeName') !== '' && phase !== 'Succeeded' && phase !== 'Failed';
}

/** Names of the claims that a Pod uses; those of its own volumes are called after it. */
function claimsOf(pod: ApiObject): readonly string[] {
  return objectsAt(objectAt(pod, 'spec'), 'volumes').flatMap((volume: JsonObject) => {
    const claim = textAt(objectAt(volume, 'persistentVolumeClaim'), 'claimName');
    if (claim !== '') return [claim];
    return objectAt(volume, 'ephemeral') === undefined ? [] : [`${pod.metadata.name}-${textAt(volume, 'name')}`];
  });
}
