import type { KindRef } from '@causeway/apis/meta/kind';
import { type KubernetesObject, keyOf, type ObjectKey } from '@causeway/apis/meta/object';
import { parseListPage, parseObject, parseWatchEvent } from './answer.ts';
import { ApiError, isExpired } from './api-error.ts';
import { type Clock, systemClock } from './clock.ts';
import { ConnectionError } from './connection-error.ts';
import type { Kubeconfig } from './kubeconfig.ts';
import { linesOf } from './lines.ts';
import { collectionPath, objectPath, queryText } from './resource-path.ts';
import { type HttpRequest, Transport, transportError } from './transport.ts';

/**
 * Every call rejects with an `ApiError` when the server refuses, and with a
 * `ConnectionError` when no usable answer comes. An aborted `signal` rejects
 * with the signal's reason.
 */
export interface KubernetesClient {
  /** Absent (404): `undefined`. */
  get(kind: KindRef, key: ObjectKey, options?: CallOptions): Promise<KubernetesObject | undefined>;
  /** The complete collection, read page by page at one resource version. */
  list(kind: KindRef, options?: ListOptions): Promise<KubernetesList>;
  /**
   * Changes after `resourceVersion`, bookmarks included. Ends when the server
   * ends the stream or `signal` is aborted; throws `ApiError` for an ERROR
   * event (410: list again) and `ConnectionError` when the connection breaks.
   */
  watch(kind: KindRef, options: WatchOptions): AsyncIterable<WatchEvent>;
  create(kind: KindRef, object: KubernetesObject, options?: WriteOptions): Promise<KubernetesObject>;
  update(kind: KindRef, object: KubernetesObject, options?: UpdateOptions): Promise<KubernetesObject>;
  patch(kind: KindRef, key: ObjectKey, patch: unknown, options: PatchOptions): Promise<KubernetesObject>;
  /** Server-side apply: makes the object, or gives it the fields that `object` names. */
  apply(kind: KindRef, object: KubernetesObject, options: ApplyOptions): Promise<KubernetesObject>;
  /** Absent is fine. With `uid`, an object of that name with another uid is a `Conflict`. */
  delete(kind: KindRef, key: ObjectKey, options?: DeleteOptions): Promise<void>;
  /** For what is no stored object: TokenReview and the like. `path` starts with `/`. */
  post(path: string, body: unknown, options?: CallOptions): Promise<unknown>;
  /** Ends idle connections and breaks running requests. */
  close(): Promise<void>;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface WriteOptions extends CallOptions {
  /** Strict: a field that the server does not know is an error; absent: it is left out. */
  readonly fieldValidation?: 'Strict';
}

export interface ListOptions extends CallOptions {
  /** Absent: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Objects come without `spec`, `status` and the like. */
  readonly metadataOnly?: boolean;
}

export interface KubernetesList {
  readonly items: KubernetesObject[];
  /** Where a watch continues. */
  readonly resourceVersion: string;
}

export interface WatchOptions {
  readonly resourceVersion: string;
  readonly signal: AbortSignal;
  readonly namespace?: string;
  /** As of {@link ListOptions}. */
  readonly metadataOnly?: boolean;
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  /** Of a BOOKMARK only `metadata.resourceVersion` means something. */
  readonly object: KubernetesObject;
}

export interface UpdateOptions extends CallOptions {
  readonly subresource?: 'status';
}

export interface PatchOptions extends WriteOptions {
  readonly type: 'json' | 'merge' | 'strategic';
  readonly subresource?: 'status';
}

export interface ApplyOptions extends CallOptions {
  /** Who owns the fields from now on. */
  readonly fieldManager: string;
  /** Takes fields that others own; without it they are a `Conflict`. */
  readonly force?: boolean;
}

export interface DeleteOptions extends CallOptions {
  readonly uid?: string;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
}

export interface ClientOptions {
  /** Longest silence of the server during a call; 30 s. */
  readonly requestTimeoutMs?: number;
  /** Up to the first `/` it becomes the field manager of what the client writes. */
  readonly userAgent?: string;
  readonly clock?: Clock;
}

/** As many as kubectl asks for at a time: a page takes the server a few milliseconds. */
const pageSize = '500';
/** The server ends a watch after a random time in this range, so that clients spread when servers come and go. */
const watchSeconds = { min: 300, max: 600 };
/** A server that does not end it in time is taken for dead. */
const watchGraceMs = 30_000;
/** etcd stores at most 1.5 MiB an object; JSON escapes may blow that up sixfold. */
const maxEventBytes = 16 * 1024 * 1024;

const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const;

export function createClient(kubeconfig: Kubeconfig, options: ClientOptions = {}): KubernetesClient {
  const { requestTimeoutMs = 30_000, userAgent = 'causeway', clock = systemClock } = options;
  return new Client(new Transport(kubeconfig, { requestTimeoutMs, userAgent, clock }), clock);
}

class Client implements KubernetesClient {
  readonly #transport: Transport;
  readonly #clock: Clock;

  constructor(transport: Transport, clock: Clock) {
    this.#transport = transport;
    this.#clock = clock;
  }

