import type { Core } from '../core.ts';
import type { Resource } from '../registry/resource.ts';
import { objectAt } from '../schema/json.ts';
import { StatusError } from '../status-error.ts';
import type { Collection } from '../storage/collection.ts';
import type { Entry } from '../storage/entry.ts';
import { deleteObject, PLAIN_DELETE, type PropagationPolicy } from '../verbs/delete.ts';
import { inSlices } from '../verbs/slice.ts';
import { amend, storedTarget } from './amend.ts';
import { Work } from './work.ts';

/** Empties namespaces that are being deleted, and lets them go when they are empty. */
export class NamespaceDeletion {
  readonly #core: Core;
  readonly #namespaces: Resource;
  readonly #work: Work<string>;
  readonly #unsubscribe: () => void;

  /** @param namespaces the resource of the kind Namespace */
  constructor(core: Core, namespaces: Resource) {
    this.#core = core;
    this.#namespaces = namespaces;
    this.#work = new Work((name) => this.#process(name), core.log);
    this.#unsubscribe = core.store.subscribe((collection, { type, entry }) => {
      if (collection === namespaces.collection) {
        if (entry.terminating && type !== 'DELETED') this.#work.add(entry.name);
      } else if (entry.namespace !== '' && this.#isTerminating(entry.namespace)) {
        // Something went away, or came in just before the namespace was marked.
        this.#work.add(entry.namespace);
      }
    });
    for (const entry of namespaces.collection.range('')) {
      if (entry.terminating) this.#work.add(entry.name);
    }
  }

  stop(): void {
    this.#unsubscribe();
    this.#work.stop();
  }

  #isTerminating(name: string): boolean {
    return this.#namespaces.collection.get(`/${name}`)?.terminating === true;
  }

  async #process(name: string): Promise<void> {
    if (!this.#isTerminating(name)) return;
    for (const resource of this.#core.registry.resources()) {
      if (resource.namespaced) await deleteAll(this.#core, resource, name);
    }
    if (this.#content(name).length > 0) return;
    const namespace = this.#namespaces.collection.head(`/${name}`);
    if (namespace === undefined) return;
    await amend(this.#core, this.#namespaces, namespace, (object) => {
      object.spec = { ...objectAt(object, 'spec'), finalizers: [] };
    });
  }

  /** The collections that still have something in the namespace, also those of kinds that are not served now. */
  #content(name: string): readonly Collection[] {
    return [...this.#core.store.collections()].filter((collection) => collection.headRange(name).length > 0);
  }
}

/** Deletes the objects of a kind in one namespace (`''`: in all). Those with finalizers stay for now. */
export async function deleteAll(core: Core, resource: Resource, namespace: string): Promise<void> {
  const entries = resource.collection.headRange(namespace).filter(({ terminating }) => !terminating);
  await inSlices(entries, (entry) => deleteUnlessGone(core, resource, entry));
}

/** Deletes an object; that it is gone, or another one now, is fine. */
export async function deleteUnlessGone(
  core: Core,
  resource: Resource,
  entry: Entry,
  propagationPolicy: PropagationPolicy | undefined = 'Background',
): Promise<void> {
  try {
    await deleteObject(core, storedTarget(resource, entry), { ...PLAIN_DELETE, uid: entry.uid, propagationPolicy });
  } catch (error) {
    if (!(error instanceof StatusError) || (error.code !== 404 && error.code !== 409)) throw error;
  }
}
