import { isIPv6 } from 'node:net';
import type { Core } from '../core.ts';
import { amend } from '../lifecycle/amend.ts';
import { SERVICE_NAME, SKIP_MIRROR } from '../lifecycle/endpoints/wanted-slices.ts';
import { createUnlessThere } from '../lifecycle/own-write.ts';
import { Work } from '../lifecycle/work.ts';
import { type ApiObject, asApiObject } from '../object.ts';
import type { Resource } from '../registry/resource.ts';
import { type JsonObject, jsonEqual } from '../schema/json.ts';
import { entryKey, objectOf } from '../storage/entry.ts';

const NAMESPACE = 'default';
const NAME = 'kubernetes';
const KEY = entryKey(NAMESPACE, NAME);
/** The first of the range of cluster addresses. */
const CLUSTER_IP = '10.96.0.1';
const SERVICE_PORT = 443;

export interface KubernetesServiceOptions {
  /** Resources of the kinds Service, Endpoints and EndpointSlice. */
  readonly services: Resource;
  readonly endpoints: Resource;
  readonly slices: Resource;
  /** Where this server is reached. */
  readonly address: string;
  readonly port: number;
}

/**
 * Keeps the Service `kubernetes` of the namespace `default`, by which programs in a cluster find the API, with its Endpoints and its
 * EndpointSlice. Who deletes them gets them back; addresses and ports of the endpoints are always those of this server.
 *
 * Source: Kubernetes pkg/controlplane/controller/kubernetesservice and pkg/controlplane/reconcilers.
 */
export class KubernetesService {
  readonly #core: Core;
  readonly #options: KubernetesServiceOptions;
  readonly #work: Work<string>;
  readonly #unsubscribe: readonly (() => void)[];

  private constructor(core: Core, options: KubernetesServiceOptions) {
    this.#core = core;
    this.#options = options;
    this.#work = new Work(() => this.#complete(), core.log);
    this.#unsubscribe = [options.services, options.endpoints, options.slices].map(({ collection }) =>
      collection.subscribe(({ entry }) => {
        if (entry.key === KEY) this.#work.add(KEY);
      }),
    );
  }

  /** When it resolves, they are there. */
  static async open(core: Core, options: KubernetesServiceOptions): Promise<KubernetesService> {
    const service = new KubernetesService(core, options);
    await service.#complete();
    return service;
  }

  stop(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#work.stop();
  }

  async #complete(): Promise<void> {
    const { services, endpoints, slices, address, port } = this.#options;
    const ports = [{ name: 'https', port, protocol: 'TCP' }];
    await this.#ensure(services, serviceTo(port));
    await this.#ensure(
      endpoints,
      named({
        apiVersion: 'v1',
        kind: 'Endpoints',
        metadata: { labels: { [SKIP_MIRROR]: 'true' } },
        subsets: [{ addresses: [{ ip: address }], ports }],
      }),
    );
    await this.#ensure(
      slices,
      named({
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { labels: { [SERVICE_NAME]: NAME } },
        addressType: isIPv6(address) ? 'IPv6' : 'IPv4',
        endpoints: [{ addresses: [address], conditions: { ready: true } }],
        ports,
      }),
    );
  }

  async #ensure(resource: Resource, wanted: ApiObject): Promise<void> {
    const present = resource.collection.head(KEY);
    if (present === undefined) return createUnlessThere(this.#core, resource, wanted);
    // Who changes the Service may: only where its endpoints are is not his to say.
    const { metadata: _metadata, spec: _spec, ...fixed } = wanted;
    const now = objectOf(present);
    if (Object.keys(fixed).every((field) => jsonEqual(now[field], fixed[field]))) return;
    await amend(this.#core, resource, present, (object) => Object.assign(object, fixed));
  }
}

function serviceTo(targetPort: number): ApiObject {
  return named({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      clusterIP: CLUSTER_IP,
      ipFamilyPolicy: 'SingleStack',
      ports: [{ name: 'https', port: SERVICE_PORT, protocol: 'TCP', targetPort }],
      sessionAffinity: 'None',
      type: 'ClusterIP',
    },
  });
}

function named({ metadata, ...rest }: JsonObject & { readonly metadata: JsonObject }): ApiObject {
  const object = asApiObject({ metadata: { name: NAME, namespace: NAMESPACE, ...metadata }, ...rest });
  if (typeof object === 'string') throw new TypeError(object);
  return object;
}
