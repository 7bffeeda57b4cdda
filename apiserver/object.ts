import type { OwnerReference } from '@causeway/apis/meta/object';
import { isJsonObject, type JsonObject } from './schema/json.ts';

/** Metadata of an object that a request is still working on, so it is mutable. Times are RFC 3339, whole seconds, UTC. */
type Metadata = JsonObject & {
  name: string;
  namespace?: string;
  generateName?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
};

/** An object whose type and metadata are known to be well-formed; everything else is whatever JSON the kind has. */
export type ApiObject = JsonObject & { apiVersion: string; kind: string; metadata: Metadata };

/**
 * Gives `value` the type ApiObject when the fields that the server itself works with have the right JSON types (a missing
 * name counts as `''`); otherwise returns the message of a 400.
 */
export function asApiObject(value: unknown): ApiObject | string {
  if (!isJsonObject(value)) return 'the body is not a JSON object';
  if (typeof value.apiVersion !== 'string' || value.apiVersion === '') return "Object 'apiVersion' is missing";
  if (typeof value.kind !== 'string' || value.kind === '') return "Object 'Kind' is missing";
  if (value.metadata === null || value.metadata === undefined) value.metadata = {};
  const metadata = value.metadata;
  if (!isJsonObject(metadata)) return 'metadata: expected an object';
  if (metadata.name === null || metadata.name === undefined) metadata.name = '';
  for (const [field, type] of METADATA_TYPES) {
    if (metadata[field] === null) delete metadata[field];
    if (type === 'a map of strings') emptyNulls(metadata[field]);
    const given = metadata[field];
    if (given !== undefined && !hasType(given, type)) return `metadata.${field}: expected ${type}`;
  }
  return isApiObject(value) ? value : 'the body is not an object of the API';
}

/** As Go reads it: a text that is null is an empty one. In place. */
function emptyNulls(map: unknown): void {
  if (!isJsonObject(map)) return;
  for (const key in map) if (map[key] === null) map[key] = '';
}

type FieldType = 'a string' | 'an integer' | 'a map of strings' | 'a list of strings' | 'a list of owner references';

const METADATA_TYPES: readonly (readonly [string, FieldType])[] = [
  ['name', 'a string'],
  ['namespace', 'a string'],
  ['generateName', 'a string'],
  ['uid', 'a string'],
  ['resourceVersion', 'a string'],
  ['creationTimestamp', 'a string'],
  ['deletionTimestamp', 'a string'],
  ['generation', 'an integer'],
  ['deletionGracePeriodSeconds', 'an integer'],
  ['labels', 'a map of strings'],
  ['annotations', 'a map of strings'],
  ['finalizers', 'a list of strings'],
  ['ownerReferences', 'a list of owner references'],
];

function hasType(value: unknown, type: FieldType): boolean {
  switch (type) {
    case 'a string':
      return typeof value === 'string';
    case 'an integer':
      return Number.isInteger(value);
    case 'a map of strings':
      return isJsonObject(value) && Object.values(value).every((each) => typeof each === 'string');
    case 'a list of strings':
      return Array.isArray(value) && value.every((each) => typeof each === 'string');
    case 'a list of owner references':
      return Array.isArray(value) && value.every(isOwnerReference);
  }
}

function isOwnerReference(value: unknown): boolean {
  return (
    isJsonObject(value) && ['apiVersion', 'kind', 'name', 'uid'].every((field) => typeof value[field] === 'string')
  );
}

/** Only after the checks of asApiObject. */
function isApiObject(value: JsonObject): value is ApiObject {
  return isJsonObject(value.metadata);
}

/** Reads back what the store wrote: such text is always an ApiObject. */
export function parseStored(json: string): ApiObject {
  const object: unknown = JSON.parse(json);
  if (isJsonObject(object) && isApiObject(object)) return object;
  throw new Error('the store holds something that is no object');
}

/** RFC 3339 with whole seconds, as metav1.Time prints it. */
export function timestamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** RFC 3339 with microseconds, as metav1.MicroTime prints it. */
export function microTimestamp(date: Date): string {
  return `${date.toISOString().slice(0, 23)}000Z`;
}
