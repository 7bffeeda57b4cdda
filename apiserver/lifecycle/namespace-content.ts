import type { Core } from '../core.ts';
import { type ApiObject, asApiObject } from '../object.ts';
import type { Resource } from '../registry/resource.ts';
import { jsonEqual, objectAt } from '../schema/json.ts';
import { entryKey, objectOf } from '../storage/entry.ts';
import { amend } from './amend.ts';
import { createUnlessThere } from './own-write.ts';
import { Work } from './work.ts';

/** Where programs in a namespace find the certificate authority of the API. */
const ROOT_CA = 'kube-root-ca.crt';
const DEFAULT_ACCOUNT = 'default';

export interface NamespaceContentOptions {
  /** Resources of the kinds Namespace, ServiceAccount and ConfigMap. */
  readonly namespaces: Resource;
  readonly accounts: Resource;
  readonly configMaps: Resource;
  /** PEM */
  readonly caCertificate: string;
}

/**
 * Keeps in every namespace what every namespace of a cluster has: the ServiceAccount `default`, and the ConfigMap `kube-root-ca.crt` with
 * the certificate authority of the API. Who deletes or changes them gets them back.
 *
 * Source: Kubernetes pkg/controller/serviceaccount, pkg/controller/certificates/rootcacertpublisher.
 */
export class NamespaceContent {
  readonly #core: Core;
  readonly #options: NamespaceContentOptions;
  readonly #work: Work<string>;
  readonly #unsubscribe: readonly (() => void)[];

  private constructor(core: Core, options: NamespaceContentOptions) {
    const { namespaces, accounts, configMaps } = options;
    this.#core = core;
    this.#options = options;
    this.#work = new Work((name) => this.#complete(name), core.log);
    this.#unsubscribe = [
      namespaces.collection.subscribe(({ type, entry }) => {
        if (type === 'ADDED') this.#work.add(entry.name);
      }),
      accounts.collection.subscribe(({ type, entry }) => {
        if (type === 'DELETED' && entry.name === DEFAULT_ACCOUNT) this.#work.add(entry.namespace);
      }),
      configMaps.collection.subscribe(({ type, entry }) => {
        if (type !== 'ADDED' && entry.name === ROOT_CA) this.#work.add(entry.namespace);
      }),
    ];
  }

  /** When it resolves, the namespaces that there are have their content. */
  static async open(core: Core, options: NamespaceContentOptions): Promise<NamespaceContent> {
    const content = new NamespaceContent(core, options);
    await Promise.all(options.namespaces.collection.range('').map(({ name }) => content.#complete(name)));
    return content;
  }

  stop(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#work.stop();
  }

  async #complete(namespace: string): Promise<void> {
    const { namespaces, accounts, configMaps, caCertificate } = this.#options;
    const entry = namespaces.collection.head(`/${namespace}`);
    if (entry === undefined || entry.terminating) return;
    const data = { 'ca.crt': caCertificate };
    await Promise.all([
      this.#ensure(accounts, namespace, { kind: 'ServiceAccount', metadata: { name: DEFAULT_ACCOUNT } }),
      this.#ensure(configMaps, namespace, { kind: 'ConfigMap', metadata: { name: ROOT_CA }, data }),
    ]);
    const present = configMaps.collection.head(entryKey(namespace, ROOT_CA));
    if (present === undefined || jsonEqual(objectAt(objectOf(present), 'data'), data)) return;
    await amend(this.#core, configMaps, present, (object) => {
      object['data'] = data;
    });
  }

  async #ensure(resource: Resource, namespace: string, content: object): Promise<void> {
    const object = given(namespace, content);
    if (resource.collection.head(entryKey(namespace, object.metadata.name)) !== undefined) return;
    await createUnlessThere(this.#core, resource, object);
  }
}

function given(namespace: string, content: object): ApiObject {
  const object = asApiObject({ apiVersion: 'v1', ...structuredClone(content) });
  if (typeof object === 'string') throw new TypeError(object);
  object.metadata.namespace = namespace;
  return object;
}
