import type { OwnerReference } from '@causeway/apis/meta/object';
import type { Core } from '../core.ts';
import type { ApiObject } from '../object.ts';
import type { Collection } from '../storage/collection.ts';
import { type Entry, entryKey, objectOf } from '../storage/entry.ts';
import type { Change } from '../storage/history.ts';
import { FOREGROUND_FINALIZER, ORPHAN_FINALIZER } from '../verbs/delete.ts';
import { inSlices } from '../verbs/slice.ts';
import { amend, resourceOfCollection } from './amend.ts';
import { deleteUnlessGone } from './namespace-deletion.ts';
import { Work } from './work.ts';

/** Names an object over all collections: `group/plural/namespace/name`. */
type Id = `${string}/${string}/${string}`;

/**
 * Deletes what belongs to something that is gone (owner references), and does the part of foreground and orphaning
 * deletion that their finalizers wait for.
 *
 * Source: Kubernetes, "Garbage collection: owners and dependents"; pkg/controller/garbagecollector.
 */
export class GarbageCollector {
  readonly #core: Core;
  readonly #work: Work<Id>;
  /** uid of an owner -> keys of its dependents, which their entries hold anyhow: there are tens of thousands. */
  readonly #dependents = new Map<string, Map<Collection, Set<string>>>();
  readonly #unsubscribe: () => void;

  constructor(core: Core) {
    this.#core = core;
    this.#work = new Work((id) => this.#process(id), core.log);
    this.#unsubscribe = core.store.subscribe((collection, change) => this.#observe(collection, change));
    for (const collection of core.store.collections()) {
      for (const entry of collection.range('')) {
        this.#index(collection, undefined, entry);
        if (entry.owners.length > 0 || entry.terminating) this.#work.add(idOf(collection, entry));
      }
    }
  }

  stop(): void {
    this.#unsubscribe();
    this.#work.stop();
  }

  #observe(collection: Collection, { type, entry, before }: Change): void {
    if (type === 'DELETED') {
      this.#index(collection, before, undefined);
      for (const id of this.#dependentsOf(entry)) this.#work.add(id);
      // An owner in foreground deletion may have waited for this one.
      if (entry.owners.length > 0) this.#addOwners(objectOf(entry));
      return;
    }
    this.#index(collection, before, entry);
    const ownersChanged = entry.owners.join() !== (before?.owners ?? []).join();
    if (entry.terminating || (entry.owners.length > 0 && ownersChanged)) this.#work.add(idOf(collection, entry));
  }

