import { applyMergePatch } from '@causeway/protocols/kubernetes/patch/merge-patch';
import type { Core } from '../core.ts';
import type { ApiObject } from '../object.ts';
import { applyJsonPatch } from '../patch/json-patch.ts';
import type { ScalePaths } from '../registry/resource.ts';
import { invalid } from '../schema/field-error.ts';
import { isJsonObject, type JsonObject, type JsonValue, numberAt, objectAt, textAt } from '../schema/json.ts';
import { selectorText } from '../selector/selector-object.ts';
import { badRequest, invalidObject } from '../status-error.ts';
import { type Entry, objectOf } from '../storage/entry.ts';
import { onHead } from './head.ts';
import { isPresented, presented, presentedText } from './presented.ts';
import { committedEntry, type Target } from './target.ts';
import { replaceObject } from './update.ts';
import { toRequestVersion, type WriteOptions } from './write.ts';

/** The Scale of an object. Source: autoscaling/v1 Scale. @throws StatusError 404 */
export async function readScale(target: Target, paths: ScalePaths): Promise<JsonObject> {
  return scaleOf(await presented(target, committedEntry(target)), paths);
}

/** Changes the number of replicas. @param type `put` or the media type of a patch @throws StatusError */
export async function writeScale(
  core: Core,
  target: Target,
  paths: ScalePaths,
  type: string,
  body: JsonObject,
  options: WriteOptions,
): Promise<JsonObject> {
  const result = await onHead(core, target, body, options, async (entry, given) => {
    const shown = isPresented(target, entry) ? entry : await presented(target, entry);
    const object = scaled(target, shown, paths, type, given);
    return replaceObject(core, target, { entry, shown }, object, {
      ...options,
      subresource: '',
      scale: (each) => scaleObject(each, paths),
    });
  });
  const after: JsonValue = JSON.parse(await presentedText(target, result.json));
  return scaleObject(isJsonObject(after) ? after : {}, paths);
}

/** The object with the replicas that the request wants. @throws StatusError 400 */
function scaled(target: Target, shown: Entry, paths: ScalePaths, type: string, body: JsonObject): ApiObject {
  const wanted = type === 'put' ? body : patched(scaleOf(shown, paths), type, body);
  const replicas = isJsonObject(wanted) ? numberAt(objectAt(wanted, 'spec'), 'replicas') : undefined;
  if (replicas !== undefined && replicas < 0 && target.resource.origin === 'custom') {
    const error = invalid(`.${paths.specReplicas.join('.')}`, replicas, 'should be a non-negative integer');
    throw invalidObject(target.resource, target.name, [error]);
  }
  const named = isJsonObject(wanted) ? textAt(objectAt(wanted, 'metadata'), 'name') : '';
  if (named !== '' && named !== target.name) {
    throw badRequest(`the name of the object (${named}) does not match the name on the URL (${target.name})`);
  }
  if (replicas !== undefined && replicas < 0) {
    const error = invalid('spec.replicas', replicas, 'must be greater than or equal to 0');
    throw invalidObject({ group: 'autoscaling', kind: 'Scale' }, target.name, [error]);
  }
  if (replicas === undefined || !Number.isInteger(replicas)) {
    throw badRequest('spec.replicas: must be an integer greater than or equal to 0');
  }
  const object = objectOf(shown);
  toRequestVersion(target, object);
  setAt(object, paths.specReplicas, replicas);
  const given = isJsonObject(wanted) ? textAt(objectAt(wanted, 'metadata'), 'resourceVersion') : '';
  if (given !== '') object.metadata.resourceVersion = given;
  return object;
}

function patched(scale: JsonObject, type: string, patch: JsonValue): JsonValue {
  return type === 'application/json-patch+json' ? applyJsonPatch(scale, patch) : applyMergePatch(scale, patch);
}

function scaleOf(entry: Entry, paths: ScalePaths): JsonObject {
  return scaleObject(objectOf(entry), paths);
}

function scaleObject(object: JsonObject, { specReplicas, statusReplicas, selector }: ScalePaths): JsonObject {
  const metadata = objectAt(object, 'metadata') ?? {};
  const kept = ['name', 'namespace', 'uid', 'resourceVersion', 'creationTimestamp'];
  const text = selector === undefined ? undefined : selectorOf(valueAt(object, selector));
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: Object.fromEntries(
      kept.flatMap((field) => (metadata[field] === undefined ? [] : [[field, metadata[field]]])),
    ),
    spec: { replicas: valueAt(object, specReplicas) ?? 0 },
    status: {
      replicas: valueAt(object, statusReplicas) ?? 0,
      ...(text === undefined ? {} : { selector: text }),
    },
  };
}

/** Built-in kinds have a LabelSelector, or the labels themselves, where custom resources have the text. */
function selectorOf(value: JsonValue | undefined): JsonValue | undefined {
  if (!isJsonObject(value)) return value;
  const isSelector = 'matchLabels' in value || 'matchExpressions' in value;
  return selectorText(isSelector ? value : { matchLabels: value });
}

function valueAt(object: JsonObject, path: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = object;
  for (const element of path) value = isJsonObject(value) ? value[element] : undefined;
  return value;
}

function setAt(object: JsonObject, path: readonly string[], value: JsonValue): void {
  let parent = object;
  for (const element of path.slice(0, -1)) {
    const next = objectAt(parent, element) ?? {};
    parent[element] = next;
    parent = next;
  }
  const last = path.at(-1);
  if (last !== undefined) parent[last] = value;
}
