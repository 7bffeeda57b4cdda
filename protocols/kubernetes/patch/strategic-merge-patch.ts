import { isJsonObject, type JsonObject, type JsonValue, jsonEqual } from '@causeway/apis/meta/json';
import { PatchError } from './patch-error.ts';

/*
 * Strategic merge patch: a merge patch in which lists can be merged element by element, driven by the schema. Objects merge as in
 * RFC 7396. A list whose schema has the patch strategy `merge` is merged: objects by their merge key, scalars as a set; any other list
 * is replaced. Directives in a patch:
 *
 *   $patch: replace            this object (or, as an element of a list, the whole list) is replaced by the rest of the patch
 *   $patch: delete             this object, or the element with the same merge key, goes away
 *   $patch: merge              the default
 *   $retainKeys: [a, b]        all other keys of this object go away before merging
 *   $deleteFromPrimitiveList/x these scalars leave the list x
 *   $setElementOrder/x         the order of the list x: elements (or their merge keys); without it, the order of the patch
 *
 * Source: Kubernetes, "Strategic merge patch" (sig-api-machinery/strategic-merge-patch.md); apimachinery
 * pkg/util/strategicpatch/patch.go.
 */

/** What a schema says of how a value is merged; absent members: nothing. */
export interface MergeSchema {
  readonly properties?: Readonly<Record<string, MergeSchema>>;
  readonly additionalProperties?: boolean | MergeSchema;
  readonly items?: MergeSchema;
  /** `merge`, `replace`, `retainKeys`, or several with commas between them. */
  readonly 'x-kubernetes-patch-strategy'?: string;
  readonly 'x-kubernetes-patch-merge-key'?: string;
}

const PATCH = '$patch';
const RETAIN_KEYS = '$retainKeys';
const DELETE_FROM = '$deleteFromPrimitiveList/';
const ORDER = '$setElementOrder/';

/**
 * The document is not changed. (For custom resources Kubernetes answers 415 to this kind of patch.)
 *
 * @throws PatchError
 */
export function applyStrategicMergePatch(schema: MergeSchema, document: JsonObject, patch: JsonObject): JsonObject {
  return mergeObject(schema, structuredClone(document), structuredClone(patch));
}

/** Merges into `original`, which it may change, and returns the result. Both arguments are private copies. */
function mergeObject(schema: MergeSchema | undefined, original: JsonObject, patch: JsonObject): JsonObject {
  const directive = patch[PATCH];
  if (directive === 'replace') return withoutDirectives(patch);
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge') {
    throw new PatchError(400, `unknown patch type: ${JSON.stringify(directive)}`);
  }
  retainKeys(original, patch);
  for (const [key, value] of Object.entries(patch)) {
    if (key === PATCH || key === RETAIN_KEYS || key === '__proto__') continue;
    if (key.startsWith(DELETE_FROM)) {
      deleteScalars(original, key.slice(DELETE_FROM.length), value);
    } else if (key.startsWith(ORDER)) {
      // A list that the patch does not change otherwise is only put in order; the others are ordered when they are merged.
      const list = key.slice(ORDER.length);
      if (patch[list] === undefined) orderInPlace(fieldSchema(schema, list), original, list, value);
    } else if (key.startsWith('$setElementOrder')) {
      throw new PatchError(400, 'invalid patch format of setElementOrder list');
    } else if (value === null) {
      delete original[key];
    } else {
      original[key] = mergeField(fieldSchema(schema, key), original[key], value, patch[`${ORDER}${key}`]);
    }
  }
  return original;
}

function fieldSchema(schema: MergeSchema | undefined, key: string): MergeSchema | undefined {
  const properties = schema?.properties;
  if (properties !== undefined && Object.hasOwn(properties, key)) return properties[key];
  return typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : undefined;
}

function mergeField(
  schema: MergeSchema | undefined,
  original: JsonValue | undefined,
  patch: JsonValue,
  order: JsonValue | undefined,
): JsonValue {
  if (isJsonObject(patch)) {
    const merges = isJsonObject(original) && !strategies(schema).includes('replace');
    return mergeObject(schema, merges ? original : {}, patch);
  }
  if (!Array.isArray(patch) || !strategies(schema).includes('merge')) {
    return Array.isArray(patch) ? replacementList(patch) : patch;
  }
  const list = Array.isArray(original) ? original : [];
  const mergeKey = schema?.['x-kubernetes-patch-merge-key'];
  if (mergeKey === undefined) return ordered({ mergeKey, merged: unionOf(list, patch), list, patch, order });
  return mergeList({ schema: schema?.items, mergeKey, list, patch, order });
}

function strategies(schema: MergeSchema | undefined): readonly string[] {
  return schema?.['x-kubernetes-patch-strategy']?.split(',') ?? [];
}

/** A list that replaces another has no business with directives, except `$patch: replace` itself. */
function replacementList(patch: readonly JsonValue[]): JsonValue[] {
  return patch
    .filter((each) => !(isJsonObject(each) && each[PATCH] !== undefined))
    .map((each) => (isJsonObject(each) ? withoutDirectives(each) : each));
}

function unionOf(list: readonly JsonValue[], patch: readonly JsonValue[]): JsonValue[] {
  return [...list, ...patch.filter((each, at) => !list.includes(each) && patch.indexOf(each) === at)];
}

interface ListMerge {
  readonly schema: MergeSchema | undefined;
  readonly mergeKey: string;
  readonly list: readonly JsonValue[];
  readonly patch: readonly JsonValue[];
  readonly order: JsonValue | undefined;
}

