import { setTimeout as sleep } from 'node:timers/promises';
import { keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import type { Service } from 'kubernetes-types/core/v1';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1';
import { builtIn } from './built-in.ts';
import type { PodNetwork } from './pod-network.ts';

const SERVICE = builtIn('Service');
const ENDPOINT_SLICE = builtIn('EndpointSlice');
const ROUND_MS = 200;

/** Addresses that nobody asked for by name; those that somebody may ask for are the rest of their network. */
const FREE = '198.18.254.';
const POOL = '198.18.';
const ANNOTATION = 'metallb.universe.tf/loadBalancerIPs';

export interface LoadBalancerOptions {
  readonly client: KubernetesClient;
  readonly network: PodNetwork;
  readonly say: (line: string) => void;
}

/** What a cluster has for Services of type LoadBalancer, as MetalLB does it: addresses, and the way from there to ready Pods. */
export class LoadBalancer {
  readonly #options: LoadBalancerOptions;
  /** What an address leads to. */
  readonly #ways = new Map<string, string>();
  /** Addresses of Services, by their key. */
  readonly #given = new Map<string, string>();
  #count = 0;
  readonly #stopping = new AbortController();
  readonly #rounds: Promise<void>;

  constructor(options: LoadBalancerOptions) {
    this.#options = options;
    this.#rounds = this.#loop();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#rounds;
  }

  async #loop(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#round();
      } catch (error) {
        this.#options.say(`load balancer: ${error instanceof Error ? error.message : String(error)}`);
      }
      await sleep(ROUND_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #round(): Promise<void> {
    const { client, network } = this.#options;
    const services = (await client.list(SERVICE)).items as unknown as readonly (Service &
      Parameters<typeof keyOf>[0])[];
    const slices = (await client.list(ENDPOINT_SLICE)).items as unknown as readonly EndpointSlice[];
    for (const service of services) {
      if (service.spec?.type !== 'LoadBalancer') continue;
      const key = keyOf(service);
      const addresses = this.#addressesOf(service, objectKeyText(key));
      const present = (service.status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip);
      if (present.join() !== addresses.join()) {
        const status = { loadBalancer: { ingress: addresses.map((ip) => ({ ip })) } };
        await client.patch(SERVICE, key, { status }, { type: 'merge', subresource: 'status' });
      }
      const pods = readyPods(slices, key.namespace, key.name);
      for (const address of addresses) {
        if (this.#ways.get(address) === pods.join()) continue;
        await network.balance(address, pods);
        this.#ways.set(address, pods.join());
      }
    }
  }

  /** Those that the Service asks for, when all of them can be had; else none, as nobody would get a part. */
  #addressesOf({ metadata, spec }: Service, key: string): readonly string[] {
    const annotation = metadata?.annotations?.[ANNOTATION];
    const asked = annotation?.split(',') ?? spec?.loadBalancerIP ?? [];
    const wanted = typeof asked === 'string' ? [asked] : asked.map((text) => text.trim());
    if (wanted.length > 0) return wanted.every((address) => address.startsWith(POOL)) ? wanted : [];
    const given = this.#given.get(key) ?? `${FREE}${1 + (this.#count++ % 250)}`;
    this.#given.set(key, given);
    return [given];
  }
}

function readyPods(slices: readonly EndpointSlice[], namespace: string, service: string): readonly string[] {
  return slices
    .filter(
      ({ metadata }) =>
        metadata?.namespace === namespace && metadata.labels?.['kubernetes.io/service-name'] === service,
    )
    .flatMap(({ endpoints }) =>
      ((endpoints as EndpointSlice['endpoints'] | null) ?? []).flatMap((each) =>
        each.conditions?.ready === false ? [] : each.addresses,
      ),
    )
    .toSorted();
}
