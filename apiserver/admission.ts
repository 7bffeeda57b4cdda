import type { KindRef } from '@causeway/apis/meta/kind';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { StatusCause } from './status-error.ts';

/** By which part of an object it is written; `''` is the object itself. */
export type WrittenSubresource = '' | 'status' | 'scale' | 'finalize' | 'approval';

/** A write about to happen, after defaults and schema validation. */
export interface AdmissionAttributes {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly kind: KindRef;
  readonly subresource: WrittenSubresource;
  /** The new state; for DELETE the present one. */
  readonly object: KubernetesObject;
  /** Only for UPDATE. */
  readonly oldObject?: KubernetesObject;
}

type AdmissionAnswer =
  | { readonly allowed: true; readonly warnings: readonly string[] }
  | { readonly allowed: false; readonly message?: string; readonly causes: readonly StatusCause[] };

/**
 * Says whether a write may happen. Called synchronously between reading the head of the store and writing, so what it reads
 * cannot change under it.
 */
export type Admit = (request: AdmissionAttributes, read: ObjectReader) => AdmissionAnswer;

/** What admission may look at: the newest state of every object, writes under way included. */
export interface ObjectReader {
  get(kind: KindRef, key: { readonly namespace: string; readonly name: string }): KubernetesObject | undefined;
  /** `namespace` `''` means all. In the order of namespace and name. */
  list(kind: KindRef, namespace?: string): readonly KubernetesObject[];
  /**
   * Those of all namespaces for which `valuesOf` gives `value`. The values of an object are remembered, so that only those that are new
   * since the last question are parsed.
   *
   * @param valuesOf the same function every time
   */
  find(
    kind: KindRef,
    valuesOf: (object: KubernetesObject) => readonly string[],
    value: string,
  ): readonly KubernetesObject[];
}
