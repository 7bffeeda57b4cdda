import type { Resource, ResourceVersion } from '../registry/resource.ts';
import { notFound } from '../status-error.ts';
import type { Entry } from '../storage/entry.ts';
import { entryKey } from '../storage/entry.ts';

/** Which resource, in which version, a request is about. */
export interface Target {
  readonly resource: Resource;
  readonly version: ResourceVersion;
  /** `''`: cluster-scoped, or all namespaces. */
  readonly namespace: string;
  /** `''`: the whole collection. */
  readonly name: string;
}

/** @throws StatusError 404 */
export function committedEntry({ resource, namespace, name }: Target): Entry {
  const entry = resource.collection.get(entryKey(namespace, name));
  if (entry === undefined) throw notFound(resource, name);
  return entry;
}

/** The state the next write builds on. @throws StatusError 404 */
export function headEntry({ resource, namespace, name }: Target): Entry {
  const entry = resource.collection.head(entryKey(namespace, name));
  if (entry === undefined) throw notFound(resource, name);
  return entry;
}
