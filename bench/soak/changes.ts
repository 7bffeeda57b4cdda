/** Random changes of objects: into the model at once, into the API until it has acknowledged them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { keyOf } from '@causeway/apis/meta/object';
import { ApiError, hasReason } from '@causeway/protocols/kubernetes/api-error';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { ConnectionError } from '@causeway/protocols/kubernetes/connection-error';
import { KIND_REFS, type KindMap, type KindName } from '@causeway/resources/kinds';
import type { Random } from './random.ts';
import { type Setting, secretObject, siteObject, sliceObject, tcpSlice, type World } from './world.ts';

export const CHANGE_KINDS = [
  'Rule or Ingress to another Service',
  'Rule or Ingress comes or goes',
  'EndpointSlice gets another endpoint',
  'EndpointSlice comes or goes',
  'endpoint of the TCP port',
  'certificate',
] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

type Stored = KindMap[keyof KindMap];
type Write = { readonly put: Stored } | { readonly remove: Stored };

/** At a time; an API server that is away holds them up. */
const WRITES_MAX = 8;
const RETRY_MS = 50;
/** An API server that answers nothing for this long does not come back. */
const PATIENCE_MS = 60_000;

export interface ChangesOptions {
  readonly api: KubernetesClient;
  readonly world: World;
  readonly setting: Setting;
  readonly random: Random;
  readonly perSecond: number;
}

export class Changes {
  readonly #options: ChangesOptions;
  readonly #counts = new Map<ChangeKind, number>();
  /** Names of objects that are being written. */
  readonly #busy = new Set<string>();
  readonly #running: Promise<void>;
  readonly problems: string[] = [];
  /** performance.now() of the last acknowledgement. */
  lastAt = 0;
  #stopped = false;

  constructor(options: ChangesOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  count(kind: ChangeKind): number {
    return this.#counts.get(kind) ?? 0;
  }

  /** Resolves when every change that was begun is acknowledged. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    while (this.#busy.size > 0) await sleep(RETRY_MS);
  }

  async #run(): Promise<void> {
    const { random, perSecond } = this.#options;
    while (!this.#stopped) {
      await sleep(random.between(0, 2_000 / perSecond));
      if (this.#busy.size >= WRITES_MAX) continue;
      const kind = random.pick(CHANGE_KINDS);
      const write = this.#change(kind);
      if (write === undefined) continue;
      this.#counts.set(kind, this.count(kind) + 1);
      void this.#write(write);
    }
  }

  /** @returns undefined when the object that was chosen is being written */
  #change(kind: ChangeKind): Write | undefined {
    const { world, setting, random } = this.#options;
    switch (kind) {
      case 'Rule or Ingress to another Service': {
        const site = random.pick(world.sites.filter(({ present }) => present));
        const service = random.pick(world.services);
        return this.#claim(siteObject(site, setting), () => {
          site.service = service;
          return { put: siteObject(site, setting) };
        });
      }
      case 'Rule or Ingress comes or goes': {
        const site = random.pick(world.sites.filter(({ guest }) => guest));
        return this.#claim(siteObject(site, setting), (object) => {
          site.present = !site.present;
          return site.present ? { put: object } : { remove: object };
        });
      }
      case 'EndpointSlice gets another endpoint': {
        const service = random.pick(world.services);
        const backend = random.below(setting.http.length);
        return this.#claim(sliceObject(service, 1, setting), () => {
          service.first = backend;
          return { put: sliceObject(service, 1, setting) };
        });
      }
      case 'EndpointSlice comes or goes': {
        const service = random.pick(world.services);
        const backend = random.below(setting.http.length);
        return this.#claim(sliceObject(service, 2, setting), (before) => {
          const comes = service.second === undefined;
          service.second = comes ? backend : undefined;
          return comes ? { put: sliceObject(service, 2, setting) } : { remove: before };
        });
      }
      case 'endpoint of the TCP port':
        return this.#claim(tcpSlice(0, setting), () => {
          world.tcp.backend = random.below(setting.tcp.length);
          return { put: tcpSlice(world.tcp.backend, setting) };
        });
      case 'certificate': {
        const secret = random.pick(world.secrets);
        return this.#claim(secretObject(secret, setting), () => {
          secret.certificate = random.below(setting.certificates.length);
          return { put: secretObject(secret, setting) };
        });
      }
    }
  }

  #claim<Object extends Stored>(object: Object, change: (object: Object) => Write): Write | undefined {
    return this.#busy.has(nameOf(object)) ? undefined : this.#claimed(object, change(object));
  }

  #claimed(object: Stored, write: Write): Write {
    this.#busy.add(nameOf(object));
    return write;
  }

  async #write(write: Write): Promise<void> {
    const object = 'put' in write ? write.put : write.remove;
    const begun = performance.now();
    for (;;) {
      try {
        await ('put' in write ? put(this.#options.api, write.put) : remove(this.#options.api, write.remove));
        break;
      } catch (error) {
        // Written again until it is acknowledged: the API server may be dead, or was killed before it could answer.
        const mayRetry = error instanceof ConnectionError || (error instanceof ApiError && error.code >= 429);
        if (!mayRetry || performance.now() - begun > PATIENCE_MS) {
          this.problems.push(`${nameOf(object)} could not be written: ${String(error)}`);
          break;
        }
        await sleep(RETRY_MS);
      }
    }
    this.lastAt = performance.now();
    this.#busy.delete(nameOf(object));
  }
}

function nameOf({ kind, metadata }: Stored): string {
  return `${kind} ${metadata.namespace}/${metadata.name}`;
}

/** Makes an object what it shall be, whether it is there or not. */
async function put(api: KubernetesClient, object: Stored): Promise<void> {
  const { apiVersion: _version, kind, metadata: _metadata, ...content } = object;
  const ref = KIND_REFS[kind as KindName];
  try {
    await api.patch(ref, keyOf(object), content, { type: 'merge' });
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
    await api.create(ref, object);
  }
}

async function remove(api: KubernetesClient, object: Stored): Promise<void> {
  await api.delete(KIND_REFS[object.kind as KindName], keyOf(object));
}
