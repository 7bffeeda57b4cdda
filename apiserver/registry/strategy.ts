import type { Identity } from '../access/identity.ts';
import type { WrittenSubresource } from '../admission.ts';
import type { ApiObject } from '../object.ts';
import type { FieldError } from '../schema/field-error.ts';
import type { Collection } from '../storage/collection.ts';

/** What a strategy may ask about the rest of the API. */
export interface StrategyContext {
  readonly now: Date;
  /** Nothing is said of what runs Pods. */
  readonly leavesWorkloads: boolean;
  /** What is written. */
  readonly subresource: WrittenSubresource;
  /** Who writes; absent: the server itself. */
  readonly identity?: Identity;
  /** The collection of a built-in or installed kind. `group` is `''` for the core group. */
  collection(group: string, plural: string): Collection;
}

/** What users write of the metadata, beside the name. */
const METADATA_FIELDS = ['annotations', 'finalizers', 'labels', 'ownerReferences'] as const;
type MetadataField = (typeof METADATA_FIELDS)[number];

export const STATUS_ALONE: readonly MetadataField[] = METADATA_FIELDS;

/** What a write of the status changes as well. */
export function metadataOfStatus({ fixedByStatus = [] }: Strategy): readonly MetadataField[] {
  return METADATA_FIELDS.filter((field) => !fixedByStatus.includes(field));
}

/**
 * What one kind does beyond its schema when it is written: fields the server allots, status it starts with. Everything is
 * synchronous and may read the head of other collections.
 */
export interface Strategy {
  /** `metadata.generation` counts changes of the spec. Core kinds and leases have none. */
  readonly hasGeneration: boolean;
  /** `status` of a new object is the client's, though there is a status subresource (Node). */
  readonly keepsStatusOnCreate?: boolean;
  /** Metadata that a write of the status does not change; `STATUS_ALONE`: none of it. Source: Kubernetes pkg/registry, statusStrategy. */
  readonly fixedByStatus?: readonly MetadataField[];
  /** A deletion answers with the object that is gone, instead of a Status. */
  readonly answersDeleted?: boolean;
  /** A collection of them cannot be deleted at once. */
  readonly deletesSingly?: boolean;
  /** `metadata.generation` of one that changes: `labels`: they count too; `never`: it stays 1. */
  readonly generationCounts?: 'labels' | 'never';
  /** Watchers see that it is being deleted before they see that it is gone. */
  readonly deletesGracefully?: boolean;
  /** PUT without a resourceVersion replaces whatever is there. */
  readonly allowsUnconditionalUpdate: boolean;
  /** PUT of what is not there creates it. Source: Kubernetes pkg/registry, AllowCreateOnUpdate. */
  readonly createsOnUpdate?: boolean;
  /** By what is written (`''`: the object): paths that nobody owns who writes that, since he does not change them. Source: Kubernetes pkg/registry, GetResetFields. */
  readonly unowned?: Readonly<Record<string, readonly (readonly string[])[]>>;
  /** On create, after defaults and after the client's fields are recorded: lets another kind decide (default IngressClass). */
  admit?(object: ApiObject, context: StrategyContext): void;
  /** After defaults, before validation. `old` is absent on create. Changes `object`. */
  prepare?(object: ApiObject, old: ApiObject | undefined, context: StrategyContext): void;
  /** Of writes of a part of the status: as `prepare`. */
  prepareStatus?(object: ApiObject, old: ApiObject, context: StrategyContext): void;
  /** After the schema's own validation. */
  validate?(object: ApiObject, old: ApiObject | undefined, context: StrategyContext): readonly FieldError[];
  /** The object may not be deleted: why. */
  refuseDelete?(object: ApiObject): string | undefined;
  /** Something besides `metadata.finalizers` still holds a terminating object. */
  isHeld?(object: ApiObject): boolean;
  /** The object was marked for deletion. Changes `object`. */
  terminate?(object: ApiObject, context: StrategyContext): void;
}

export const CUSTOM_STRATEGY: Strategy = {
  hasGeneration: true,
  allowsUnconditionalUpdate: false,
  fixedByStatus: STATUS_ALONE,
};
