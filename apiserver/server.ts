import { mkdirSync } from 'node:fs';
import { isIP, isIPv6, type Server } from 'node:net';
import { join } from 'node:path';
import type { KindNames } from '@causeway/apis/meta/kind';
import { type AccountToken, AccountTokens } from './access/account-tokens.ts';
import { Authorizer } from './access/authorizer.ts';
import { AUTO_UPDATE, defaultRoles } from './access/default-roles.ts';
import { ADMINISTRATOR } from './access/identity.ts';
import { RBAC_GROUP, RoleIndex } from './access/role-index.ts';
import type { Admit } from './admission.ts';
import type { Core, Log } from './core.ts';
import { KubernetesService } from './home/kubernetes-service.ts';
import { internalAddress, machineNode } from './home/node.ts';
import { reportWorkloads } from './home/workload-events.ts';
import { AuditLog } from './http/audit.ts';
import { Authenticator } from './http/authentication.ts';
import { Listener } from './http/listener.ts';
import { Router } from './http/router.ts';
import { storedTarget } from './lifecycle/amend.ts';
import { CertificateSigning } from './lifecycle/certificate-signing.ts';
import { CustomResources } from './lifecycle/custom-resources.ts';
import { ServiceEndpoints } from './lifecycle/endpoints/service-endpoints.ts';
import { EventExpiry } from './lifecycle/event-expiry.ts';
import { GarbageCollector } from './lifecycle/garbage-collection.ts';
import { NamespaceContent } from './lifecycle/namespace-content.ts';
import { NamespaceDeletion } from './lifecycle/namespace-deletion.ts';
import { ownWrite } from './lifecycle/own-write.ts';
import { RoleAggregation } from './lifecycle/role-aggregation.ts';
import { VolumeProtection } from './lifecycle/volume-protection.ts';
import { type ApiObject, asApiObject } from './object.ts';
import { OpenApiDocuments, type ServedKind } from './openapi/documents.ts';
import { serverCredentials } from './pki/authority.ts';
import { kubeconfigText } from './pki/kubeconfig.ts';
import { writePrivateFile } from './pki/private-file.ts';
import { signRequest } from './pki/request-signature.ts';
import { administratorToken } from './pki/token.ts';
import { collectionOf, Registry } from './registry/registry.ts';
import type { Resource } from './registry/resource.ts';
import { subresourcesOf } from './registry/subresource.ts';
import { loadBuiltInSchemas } from './schema/built-in.ts';
import { jsonEqual, objectAt, textAt } from './schema/json.ts';
import { lockDirectory } from './storage/directory-lock.ts';
import { entryKey, objectOf } from './storage/entry.ts';
import { Store } from './storage/store.ts';
import { createObject } from './verbs/create.ts';
import { replaceObject } from './verbs/update.ts';
import { WatchDispatcher } from './verbs/watch.ts';
import { AdmissionWebhooks } from './webhook/admission-webhooks.ts';
import { serviceAddress } from './webhook/service-endpoints.ts';
import { WebhookClient } from './webhook/webhook-client.ts';

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
  readonly controllers?: Controllers;
  readonly now?: () => Date;
}

/**
 * What the server does of a cluster's other programs. `all` (the default): the work of kube-controller-manager that the API needs to be whole,
 * and this machine is a Node. `deletion`: only what follows from deletions and labels: the end of namespaces, garbage collection, aggregated
 * roles, and what nothing runs. `none`: it is as kube-apiserver alone.
 */
export type Controllers = 'all' | 'deletion' | 'none';

export interface ApiServer {
  readonly port: number;
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly store: Store;
  /** Answers a request that did not come through the port. */
  readonly serve: Router['serve'];
  /** Ends watches, finishes writes, closes the store. */
  close(): Promise<void>;
}

const NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];
const RENEWAL_CHECK_MS = 12 * 3600_000;

