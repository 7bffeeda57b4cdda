import type { Core } from '../../core.ts';
import type { ApiObject } from '../../object.ts';
import type { Resource } from '../../registry/resource.ts';
import { type JsonObject, jsonEqual, objectAt, textAt } from '../../schema/json.ts';
import { type LabelRequirement, labelsMatch } from '../../selector/label-selector.ts';
import { requirementsOf } from '../../selector/selector-object.ts';
import { type Entry, entryKey, objectOf } from '../../storage/entry.ts';
import type { Change } from '../../storage/history.ts';
import { replaceObject } from '../../verbs/update.ts';
import { storedTarget } from '../amend.ts';
import { deleteUnlessGone } from '../namespace-deletion.ts';
import { createUnlessThere, ownWrite } from '../own-write.ts';
import { Work } from '../work.ts';
import { isEndpoint } from './pod-endpoints.ts';
import { ENDPOINTS_CONTROLLER, ENDPOINTS_MANAGED_BY, wantedEndpoints } from './wanted-endpoints.ts';
import {
  isMirrored,
  MIRROR_CONTROLLER,
  SERVICE_NAME,
  SLICE_CONTROLLER,
  SLICE_MANAGED_BY,
  type SliceSet,
  sliceChanges,
  slicesOfEndpoints,
  slicesOfPods,
} from './wanted-slices.ts';

export interface EndpointKinds {
  readonly services: Resource;
  readonly pods: Resource;
  readonly endpoints: Resource;
  readonly slices: Resource;
}

/** Selectors of the Services of a namespace that have one, by name. */
type Selectors = Map<string, readonly LabelRequirement[]>;

/**
 * Keeps Endpoints and EndpointSlices of Services: of those with a selector from the Pods that it selects, of those without one slices from
 * the Endpoints that somebody wrote. Slices of others are left alone.
 *
 * Nothing is looked at before it matters: the selectors of a namespace when the first Pod of it changes, a Service when it was written.
 *
 * Source: Kubernetes pkg/controller/endpoint, endpointslice and endpointslicemirroring.
 */
export class ServiceEndpoints {
  readonly #core: Core;
  readonly #kinds: EndpointKinds;
  /** `namespace/name` of a Service */
  readonly #work: Work<string>;
  readonly #selectors = new Map<string, Selectors>();
  /** Keys of the slices that are ours, by the key of their Service. */
  readonly #slices = new Map<string, Set<string>>();
  /** Services that have gone, and take their Endpoints along. */
  readonly #deleted = new Set<string>();
  readonly #unsubscribe: readonly (() => void)[];

  constructor(core: Core, kinds: EndpointKinds) {
    const { services, pods, endpoints, slices } = kinds;
    this.#core = core;
    this.#kinds = kinds;
    this.#work = new Work((key) => this.#sync(key), core.log);
    this.#unsubscribe = [
      services.collection.subscribe((change) => this.#serviceChanged(change)),
      pods.collection.subscribe(({ entry, before }) => this.#podChanged(entry, before)),
      endpoints.collection.subscribe(({ entry }) => this.#work.add(entry.key)),
      slices.collection.subscribe(({ type, entry }) => {
        const key = this.#note(entry, type !== 'DELETED');
        if (key !== undefined) this.#work.add(key);
      }),
    ];
    for (const entry of slices.collection.range('')) this.#note(entry, true);
    for (const entry of endpoints.collection.range('')) this.#work.add(entry.key);
    for (const entry of pods.collection.range('')) this.#podChanged(entry, undefined);
  }

  stop(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#work.stop();
  }

  #serviceChanged({ type, entry }: Change): void {
    const selectors = this.#selectors.get(entry.namespace);
    if (selectors !== undefined) {
      const selector = type === 'DELETED' ? undefined : selectorOf(objectOf(entry));
      if (selector === undefined) selectors.delete(entry.name);
      else selectors.set(entry.name, selector);
    }
    if (type === 'DELETED') this.#deleted.add(entry.key);
    this.#work.add(entry.key);
  }

  #podChanged({ namespace, labels }: Entry, before: Entry | undefined): void {
    let selectors = this.#selectors.get(namespace);
    if (selectors === undefined) {
      selectors = this.#readSelectors(namespace);
      this.#selectors.set(namespace, selectors);
    }
    for (const [name, selector] of selectors) {
      if (labelsMatch(selector, labels) || (before !== undefined && labelsMatch(selector, before.labels))) {
        this.#work.add(entryKey(namespace, name));
      }
    }
  }

