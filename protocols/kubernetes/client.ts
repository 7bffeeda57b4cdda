import type { KindRef } from '@causeway/apis/meta/kind';
import type { KubernetesObject, ObjectKey } from '@causeway/apis/meta/object';
import type { Kubeconfig } from './kubeconfig.ts';

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
  create(kind: KindRef, object: KubernetesObject, options?: CallOptions): Promise<KubernetesObject>;
  update(kind: KindRef, object: KubernetesObject, options?: UpdateOptions): Promise<KubernetesObject>;
  patch(kind: KindRef, key: ObjectKey, patch: unknown, options: PatchOptions): Promise<KubernetesObject>;
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

export interface ListOptions extends CallOptions {
  /** Absent: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
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
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  /** Of a BOOKMARK only `metadata.resourceVersion` means something. */
  readonly object: KubernetesObject;
}

export interface UpdateOptions extends CallOptions {
  readonly subresource?: 'status';
}

export interface PatchOptions extends CallOptions {
  readonly type: 'json' | 'merge' | 'strategic';
  readonly subresource?: 'status';
}

export interface DeleteOptions extends CallOptions {
  readonly uid?: string;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
}

export function createClient(kubeconfig: Kubeconfig): KubernetesClient {
  throw new Error(`not written yet: ${kubeconfig.server}`);
}