function mergeList({ schema, mergeKey, list, patch, order }: ListMerge): JsonValue[] {
  if (patch.some((each) => isJsonObject(each) && each[PATCH] === 'replace')) return replacementList(patch);
  let result = list.slice();
  for (const each of patch) {
    if (!isJsonObject(each)) {
      throw new PatchError(
        400,
        `expected an object with ${mergeKey} in a list that is merged by it, got ${JSON.stringify(each)}`,
      );
    }
    const key = each[mergeKey];
    if (key === undefined) {
      throw new PatchError(400, `map: ${JSON.stringify(each)} does not contain declared merge key: ${mergeKey}`);
    }
    const isSame = (other: JsonValue): other is JsonObject => isJsonObject(other) && jsonEqual(other[mergeKey], key);
    if (each[PATCH] === 'delete') {
      result = result.filter((other) => !isSame(other));
      continue;
    }
    const at = result.findIndex(isSame);
    const present = result[at];
    if (isJsonObject(present)) result[at] = mergeObject(schema, present, each);
    else result.push(mergeObject(schema, {}, each));
  }
  return ordered({ mergeKey, merged: result, list, patch, order });
}

interface Ordering {
  readonly mergeKey: string | undefined;
  readonly merged: readonly JsonValue[];
  /** The list before it was merged. */
  readonly list: readonly JsonValue[];
  readonly patch: readonly JsonValue[];
  /** `$setElementOrder` of the list. */
  readonly order: JsonValue | undefined;
}

/**
 * Puts a merged list in order. What the patch names, or its `$setElementOrder`, comes in that order; what only the server has comes in
 * its own. An element of the server goes first only where it was in front of the next one of the patch.
 *
 * Source: strategicpatch, normalizeElementOrder and mergeSortedSlice.
 */
function ordered({ mergeKey, merged, list, patch, order }: Ordering): JsonValue[] {
  const identity = (each: JsonValue): string =>
    JSON.stringify(mergeKey !== undefined && isJsonObject(each) ? (each[mergeKey] ?? null) : each);
  const wanted = Array.isArray(order) ? order : patch;
  const rank = rankOf(wanted, identity);
  if (Array.isArray(order)) checkOrder(patch, order, (each) => rank.has(identity(each)));
  const before = rankOf(list, identity);
  const by = (ranks: ReadonlyMap<string, number>, each: JsonValue): number => ranks.get(identity(each)) ?? 0;
  const named = merged.filter((each) => rank.has(identity(each))).toSorted((a, b) => by(rank, a) - by(rank, b));
  const others = merged.filter((each) => !rank.has(identity(each))).toSorted((a, b) => by(before, a) - by(before, b));
  const result: JsonValue[] = [];
  let at = 0;
  for (const each of named) {
    const place = before.get(identity(each));
    for (let other = others[at]; other !== undefined; other = others[at]) {
      const otherPlace = before.get(identity(other));
      if (place === undefined || otherPlace === undefined || otherPlace >= place) break;
      result.push(other);
      at += 1;
    }
    result.push(each);
  }
  return [...result, ...others.slice(at)];
}

/** Where each element is, by what identifies it. */
function rankOf(list: readonly JsonValue[], identity: (each: JsonValue) => string): ReadonlyMap<string, number> {
  const ranks = new Map<string, number>();
  for (const [index, each] of list.entries()) if (!ranks.has(identity(each))) ranks.set(identity(each), index);
  return ranks;
}

/** @throws PatchError when the order does not name everything that the patch brings */
function checkOrder(
  patch: readonly JsonValue[],
  order: readonly JsonValue[],
  isNamed: (each: JsonValue) => boolean,
): void {
  const missing = patch.some((each) => !(isJsonObject(each) && each[PATCH] === 'delete') && !isNamed(each));
  if (!missing) return;
  throw new PatchError(
    400,
    `The order in patch list:\n${JSON.stringify(patch)}\n doesn't match $setElementOrder list:\n${JSON.stringify(order)}\n`,
  );
}

function orderInPlace(schema: MergeSchema | undefined, object: JsonObject, key: string, order: JsonValue): void {
  const list = object[key];
  if (!Array.isArray(list) || !strategies(schema).includes('merge')) return;
  const mergeKey = schema?.['x-kubernetes-patch-merge-key'];
  object[key] = ordered({ mergeKey, merged: list, list, patch: [], order });
}

function retainKeys(original: JsonObject, patch: JsonObject): void {
  const retained = patch[RETAIN_KEYS];
  if (retained === undefined) return;
  if (!Array.isArray(retained)) throw new PatchError(400, `${RETAIN_KEYS} must be a list of keys`);
  for (const key of Object.keys(patch)) {
    if (!key.startsWith('$') && patch[key] !== null && !retained.includes(key)) {
      throw new PatchError(400, `${RETAIN_KEYS} must contain every key of the patch: ${key}`);
    }
  }
  for (const key of Object.keys(original)) {
    if (!retained.includes(key)) delete original[key];
  }
}

function deleteScalars(original: JsonObject, key: string, values: JsonValue): void {
  if (!Array.isArray(values)) throw new PatchError(400, `${DELETE_FROM}${key} must be a list`);
  const list = original[key];
  if (Array.isArray(list)) original[key] = list.filter((each) => !values.some((value) => jsonEqual(each, value)));
}

/** What a patch says about a value that is not there yet: its nulls and directives mean nothing. */
function withoutDirectives(patch: JsonObject): JsonObject {
  const plain: JsonObject = {};
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$') && isDirective(key)) continue;
    if (value === null) continue;
    plain[key] = isJsonObject(value) ? withoutDirectives(value) : Array.isArray(value) ? replacementList(value) : value;
  }
  return plain;
}

function isDirective(key: string): boolean {
  return key === PATCH || key === RETAIN_KEYS || key.startsWith(DELETE_FROM) || key.startsWith(ORDER);
}
