import { PatchError } from '@causeway/protocols/kubernetes/patch/patch-error';
import fastJsonPatch, { type Operation } from 'fast-json-patch';
import { isJsonObject, type JsonValue } from '../schema/json.ts';

/** As in Kubernetes (maxJSONPatchOperations). */
const MAX_OPERATIONS = 10_000;

/** As in Kubernetes (the limit of a request's body): all that copies add, so that a short patch makes no huge object. */
const MAX_COPIED = 3 * 1024 * 1024;

const OPERATIONS = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);

/**
 * RFC 6902. The document is not changed.
 *
 * @throws PatchError
 */
export function applyJsonPatch(document: JsonValue, patch: JsonValue): JsonValue {
  const operations = checkedOperations(patch);
  let result = structuredClone(document);
  let copied = 0;
  try {
    for (const [index, given] of operations.entries()) {
      const operation = asKubernetesReads(result, { ...given, path: absolute(given.path) });
      if (operation.op === 'copy') copied += sizeOfCopy(result, operation.from);
      if (copied > MAX_COPIED) throw new PatchError(422, copiesTooMuch(copied));
      // Strict: paths must exist, `test` must hold; and it refuses to touch prototypes.
      result = fastJsonPatch.applyOperation<JsonValue>(result, operation, true, true, true, index).newDocument;
    }
    return result;
  } catch (error) {
    if (!(error instanceof Error) || error instanceof PatchError) throw error;
    const index: unknown = Reflect.get(error, 'index');
    const operation = typeof index === 'number' ? operations[index] : undefined;
    throw new PatchError(422, describe(error, operation), { cause: error });
  }
}

function checkedOperations(patch: JsonValue): Operation[] {
  if (!Array.isArray(patch)) {
    throw new PatchError(
      400,
      `json: cannot unmarshal ${isJsonObject(patch) ? 'object' : typeof patch} into Go value of type jsonpatch.Patch`,
    );
  }
  if (patch.length > MAX_OPERATIONS) {
    throw new PatchError(
      413,
      `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`,
    );
  }
  for (const each of patch) {
    if (!isJsonObject(each) || typeof each['op'] !== 'string')
      throw new PatchError(400, 'a JSON patch operation must be an object with an op');
    if (!OPERATIONS.has(each['op'])) throw new PatchError(422, `Unexpected kind: ${each['op']}`);
    if (typeof each['path'] !== 'string') throw new PatchError(422, `${each['op']} operation: missing path`);
  }
  return structuredClone(patch) as unknown as Operation[];
}

/** A member without a value gets `null`; one that is replaced and was not there is added, which RFC 6902 forbids. */
function asKubernetesReads(document: JsonValue, operation: Operation): Operation {
  if (operation.op !== 'add' && operation.op !== 'replace') return operation;
  const whole = { ...operation, value: operation.value ?? null };
  const [, parent, key = ''] = /^(.*)\/([^/]*)$/.exec(operation.path) ?? [];
  if (operation.op === 'add' || parent === undefined) return whole;
  const holder: unknown = found(document, parent);
  return isJsonObject(holder) && !Object.hasOwn(holder, unescaped(key)) ? { ...whole, op: 'add' } : whole;
}

/** What is before the first slash does not count. */
function absolute(path: string): string {
  return path.slice(Math.max(0, path.indexOf('/')));
}

function unescaped(key: string): string {
  return key.replaceAll('~1', '/').replaceAll('~0', '~');
}

function found(document: JsonValue, pointer: string): unknown {
  try {
    return fastJsonPatch.getValueByPointer(document, pointer);
  } catch {
    return undefined;
  }
}

/** 0 when there is nothing to copy, which is found out when it is tried. */
function sizeOfCopy(document: JsonValue, from: unknown): number {
  if (typeof from !== 'string') return 0;
  try {
    return JSON.stringify(fastJsonPatch.getValueByPointer(document, from))?.length ?? 0;
  } catch {
    return 0;
  }
}

function copiesTooMuch(size: number): string {
  return `Unable to complete the copy, the accumulated size increase of copy is ${size}, exceeding the limit ${MAX_COPIED}`;
}

/** In the words of the library that Kubernetes uses, where they matter to people who read or match them. */
function describe(error: Error, operation: Operation | undefined): string {
  if (operation === undefined) return error.message.split('\n')[0] ?? '';
  if (error.name === 'TEST_OPERATION_FAILED') return `testing path ${operation.path}: test failed`;
  return `${operation.op} operation does not apply: doc is missing path: "${operation.path}": missing value`;
}
