import { BUILT_IN_KINDS } from '@causeway/apis/kubernetes/kinds';
import { groupKindText, type KindNames } from '@causeway/apis/meta/kind';
import { builtInForm, hasForms, storageGroupOf } from '../conversion/built-in/index.ts';
import type { VersionForm } from '../conversion/version-form.ts';
import type { BuiltInSchemas } from '../schema/built-in.ts';
import type { StructuralSchema } from '../schema/structural.ts';
import type { Collection } from '../storage/collection.ts';
import type { Store } from '../storage/store.ts';
import { builtInPrinter } from '../table/built-in.ts';
import type { WebhookClient } from '../webhook/webhook-client.ts';
import { isEstablished, resourceOf } from './custom-resource.ts';
import type { CustomResourceDefinition } from './custom-resource-definition.ts';
import { builtInStrategies, PLAIN_STRATEGY } from './kinds/index.ts';
import type { Resource, ResourceVersion, ScalePaths } from './resource.ts';
import { CUSTOM_STRATEGY } from './strategy.ts';

/** Kinds of workloads that `kubectl scale` knows, by `groupKindText`. */
const SCALABLE: ReadonlySet<string> = new Set([
  'Deployment.apps',
  'ReplicaSet.apps',
  'ReplicationController',
  'StatefulSet.apps',
]);

const REPLICAS: ScalePaths = {
  specReplicas: ['spec', 'replicas'],
  statusReplicas: ['status', 'replicas'],
  selector: ['spec', 'selector'],
};

/** Which kinds the server serves at this moment: the built-in ones, and one for every established CRD. */
export class Registry {
  readonly #store: Store;
  readonly #webhooks: WebhookClient;
  readonly #objectMeta: StructuralSchema;
  readonly #resources = new Map<string, Resource>();
  /** Of installed definitions. */
  readonly #specs = new Map<string, { readonly generation: number; readonly since: number }>();
  readonly #listeners = new Set<() => void>();

  /** @param webhooks for kinds whose versions a webhook converts */
  constructor(store: Store, schemas: BuiltInSchemas, webhooks: WebhookClient) {
    this.#store = store;
    this.#webhooks = webhooks;
    this.#objectMeta = schemas.objectMeta;
    const strategies = builtInStrategies();
    for (const names of BUILT_IN_KINDS) {
      const strategy = strategies.get(groupKindText(names)) ?? PLAIN_STRATEGY;
      const version = builtInVersion(names, schemas);
      const present = this.find(names.group, names.plural);
      this.#add({
        ...identityOf(names),
        listKind: `${names.kind}List`,
        origin: 'built-in',
        terminating: false,
        versions: new Map([...(present?.versions ?? []), [names.version, version]]),
        storageVersion: present?.storageVersion ?? names.version,
        collection: collectionOf(store, storageGroupOf(names), names.plural),
        strategy,
      });
    }
  }

  /** `group` is `''` for the core group. */
  find(group: string, plural: string): Resource | undefined {
    return this.#resources.get(`${group}/${plural}`);
  }

  findKind(group: string, kind: string): Resource | undefined {
    for (const resource of this.#resources.values()) {
      if (resource.group === group && resource.kind === kind) return resource;
    }
    return undefined;
  }

  /** Built-in kinds first, then custom ones in the order of their installation. */
  resources(): readonly Resource[] {
    return [...this.#resources.values()];
  }

  /** Serves what an established CRD describes; a CRD that is not established, or cannot be served, takes its kind away. */
  install(crd: CustomResourceDefinition): void {
    const { group } = crd.spec;
    const { plural } = crd.spec.names;
    if (this.find(group, plural)?.origin === 'built-in') return;
    if (!isEstablished(crd)) {
      this.uninstall(group, plural);
      return;
    }
    const collection = collectionOf(this.#store, group, plural);
    const since = this.#sinceOf(crd);
    const parts = {
      collection,
      strategy: CUSTOM_STRATEGY,
      objectMeta: this.#objectMeta,
      webhooks: this.#webhooks,
      since,
    };
    this.#add(resourceOf(crd, parts));
    for (const listener of this.#listeners) listener();
  }

  uninstall(group: string, plural: string): void {
    if (this.find(group, plural)?.origin !== 'custom') return;
    this.#resources.delete(`${group}/${plural}`);
    this.#specs.delete(`${group}/${plural}`);
    for (const listener of this.#listeners) listener();
  }

  /** Calls `listener` when a kind was added, changed or removed. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** The revision in which the spec of the definition became what it is; conditions, labels and so on change nothing of the kind. */
  #sinceOf({ metadata, spec }: CustomResourceDefinition): number {
    const id = `${spec.group}/${spec.names.plural}`;
    const generation = metadata?.generation ?? 0;
    const known = this.#specs.get(id);
    if (known?.generation === generation) return known.since;
    const since = Number(metadata?.resourceVersion ?? 0);
    this.#specs.set(id, { generation, since });
    return since;
  }

  #add(resource: Resource): void {
    this.#resources.set(`${resource.group}/${resource.plural}`, resource);
  }
}

/** The collection of a resource; `group` is `''` for the core group. */
export function collectionOf(store: Store, group: string, plural: string): Collection {
  return store.collection(group === '' ? 'core' : group, plural);
}

function identityOf(names: KindNames): Pick<Resource, 'group' | 'plural' | 'kind' | 'namespaced'> {
  const { group, plural, kind, namespaced } = names;
  return { group, plural, kind, namespaced };
}

/** Built-in kinds that Kubernetes 1.33 wants nobody to use any more. */
const DEPRECATIONS: Readonly<Record<string, string>> = {
  Endpoints: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
};

function builtInVersion(names: KindNames, schemas: BuiltInSchemas): ResourceVersion {
  let form: VersionForm | undefined;
  const hasForm = hasForms(names);
  return {
    names,
    // Expanded when the kind is first used: most are not.
    get schema() {
      return schemas.schemaOf(names);
    },
    printer: builtInPrinter(names),
    selectableFields: [],
    scale: SCALABLE.has(groupKindText(names)) ? REPLICAS : undefined,
    get form() {
      if (hasForm) form ??= builtInForm(names, schemas);
      return form;
    },
    deprecation: DEPRECATIONS[groupKindText(names)],
  };
}
