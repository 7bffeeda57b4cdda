import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { JsonValue } from '../schema/json.ts';

export interface TableColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format: string;
  readonly description: string;
  /** 0 is always shown; higher ones only with `-o wide`. */
  readonly priority: number;
}

/** How objects of one kind become rows. */
export interface TablePrinter {
  readonly columns: readonly TableColumn[];
  /** One cell for each column; null for a value that is not there. */
  cells(object: KubernetesObject, now: Date): readonly JsonValue[];
}

export interface TableOptions {
  /** Query parameter `includeObject`; `Metadata` is the default. */
  readonly includeObject: 'None' | 'Metadata' | 'Object';
  /** `meta.k8s.io/v1` unless the client asked for `v1beta1`. */
  readonly apiVersion?: string;
  /** The list's metadata (or `{ resourceVersion }` of a single object). */
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly now: Date;
  /** Watch events after the first carry no column definitions. */
  readonly withoutColumns?: boolean;
}

/**
 * The answer to `Accept: application/json;as=Table;v=v1;g=meta.k8s.io`.
 *
 * Source: Kubernetes API concepts, "Receiving resources as Tables".
 */
export function tableOf(printer: TablePrinter, objects: readonly KubernetesObject[], options: TableOptions): object {
  const { includeObject, apiVersion = 'meta.k8s.io/v1', metadata, now, withoutColumns = false } = options;
  return {
    kind: 'Table',
    apiVersion,
    metadata,
    columnDefinitions: withoutColumns ? null : printer.columns,
    rows: objects.map((object) => ({
      cells: printer.cells(object, now),
      ...(includeObject === 'None'
        ? {}
        : { object: includeObject === 'Object' ? object : metadataOf(object, apiVersion) }),
    })),
  };
}

function metadataOf(object: KubernetesObject, apiVersion: string): object {
  return { kind: 'PartialObjectMetadata', apiVersion, metadata: object.metadata };
}
