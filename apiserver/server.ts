import { mkdirSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { Admit } from './admission.ts';
import type { Core, Log } from './core.ts';
import { machineNode } from './home/node.ts';
import { reportWorkloads } from './home/workload-events.ts';
import { ADMINISTRATOR, Authenticator } from './http/authentication.ts';
import { Listener } from './http/listener.ts';
import { Router } from './http/router.ts';
import { storedTarget } from './lifecycle/amend.ts';
import { CustomResources } from './lifecycle/custom-resources.ts';
import { EventExpiry } from './lifecycle/event-expiry.ts';
import { GarbageCollector } from './lifecycle/garbage-collection.ts';
import { NamespaceDeletion } from './lifecycle/namespace-deletion.ts';
import { type ApiObject, asApiObject } from './object.ts';
import { OpenApiDocuments, type ServedKind } from './openapi/documents.ts';
import { serverCredentials } from './pki/authority.ts';
import { kubeconfigText } from './pki/kubeconfig.ts';
import { writePrivateFile } from './pki/private-file.ts';
import { administratorToken } from './pki/token.ts';
import { Registry } from './registry/registry.ts';
import type { Resource } from './registry/resource.ts';
import { loadBuiltInSchemas } from './schema/built-in.ts';
import { lockDirectory } from './storage/directory-lock.ts';
import { objectOf } from './storage/entry.ts';
import { Store } from './storage/store.ts';
import { createObject } from './verbs/create.ts';
import { replaceObject } from './verbs/update.ts';
import { WatchDispatcher } from './verbs/watch.ts';
import type { WriteOptions } from './verbs/write.ts';

export interface ApiServerOptions {
  /** Holds the store, the keys and the kubeconfig. */
  readonly dataDirectory: string;
  /** 0: any free port */
  readonly port: number;
  readonly bind: string;
  readonly log: Log;
  /** CustomResourceDefinitions to install, or to bring up to date. */
  readonly customResources?: readonly object[];
  readonly admit?: Admit;
  readonly now?: () => Date;
}

export interface ApiServer {
  readonly port: number;
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** Ends watches, finishes writes, closes the store. */
  close(): Promise<void>;
}

const NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];
const RENEWAL_CHECK_MS = 12 * 3600_000;

/** Starts an API server on a data directory. It serves when the promise resolves. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { dataDirectory, log, now = () => new Date() } = options;
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const lock = await lockDirectory(dataDirectory);
  const store = new Store(join(dataDirectory, 'store'));
  const schemas = loadBuiltInSchemas();
  const registry = new Registry(store, schemas);
  const core: Core = { store, registry, admit: options.admit, now, log };
  const dispatcher = new WatchDispatcher();

  const customResources = new CustomResources(
    core,
    builtIn(registry, 'apiextensions.k8s.io', 'customresourcedefinitions'),
    dispatcher,
  );
  await bootstrap(core, options.customResources ?? []);
  const events = builtIn(registry, '', 'events');
  const expiry = new EventExpiry(core, events);
  const garbage = new GarbageCollector(core);
  const namespaces = new NamespaceDeletion(core, builtIn(registry, '', 'namespaces'));
  const stopReports = reportWorkloads(core, events);

  const pki = join(dataDirectory, 'pki');
  const credentials = await serverCredentials(pki, options.bind, now());
  const token = administratorToken(join(pki, 'admin.token'));
  const documents = new OpenApiDocuments({
    definitions: schemas.definitions,
    servedKinds: () => servedKinds(registry),
  });
  registry.onChange(() => documents.invalidate());
  const authenticator = new Authenticator(new Map([[token, ADMINISTRATOR]]));
  const router = new Router({ core, dispatcher, authenticator, documents });
  const serve: Router['serve'] = (request, response) => router.serve(request, response);
  const listener = await Listener.open({ port: options.port, bind: options.bind, credentials, serve });
  const renewal = setInterval(() => void renew(), RENEWAL_CHECK_MS).unref();
  const renew = async (): Promise<void> => {
    try {
      listener.renew(await serverCredentials(pki, options.bind, now()));
    } catch (error) {
      log.error({ err: error }, 'the server certificate could not be renewed');
    }
  };

  const kubeconfig = join(dataDirectory, 'kubeconfig');
  const host = hostOf(options.bind);
  const server = `https://${host}:${listener.port}`;
  writePrivateFile(kubeconfig, kubeconfigText({ server, caCertificate: credentials.caCertificate, token }));
  return {
    port: listener.port,
    kubeconfig,
    async close() {
      clearInterval(renewal);
      expiry.stop();
      garbage.stop();
      namespaces.stop();
      customResources.stop();
      stopReports();
      dispatcher.endAll();
      await listener.close();
      await store.close();
      lock.close();
    },
  };
}

/** How clients on this machine reach what is bound to `address`. */
function hostOf(address: string): string {
  if (address === '0.0.0.0' || address === '::') return '127.0.0.1';
  return isIPv6(address) ? `[${address}]` : address;
}

