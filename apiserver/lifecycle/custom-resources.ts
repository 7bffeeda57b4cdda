import { type Core, strategyContext } from '../core.ts';
import { CRD_CLEANUP_FINALIZER, CRD_KIND, isDefinition } from '../registry/custom-resource-definition.ts';
import { statusOf } from '../registry/kinds/custom-resource-definition.ts';
import type { Resource } from '../registry/resource.ts';
import { jsonEqual, objectAt } from '../schema/json.ts';
import { type Entry, objectOf } from '../storage/entry.ts';
import type { WatchDispatcher } from '../verbs/watch.ts';
import { amend } from './amend.ts';
import { deleteAll } from './namespace-deletion.ts';
import { Work } from './work.ts';

/**
 * Keeps the registry in step with the CRDs, in the same turn in which a CRD is committed: whoever gets the answer to a
 * create can use the kind. A CRD being deleted takes its objects with it first.
 */
export class CustomResources {
  readonly #core: Core;
  readonly #definitions: Resource;
  readonly #dispatcher: WatchDispatcher;
  readonly #work: Work<string>;
  readonly #unsubscribe: () => void;

  /** @param definitions the resource of the kind CustomResourceDefinition */
  constructor(core: Core, definitions: Resource, dispatcher: WatchDispatcher) {
    this.#core = core;
    this.#definitions = definitions;
    this.#dispatcher = dispatcher;
    this.#work = new Work((name) => this.#lookAfter(name), core.log);
    for (const entry of definitions.collection.range('')) this.#install(entry);
    this.#unsubscribe = core.store.subscribe((collection, { type, entry }) => {
      if (collection === definitions.collection) {
        if (type === 'DELETED') this.#uninstall(entry);
        else this.#install(entry);
        return;
      }
      if (type !== 'DELETED' && !entry.terminating) return;
      const name = `${collection.plural}.${collection.group}`;
      if (definitions.collection.get(`/${name}`)?.terminating === true) this.#work.add(name);
    });
  }

  stop(): void {
    this.#unsubscribe();
    this.#work.stop();
  }

  #install(entry: Entry): void {
    if (entry.terminating) this.#work.add(entry.name);
    const crd = objectOf(entry);
    if (!isDefinition(crd)) return;
    try {
      this.#core.registry.install(crd);
    } catch (error) {
      this.#core.log.error({ err: error, crd: entry.name }, `${CRD_KIND.kind} cannot be served`);
    }
  }

  #uninstall(entry: Entry): void {
    const crd = objectOf(entry);
    if (!isDefinition(crd)) return;
    const { group, names } = crd.spec;
    this.#core.registry.uninstall(group, names.plural);
    this.#dispatcher.endOf(group, names.plural);
    // Its names are free: another one may have waited for them.
    for (const other of this.#definitions.collection.headRange('')) {
      if (other.name.endsWith(`.${group}`)) this.#work.add(other.name);
    }
  }

  /** Gives a CRD the names that it could not have until now. */
  async #acceptNames(entry: Entry): Promise<void> {
    const crd = objectOf(entry);
    const spec = objectAt(crd, 'spec');
    const names = objectAt(spec, 'names');
    if (spec === undefined || names === undefined) return;
    const status = statusOf(crd, spec, names, strategyContext(this.#core));
    if (jsonEqual(status, objectAt(crd, 'status'))) return;
    await amend(this.#core, this.#definitions, entry, (object) => {
      object.status = status;
    });
  }

  /** Looks after a CRD whose objects have to go, or whose names may be free now. */
  async #lookAfter(name: string): Promise<void> {
    const entry = this.#definitions.collection.head(`/${name}`);
    if (entry === undefined) return;
    if (!entry.terminating) return this.#acceptNames(entry);
    const crd = objectOf(entry);
    const resource = isDefinition(crd) ? this.#core.registry.find(crd.spec.group, crd.spec.names.plural) : undefined;
    if (resource?.origin === 'custom') {
      await deleteAll(this.#core, resource, '');
      if (resource.collection.headRange('').length > 0) return;
    }
    const held = this.#definitions.collection.head(`/${name}`);
    if (held === undefined) return;
    await amend(this.#core, this.#definitions, held, ({ metadata }) => {
      metadata.finalizers = (metadata.finalizers ?? []).filter((finalizer) => finalizer !== CRD_CLEANUP_FINALIZER);
    });
  }
}
