import type { FieldError } from './field-error.ts';
import type { JsonObject } from './json.ts';
import type { PruneOptions } from './prune.ts';
import type { StructuralSchema } from './structural.ts';

/**
 * Everything the server has to know about the shape of one kind in one version. The order on a write is:
 * `prune`, `prepare`, `applyDefaults`, then (after admission) `validate`.
 */
export interface ObjectSchema {
  /** Also what a strategic merge patch and the OpenAPI documents are driven by. */
  readonly structural: StructuralSchema;

  /** Removes what the schema does not know, in place. Returns the paths removed: `spec.foo`, `spec.ports[0].bar`. */
  prune(object: JsonObject, options?: Pick<PruneOptions, 'keepsEmpty'>): readonly string[];

  /**
   * What the kind does to an object before defaults, in place: Secret `stringData` goes into `data`, a Namespace gets its label and
   * finalizer, and so on.
   */
  prepare(object: JsonObject, old?: JsonObject): void;

  /** Fills in defaults, in place. Also call it on objects read from storage, when a CRD's schema may have changed since. */
  applyDefaults(object: JsonObject): void;

  /**
   * What is wrong with an object, metadata included; empty when it is valid.
   *
   * @param old the stored object, on updates: immutable fields are compared with it
   * @param warn is told what is wrong but tolerated
   * @param ofStatus only the status is written, so only that of custom resources is looked at
   */
  validate(
    object: JsonObject,
    old?: JsonObject,
    warn?: (text: string) => void,
    ofStatus?: boolean,
  ): readonly FieldError[];

  /** Warnings for the `Warning` header; not errors. */
  warnings?(object: JsonObject, old?: JsonObject): readonly string[];
}