function builtIn(registry: Registry, group: string, plural: string): Resource {
  const resource = registry.find(group, plural);
  if (resource === undefined) throw new Error(`${plural}.${group} is not among the built-in kinds`);
  return resource;
}

function servedKinds(registry: Registry): readonly ServedKind[] {
  return registry.resources().flatMap(({ origin, versions }) =>
    [...versions.values()].map(({ names, schema, scale }) => ({
      names,
      schema: schema.structural,
      origin,
      scaleSubresource: scale !== undefined,
    })),
  );
}

/** What a fresh cluster has, this machine, and the kinds we bring. */
async function bootstrap(core: Core, customResources: readonly object[]): Promise<void> {
  const namespaces = builtIn(core.registry, '', 'namespaces');
  for (const name of NAMESPACES) {
    if (namespaces.collection.head(`/${name}`) !== undefined) continue;
    await ensure(core, namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  const definitions = builtIn(core.registry, 'apiextensions.k8s.io', 'customresourcedefinitions');
  for (const given of customResources) {
    const crd = asApiObject(structuredClone(given));
    if (typeof crd === 'string') throw new TypeError(`a CustomResourceDefinition to install: ${crd}`);
    await ensure(core, definitions, crd);
  }
  await ensureNode(core);
}

const OWN_WRITE: WriteOptions = { dryRun: false, fieldValidation: 'Ignore', subresource: '', warnings: [] };

/** Creates the object, or replaces its spec when that differs; labels and annotations that others added stay. */
async function ensure(core: Core, resource: Resource, object: ApiObject): Promise<void> {
  const { name } = object.metadata;
  const target = storedTarget(resource, { namespace: '', name });
  const entry = resource.collection.head(`/${name}`);
  if (entry === undefined) {
    await createObject(core, target, object, { ...OWN_WRITE, warnings: [] });
    return;
  }
  const present = objectOf(entry);
  const { labels, annotations } = object.metadata;
  if (labels !== undefined) present.metadata.labels = { ...present.metadata.labels, ...labels };
  if (annotations !== undefined) present.metadata.annotations = { ...present.metadata.annotations, ...annotations };
  if (object.spec !== undefined) present.spec = object.spec;
  await replaceObject(core, target, entry, present, { ...OWN_WRITE, warnings: [] });
}

async function ensureNode(core: Core): Promise<void> {
  const nodes = builtIn(core.registry, '', 'nodes');
  const node = machineNode(core.now());
  const entry = nodes.collection.head(`/${node.metadata.name}`);
  const target = storedTarget(nodes, { namespace: '', name: node.metadata.name });
  if (entry === undefined) {
    await createObject(core, target, node, { ...OWN_WRITE, warnings: [] });
    return;
  }
  const present = objectOf(entry);
  if (node.status !== undefined) present.status = node.status;
  await replaceObject(core, target, entry, present, { ...OWN_WRITE, subresource: 'status', warnings: [] });
}