  #readSelectors(namespace: string): Selectors {
    const selectors: Selectors = new Map();
    for (const entry of this.#kinds.services.collection.range(namespace)) {
      const selector = selectorOf(objectOf(entry));
      if (selector !== undefined) selectors.set(entry.name, selector);
    }
    return selectors;
  }

  /** Remembers a slice if it is ours. @returns the key of its Service */
  #note({ key, namespace, labels }: Entry, isThere: boolean): string | undefined {
    const manager = labels?.[SLICE_MANAGED_BY];
    const service = labels?.[SERVICE_NAME];
    if (service === undefined || (manager !== SLICE_CONTROLLER && manager !== MIRROR_CONTROLLER)) return undefined;
    const owner = entryKey(namespace, service);
    const keys = this.#slices.get(owner) ?? new Set();
    if (isThere) keys.add(key);
    else keys.delete(key);
    if (keys.size === 0) this.#slices.delete(owner);
    else this.#slices.set(owner, keys);
    return owner;
  }

  async #sync(key: string): Promise<void> {
    const { services, endpoints } = this.#kinds;
    const entry = services.collection.head(key);
    const written = endpoints.collection.head(key);
    const isGone = this.#deleted.delete(key);
    if (written === undefined && entry === undefined) return this.#syncSlices(key, undefined, MIRROR_CONTROLLER);
    if (entry === undefined && written !== undefined && (isGone || isOurs(written))) {
      await deleteUnlessGone(this.#core, endpoints, written);
      return this.#syncSlices(key, undefined, MIRROR_CONTROLLER);
    }
    const service = entry === undefined || entry.terminating ? undefined : objectOf(entry);
    const selector = service === undefined ? undefined : selectorOf(service);
    if (service === undefined || selector === undefined) {
      const source = service === undefined || written === undefined ? undefined : objectOf(written);
      const mirrored = source !== undefined && isMirrored(source) ? slicesOfEndpoints(source) : undefined;
      return this.#syncSlices(key, mirrored, MIRROR_CONTROLLER);
    }
    const pods = this.#kinds.pods.collection
      .headRange(service.metadata.namespace ?? '')
      .filter(({ labels }) => labelsMatch(selector, labels))
      .map(objectOf)
      .filter(isEndpoint);
    await this.#syncEndpoints(wantedEndpoints(service, pods), written);
    await this.#syncSlices(key, slicesOfPods(service, pods), SLICE_CONTROLLER);
    await this.#syncSlices(key, undefined, MIRROR_CONTROLLER);
  }

  async #syncEndpoints(wanted: ApiObject, present: Entry | undefined): Promise<void> {
    const { endpoints } = this.#kinds;
    if (present === undefined) return createUnlessThere(this.#core, endpoints, wanted);
    const object = objectOf(present);
    const next: ApiObject = { ...object, metadata: { ...object.metadata, ...wanted.metadata } };
    if (wanted['subsets'] === undefined) delete next['subsets'];
    else next['subsets'] = wanted['subsets'];
    if (!jsonEqual(next, object)) await this.#replace(endpoints, present, next);
  }

  /** @param wanted undefined: none */
  async #syncSlices(key: string, wanted: SliceSet | undefined, manager: string): Promise<void> {
    const { slices } = this.#kinds;
    const entries = [...(this.#slices.get(key) ?? [])].flatMap((each) => slices.collection.head(each) ?? []);
    const present = entries.filter(({ labels, terminating }) => labels?.[SLICE_MANAGED_BY] === manager && !terminating);
    if (wanted === undefined && present.length === 0) return;
    const objects = new Map(present.map((entry) => [entry.name, { entry, object: objectOf(entry) }]));
    const all = [...objects.values()].map(({ object }) => object);
    const { create, update, remove } =
      wanted === undefined ? { create: [], update: [], remove: all } : sliceChanges(wanted, all);
    for (const slice of create) await createUnlessThere(this.#core, slices, slice);
    for (const slice of update) {
      const known = objects.get(slice.metadata.name);
      if (known !== undefined) await this.#replace(slices, known.entry, slice);
    }
    for (const slice of remove) {
      const known = objects.get(slice.metadata.name);
      if (known !== undefined) await deleteUnlessGone(this.#core, slices, known.entry);
    }
  }

  async #replace(resource: Resource, entry: Entry, object: ApiObject): Promise<void> {
    await replaceObject(this.#core, storedTarget(resource, entry), { entry, shown: entry }, object, ownWrite());
  }
}

function isOurs({ labels }: Entry): boolean {
  return labels?.[ENDPOINTS_MANAGED_BY] === ENDPOINTS_CONTROLLER;
}

/** Undefined for Services whose endpoints are somebody else's business. */
function selectorOf(service: ApiObject): readonly LabelRequirement[] | undefined {
  const spec = objectAt(service, 'spec');
  const selector: JsonObject = objectAt(spec, 'selector') ?? {};
  if (textAt(spec, 'type') === 'ExternalName' || Object.keys(selector).length === 0) return undefined;
  return requirementsOf({ matchLabels: selector });
}