/** Starts an API server on a data directory. It serves when the promise resolves. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { dataDirectory, log, now = () => new Date(), controllers = 'all' } = options;
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const lock = await lockDirectory(dataDirectory);
  const store = openStore(join(dataDirectory, 'store'), lock);
  const schemas = loadBuiltInSchemas();
  const webhooks = new WebhookClient({ addressOf: (service) => serviceAddress(store, service) });
  const registry = new Registry(store, schemas, webhooks);
  const authorizer = new Authorizer(new RoleIndex(store));
  const admission = new AdmissionWebhooks({ store, registry, client: webhooks, log });
  const leavesWorkloads = controllers === 'none';
  const { admit } = options;
  const core: Core = { store, registry, authorizer, admit, webhooks: admission, leavesWorkloads, now, log };
  const dispatcher = new WatchDispatcher();

  const customResources = new CustomResources(
    core,
    builtIn(registry, 'apiextensions.k8s.io', 'customresourcedefinitions'),
    dispatcher,
  );
  await bootstrap(core, options.customResources ?? []);
  if (controllers !== 'none') await ensureNode(core);
  const events = builtIn(registry, '', 'events');
  const expiry = new EventExpiry(core, events);
  const followers: readonly { stop(): void }[] =
    controllers === 'none'
      ? []
      : [
          new GarbageCollector(core),
          new NamespaceDeletion(core, builtIn(registry, '', 'namespaces')),
          new RoleAggregation(core, builtIn(registry, RBAC_GROUP, 'clusterroles')),
        ];
  const stopReports = leavesWorkloads ? () => {} : reportWorkloads(core, events);

  const pki = join(dataDirectory, 'pki');
  const credentials = await serverCredentials(pki, options.bind, now());
  const content =
    controllers !== 'all'
      ? undefined
      : await NamespaceContent.open(core, {
          namespaces: builtIn(registry, '', 'namespaces'),
          accounts: builtIn(registry, '', 'serviceaccounts'),
          configMaps: builtIn(registry, '', 'configmaps'),
          caCertificate: credentials.caCertificate,
        });
  const serviceEndpoints =
    controllers !== 'all'
      ? undefined
      : new ServiceEndpoints(core, {
          services: builtIn(registry, '', 'services'),
          pods: builtIn(registry, '', 'pods'),
          endpoints: builtIn(registry, '', 'endpoints'),
          slices: builtIn(registry, 'discovery.k8s.io', 'endpointslices'),
        });
  const signing =
    controllers !== 'all'
      ? undefined
      : new CertificateSigning(core, {
          requests: builtIn(registry, 'certificates.k8s.io', 'certificatesigningrequests'),
          sign: (request, use) => signRequest(pki, request, use, now()),
        });
  const volumes =
    controllers !== 'all'
      ? undefined
      : new VolumeProtection(core, {
          claims: builtIn(registry, '', 'persistentvolumeclaims'),
          volumes: builtIn(registry, '', 'persistentvolumes'),
          pods: builtIn(registry, '', 'pods'),
        });
  const token = administratorToken(join(pki, 'admin.token'));
  const documents = new OpenApiDocuments({
    definitions: schemas.definitions,
    servedKinds: () => servedKinds(registry),
  });
  registry.onChange(() => documents.invalidate());
  const accountTokens = await AccountTokens.open(join(pki, 'service-account.key'));
  const authenticator = new Authenticator({
    tokens: new Map([[token, ADMINISTRATOR]]),
    accountTokens,
    exists: (read) => tokenHolds(store, read),
    now,
  });
  const audit = new AuditLog(join(dataDirectory, 'audit.log'), log);
  const router = new Router({ core, dispatcher, authenticator, accountTokens, documents, audit });
  const serve: Router['serve'] = (request, response) => router.serve(request, response);
  const listener = await Listener.open({ port: options.port, bind: options.bind, credentials, serve });
  const itself = await KubernetesService.open(core, {
    services: builtIn(registry, '', 'services'),
    endpoints: builtIn(registry, '', 'endpoints'),
    slices: builtIn(registry, 'discovery.k8s.io', 'endpointslices'),
    address: addressOf(options.bind),
    port: listener.port,
  });
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
  writePrivateFile(
    kubeconfig,
    kubeconfigText({ server, caCertificate: credentials.caCertificate, user: 'admin', credentials: { token } }),
  );
  return {
    port: listener.port,
    kubeconfig,
    store,
    serve,
    async close() {
      clearInterval(renewal);
      expiry.stop();
      itself.stop();
      for (const follower of followers) follower.stop();
      content?.stop();
      serviceEndpoints?.stop();
      signing?.stop();
      volumes?.stop();
      customResources.stop();
      stopReports();
      dispatcher.endAll();
      await listener.close();
      webhooks.close();
      audit.close();
      await store.close();
      lock.close();
    },
  };
}

/** @throws StoreDamagedError, StoreVersionError */
function openStore(directory: string, lock: Server): Store {
  try {
    return new Store(directory);
  } catch (error) {
    lock.close();
    throw error;
  }
}

/** The account of a token, and what the token is bound to, are still the same ones. */
function tokenHolds(store: Store, { account, bound }: AccountToken): boolean {
  const uidOf = (plural: string, name: string): string | undefined =>
    collectionOf(store, '', plural).get(entryKey(account.namespace, name))?.uid;
  if (uidOf('serviceaccounts', account.name) !== account.uid) return false;
  return bound === undefined || uidOf(bound.kind === 'Pod' ? 'pods' : 'secrets', bound.name) === bound.uid;
}

