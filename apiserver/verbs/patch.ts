import { apiVersionOf } from '@causeway/apis/meta/kind';
import { applyMergePatch } from '@causeway/protocols/kubernetes/patch/merge-patch';
import { PatchError } from '@causeway/protocols/kubernetes/patch/patch-error';
import { applyStrategicMergePatch } from '@causeway/protocols/kubernetes/patch/strategic-merge-patch';
import type { Core } from '../core.ts';
import { asApiObject } from '../object.ts';
import { applyJsonPatch } from '../patch/json-patch.ts';
import { DEPTH_MAX, depthOf, isJsonObject, type JsonValue, TOO_DEEP } from '../schema/json.ts';
import { badRequest, StatusError, unsupportedMediaType } from '../status-error.ts';
import { objectOf } from '../storage/entry.ts';
import { onHead } from './head.ts';
import { isPresented, presented } from './presented.ts';
import type { Target } from './target.ts';
import { replaceObject } from './update.ts';
import { toRequestVersion, type WriteOptions, type WriteResult } from './write.ts';

export const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC_MERGE_PATCH = 'application/strategic-merge-patch+json';
export const APPLY_PATCH = 'application/apply-patch+yaml';

/**
 * Changes an object by a patch. Patch and write are one step on the head, so a patch never conflicts unless it names a
 * resourceVersion.
 *
 * @param contentType the media type of the request, without parameters
 * @throws StatusError
 */
export async function patchObject(
  core: Core,
  target: Target,
  contentType: string,
  patch: JsonValue,
  options: WriteOptions,
): Promise<WriteResult> {
  const apply = patcherOf(target, contentType);
  return onHead(core, target, patch, options, async (entry, body) => {
    const shown = isPresented(target, entry) ? entry : await presented(target, entry);
    const present = objectOf(shown);
    toRequestVersion(target, present);
    const patched = asApiObject(
      withType(
        target,
        applied(() => apply(present, body)),
      ),
    );
    if (typeof patched === 'string') throw badRequest(patched);
    return replaceObject(core, target, { entry, shown }, patched, { ...options, patched: true });
  });
}

/** What the patch takes away of apiVersion and kind, the path says. */
function withType({ resource, version }: Target, object: JsonValue): JsonValue {
  if (resource.origin === 'custom' || !isJsonObject(object)) return object;
  return {
    ...object,
    apiVersion: object.apiVersion ?? apiVersionOf(version.names),
    kind: object.kind ?? version.names.kind,
  };
}

function patcherOf(
  { resource, version }: Target,
  contentType: string,
): (object: JsonValue, patch: JsonValue) => JsonValue {
  const custom = resource.origin === 'custom';
  switch (contentType) {
    case JSON_PATCH:
      return withinDepth;
    case MERGE_PATCH:
      return applyMergePatch;
    case STRATEGIC_MERGE_PATCH:
      if (custom) break;
      return (object, patch) => {
        if (!isJsonObject(object) || !isJsonObject(patch)) throw new PatchError(400, 'the patch is not a JSON object');
        return applyStrategicMergePatch(version.schema.structural, object, patch);
      };
    default:
      break;
  }
  if (custom) throw unsupportedMediaType([JSON_PATCH, MERGE_PATCH, APPLY_PATCH]);
  throw new StatusError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', { details: {} });
}

/** Patch by patch, an object could become deeper than any body may be. */
function withinDepth(object: JsonValue, patch: JsonValue): JsonValue {
  const patched = applyJsonPatch(object, patch);
  if (depthOf(patched) > DEPTH_MAX) throw new PatchError(422, TOO_DEEP);
  return patched;
}

const REJECTED = 'the server rejected our request due to an error in our request';

function applied(apply: () => JsonValue): JsonValue {
  try {
    return apply();
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    const reason = { 400: 'BadRequest', 413: 'RequestEntityTooLarge', 422: 'Invalid' }[error.status];
    // Kubernetes does not tell which operation it was.
    const message = error.status === 422 ? REJECTED : error.message;
    throw new StatusError(error.status, reason, message, { cause: error });
  }
}
