import type { KindNames } from '@causeway/apis/meta/kind';
import type { VersionForm } from '../conversion/version-form.ts';
import type { ObjectSchema } from '../schema/object-schema.ts';
import type { Collection } from '../storage/collection.ts';
import type { TablePrinter } from '../table/table.ts';
import type { Strategy } from './strategy.ts';

/** One version in which a resource is served. */
export interface ResourceVersion {
  readonly names: KindNames;
  readonly schema: ObjectSchema;
  readonly printer: TablePrinter;
  /** JSON paths a CRD declares as usable in field selectors, e.g. `.spec.color`. */
  readonly selectableFields: readonly string[];
  readonly scale: ScalePaths | undefined;
  /** How stored objects look in this version; undefined for built-in kinds, which have one version. */
  readonly form: VersionForm | undefined;
  /** Sent as a Warning with every request of a deprecated version. */
  readonly deprecation: string | undefined;
}

/** Where the numbers of the scale subresource are, e.g. `['spec', 'replicas']`. */
export interface ScalePaths {
  readonly specReplicas: readonly string[];
  readonly statusReplicas: readonly string[];
  readonly selector: readonly string[] | undefined;
}

/** A kind as the server knows it, whatever its versions. */
export interface Resource {
  /** `''` for the core group. */
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
  readonly listKind: string;
  readonly namespaced: boolean;
  readonly origin: 'built-in' | 'custom';
  /** Its definition is being deleted: there are no new objects. */
  readonly terminating: boolean;
  /** By name, the preferred one first. */
  readonly versions: ReadonlyMap<string, ResourceVersion>;
  /** The version in which objects are stored. */
  readonly storageVersion: string;
  readonly collection: Collection;
  readonly strategy: Strategy;
}