/** How clients on this machine reach what is bound to `address`. */
function hostOf(address: string): string {
  if (address === '0.0.0.0' || address === '::') return '127.0.0.1';
  return isIPv6(address) ? `[${address}]` : address;
}

/** Where others find what is bound to `address`. */
function addressOf(address: string): string {
  if (address === '0.0.0.0' || address === '::') return internalAddress();
  return isIP(address) === 0 ? '127.0.0.1' : address;
}

function builtIn(registry: Registry, group: string, plural: string): Resource {
  const resource = registry.find(group, plural);
  if (resource === undefined) throw new Error(`${plural}.${group} is not among the built-in kinds`);
  return resource;
}

function servedKinds(registry: Registry): readonly ServedKind[] {
  return registry.resources().flatMap(({ origin, versions, strategy }) =>
    [...versions.values()].map((version) => ({
      names: version.names,
      // Expanded only when a document needs it: built-in kinds are described by their definitions.
      get schema() {
        return version.schema.structural;
      },
      origin,
      subresources: subresourcesOf(version),
      deletesSingly: strategy.deletesSingly === true,
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
  await ensureRoles(core, registeredKinds(core, customResources));
}

/** Kinds of the definitions that the server brought. */
function registeredKinds(core: Core, customResources: readonly object[]): readonly KindNames[] {
  return customResources.flatMap((given) => {
    const crd = asApiObject(structuredClone(given));
    if (typeof crd === 'string') return [];
    const spec = objectAt(crd, 'spec');
    const resource = core.registry.find(textAt(spec, 'group'), textAt(objectAt(spec, 'names'), 'plural'));
    const version = resource?.versions.get(resource.storageVersion);
    return version === undefined ? [] : [version.names];
  });
}

/** Default roles are brought up to date unless somebody asked for theirs to be left alone. */
async function ensureRoles(core: Core, installed: readonly KindNames[]): Promise<void> {
  const roles = builtIn(core.registry, RBAC_GROUP, 'clusterroles');
  const bindings = builtIn(core.registry, RBAC_GROUP, 'clusterrolebindings');
  for (const wanted of defaultRoles(installed)) {
    const resource = wanted.kind === 'ClusterRole' ? roles : bindings;
    const entry = resource.collection.head(`/${wanted.metadata.name}`);
    const target = storedTarget(resource, { namespace: '', name: wanted.metadata.name });
    if (entry === undefined) {
      await createObject(core, target, wanted, ownWrite());
      continue;
    }
    const present = objectOf(entry);
    if (present.metadata.annotations?.[AUTO_UPDATE] !== 'true') continue;
    if (wanted['rules'] !== undefined) present['rules'] = wanted['rules'];
    if (wanted['aggregationRule'] !== undefined) present['aggregationRule'] = wanted['aggregationRule'];
    if (wanted['subjects'] !== undefined) present['subjects'] = wanted['subjects'];
    present.metadata.labels = { ...present.metadata.labels, ...wanted.metadata.labels };
    await replaceObject(core, target, { entry, shown: entry }, present, ownWrite());
  }
}

/** Creates the object, or replaces its spec when that differs; labels and annotations that others added stay. */
async function ensure(core: Core, resource: Resource, object: ApiObject): Promise<void> {
  const { name } = object.metadata;
  const target = storedTarget(resource, { namespace: '', name });
  const entry = resource.collection.head(`/${name}`);
  if (entry === undefined) {
    await createObject(core, target, object, ownWrite());
    return;
  }
  const present = objectOf(entry);
  const { labels, annotations } = object.metadata;
  if (labels !== undefined) present.metadata.labels = { ...present.metadata.labels, ...labels };
  if (annotations !== undefined) present.metadata.annotations = { ...present.metadata.annotations, ...annotations };
  if (object.spec !== undefined) present.spec = object.spec;
  const { schema } = target.version;
  const stored = objectOf(entry);
  schema.prepare(present, stored);
  schema.applyDefaults(present);
  // What is there already need not be judged again: conditions in CEL take long.
  if (jsonEqual(present, stored)) return;
  await replaceObject(core, target, { entry, shown: entry }, present, ownWrite());
}

async function ensureNode(core: Core): Promise<void> {
  const nodes = builtIn(core.registry, '', 'nodes');
  const node = machineNode(core.now());
  const entry = nodes.collection.head(`/${node.metadata.name}`);
  const target = storedTarget(nodes, { namespace: '', name: node.metadata.name });
  if (entry === undefined) {
    await createObject(core, target, node, ownWrite());
    return;
  }
  const present = objectOf(entry);
  if (node.status !== undefined) present.status = node.status;
  await replaceObject(core, target, { entry, shown: entry }, present, {
    ...ownWrite(),
    subresource: 'status',
  });
}