  #index(collection: Collection, before: Entry | undefined, entry: Entry | undefined): void {
    for (const uid of before?.owners ?? []) {
      const dependents = this.#dependents.get(uid);
      const keys = dependents?.get(collection);
      if (before !== undefined) keys?.delete(before.key);
      if (keys?.size === 0) dependents?.delete(collection);
      if (dependents?.size === 0) this.#dependents.delete(uid);
    }
    if (entry === undefined) return;
    for (const uid of entry.owners) {
      const dependents = this.#dependents.get(uid) ?? new Map<Collection, Set<string>>();
      const keys = dependents.get(collection) ?? new Set<string>();
      this.#dependents.set(uid, dependents.set(collection, keys.add(entry.key)));
    }
  }

  *#dependentsOf(owner: Entry): Generator<Id> {
    for (const [{ group, plural }, keys] of this.#dependents.get(owner.uid) ?? []) {
      for (const key of keys) yield `${group}/${plural}/${key}`;
    }
  }

  #addOwners(object: ApiObject): void {
    for (const reference of object.metadata.ownerReferences ?? []) {
      const found = this.#owner(reference, object.metadata.namespace ?? '');
      if (found !== undefined && found !== 'unknown kind') this.#work.add(idOf(found.collection, found.entry));
    }
  }

  async #process(id: Id): Promise<void> {
    const [group = '', plural = '', namespace = '', name = ''] = id.split('/');
    const resource = resourceOfCollection(this.#core, { group, plural });
    const entry = resource?.collection.head(entryKey(namespace, name));
    if (resource === undefined || entry === undefined) return;
    const object = objectOf(entry);
    if (entry.terminating && object.metadata.finalizers?.includes(ORPHAN_FINALIZER)) return this.#orphan(entry, id);
    if (entry.terminating && object.metadata.finalizers?.includes(FOREGROUND_FINALIZER))
      return this.#deleteDependents(entry, id);
    if (entry.owners.length > 0) await this.#checkOwners(entry, object, id);
  }

  /** Deletes an object whose owners are all gone; references to some that are gone are removed. */
  async #checkOwners(entry: Entry, object: ApiObject, id: Id): Promise<void> {
    const references = object.metadata.ownerReferences ?? [];
    const absent = new Set<string>();
    const waiting = new Set<string>();
    for (const reference of references) {
      const found = this.#owner(reference, entry.namespace);
      if (found === 'unknown kind') continue;
      if (found === undefined || found.entry.uid !== reference.uid) absent.add(reference.uid);
      else if (found.entry.terminating && isForeground(found.entry)) waiting.add(reference.uid);
    }
    if (absent.size + waiting.size === 0) return;
    if (absent.size + waiting.size === references.length) {
      if (!entry.terminating) await this.#delete(id, entry, waiting.size > 0);
      return;
    }
    if (absent.size === 0) return;
    await this.#amend(id, (each) => {
      each.metadata.ownerReferences = (each.metadata.ownerReferences ?? []).filter(({ uid }) => !absent.has(uid));
    });
  }

  async #deleteDependents(owner: Entry, id: Id): Promise<void> {
    let blocked = false;
    for (const dependent of this.#dependentsOf(owner)) {
      const entry = this.#head(dependent);
      if (entry === undefined) continue;
      const references = objectOf(entry).metadata.ownerReferences ?? [];
      if (references.some(({ uid, blockOwnerDeletion }) => uid === owner.uid && blockOwnerDeletion === true))
        blocked = true;
      if (!entry.terminating) this.#work.add(dependent);
    }
    if (!blocked) await this.#removeFinalizer(id, FOREGROUND_FINALIZER);
  }

  async #orphan(owner: Entry, id: Id): Promise<void> {
    await inSlices([...this.#dependentsOf(owner)], (dependent) =>
      this.#amend(dependent, (object) => {
        object.metadata.ownerReferences = (object.metadata.ownerReferences ?? []).filter(
          ({ uid }) => uid !== owner.uid,
        );
      }),
    );
    await this.#removeFinalizer(id, ORPHAN_FINALIZER);
  }

  async #removeFinalizer(id: Id, finalizer: string): Promise<void> {
    await this.#amend(id, (object) => {
      object.metadata.finalizers = (object.metadata.finalizers ?? []).filter((each) => each !== finalizer);
    });
  }

  async #delete(id: Id, entry: Entry, foreground: boolean): Promise<void> {
    const [group = '', plural = ''] = id.split('/');
    const resource = resourceOfCollection(this.#core, { group, plural });
    if (resource === undefined) return;
    const hasDependents = this.#dependents.has(entry.uid);
    await deleteUnlessGone(this.#core, resource, entry, foreground && hasDependents ? 'Foreground' : undefined);
  }

  async #amend(id: Id, change: (object: ApiObject) => void): Promise<void> {
    const [group = '', plural = ''] = id.split('/');
    const resource = resourceOfCollection(this.#core, { group, plural });
    const entry = this.#head(id);
    if (resource !== undefined && entry !== undefined) await amend(this.#core, resource, entry, change);
  }

  #head(id: Id): Entry | undefined {
    const [group = '', plural = '', namespace = '', name = ''] = id.split('/');
    return resourceOfCollection(this.#core, { group, plural })?.collection.head(entryKey(namespace, name));
  }

  /** An owner of a kind that is not served may exist or not: nothing is deleted on its account. */
  #owner(
    reference: OwnerReference,
    namespace: string,
  ): { collection: Collection; entry: Entry } | 'unknown kind' | undefined {
    const slash = reference.apiVersion.indexOf('/');
    const group = slash < 0 ? '' : reference.apiVersion.slice(0, slash);
    const resource = this.#core.registry.findKind(group, reference.kind);
    if (resource === undefined) return 'unknown kind';
    const entry = resource.collection.head(entryKey(resource.namespaced ? namespace : '', reference.name));
    return entry === undefined ? undefined : { collection: resource.collection, entry };
  }
}

function isForeground(entry: Entry): boolean {
  return objectOf(entry).metadata.finalizers?.includes(FOREGROUND_FINALIZER) === true;
}

function idOf({ group, plural }: Collection, { key }: Entry): Id {
  return `${group}/${plural}/${key}`;
}