  async get(kind: KindRef, key: ObjectKey, options: CallOptions = {}): Promise<KubernetesObject | undefined> {
    try {
      const answer = await this.#transport.call({ method: 'GET', path: objectPath(kind, key), ...options });
      return parseObject(answer, kind);
    } catch (error) {
      if (error instanceof ApiError && error.code === 404) return undefined;
      throw error;
    }
  }

  async list(kind: KindRef, options: ListOptions = {}): Promise<KubernetesList> {
    try {
      return await this.#listPages(kind, options, pageSize);
    } catch (error) {
      if (!isExpired(error)) throw error;
      // The pages took longer than the server's history reaches back: once more, in one piece.
      return this.#listPages(kind, options, undefined);
    }
  }

  async #listPages(kind: KindRef, options: ListOptions, limit: string | undefined): Promise<KubernetesList> {
    const { namespace, labelSelector, fieldSelector, metadataOnly, signal } = options;
    const items: KubernetesObject[] = [];
    let next: string | undefined;
    for (;;) {
      const query = queryText({ limit, continue: next, labelSelector, fieldSelector });
      const path = collectionPath(kind, namespace) + query;
      const accept = metadataOnly === true ? metadataOf('PartialObjectMetadataList') : undefined;
      const call: HttpRequest = { method: 'GET', path, ...(accept && { accept }), ...(signal && { signal }) };
      const page = parseListPage(await this.#transport.call(call), kind);
      for (const item of page.items) items.push(item);
      if (page.next === undefined) return { items, resourceVersion: page.resourceVersion };
      next = page.next;
    }
  }

  async *watch(kind: KindRef, options: WatchOptions): AsyncGenerator<WatchEvent> {
    const seconds = Math.round(watchSeconds.min + Math.random() * (watchSeconds.max - watchSeconds.min));
    const overdue = new AbortController();
    const cancelOverdue = this.#clock.setTimer(seconds * 1000 + watchGraceMs, () => {
      overdue.abort(new ConnectionError('timed out', `the watch of ${kind.plural} did not end after ${seconds} s`));
    });
    const query = queryText({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: options.resourceVersion,
      timeoutSeconds: String(seconds),
    });
    const request: HttpRequest = {
      method: 'GET',
      path: collectionPath(kind, options.namespace) + query,
      ...(options.metadataOnly === true ? { accept: metadataOf('PartialObjectMetadata') } : {}),
      signal: AbortSignal.any([options.signal, overdue.signal]),
    };
    try {
      const body = await this.#transport.stream(request);
      for await (const line of linesOf(body, maxEventBytes, breakOff)) yield parseWatchEvent(line, kind);
    } catch (error) {
      if (!options.signal.aborted) throw transportError(error, request);
    } finally {
      cancelOverdue();
    }
  }

  create(kind: KindRef, object: KubernetesObject, options: WriteOptions = {}): Promise<KubernetesObject> {
    const { fieldValidation, ...call } = options;
    const path = collectionPath(kind, object.metadata.namespace) + queryText({ fieldValidation });
    return this.#write(kind, { method: 'POST', path, body: object, ...call });
  }

  update(kind: KindRef, object: KubernetesObject, options: UpdateOptions = {}): Promise<KubernetesObject> {
    const { subresource, ...call } = options;
    return this.#write(kind, {
      method: 'PUT',
      path: objectPath(kind, keyOf(object), subresource),
      body: object,
      ...call,
    });
  }

  patch(kind: KindRef, key: ObjectKey, patch: unknown, options: PatchOptions): Promise<KubernetesObject> {
    const { type, subresource, fieldValidation, ...call } = options;
    const path = objectPath(kind, key, subresource) + queryText({ fieldValidation });
    return this.#write(kind, { method: 'PATCH', path, body: patch, contentType: patchTypes[type], ...call });
  }

  apply(kind: KindRef, object: KubernetesObject, options: ApplyOptions): Promise<KubernetesObject> {
    const { fieldManager, force, ...call } = options;
    const path = `${objectPath(kind, keyOf(object))}${queryText({ fieldManager, force: force?.toString() })}`;
    // JSON is YAML.
    return this.#write(kind, {
      method: 'PATCH',
      path,
      body: object,
      contentType: 'application/apply-patch+yaml',
      ...call,
    });
  }

  async delete(kind: KindRef, key: ObjectKey, options: DeleteOptions = {}): Promise<void> {
    const { uid, propagationPolicy, ...call } = options;
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      ...(uid !== undefined && { preconditions: { uid } }),
      ...(propagationPolicy !== undefined && { propagationPolicy }),
    };
    try {
      await this.#transport.call({ method: 'DELETE', path: objectPath(kind, key), body, ...call });
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 404)) throw error;
    }
  }

  post(path: string, body: unknown, options: CallOptions = {}): Promise<unknown> {
    return this.#transport.call({ method: 'POST', path, body, ...options });
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  async #write(kind: KindRef, request: HttpRequest): Promise<KubernetesObject> {
    return parseObject(await this.#transport.call(request), kind);
  }
}

function breakOff(bytes: number): never {
  throw new ConnectionError('disconnected', `the stream ended ${bytes} bytes into an event`);
}

/** Source: Kubernetes API concepts, "Metadata-only fetches"; a server that does not know it sends all. */
function metadataOf(kind: 'PartialObjectMetadata' | 'PartialObjectMetadataList'): string {
  return `application/json;as=${kind};g=meta.k8s.io;v=v1, application/json`;
}
