import type { JsonObject } from '../schema/json.ts';
import type { StructuralSchema } from '../schema/structural.ts';

/**
 * Strategic merge patch of a built-in kind. The document is not changed. (Kubernetes answers 415 for custom resources.)
 *
 * @throws PatchError
 */
export function applyStrategicMergePatch(_schema: StructuralSchema, _document: JsonObject, _patch: JsonObject): JsonObject {
  throw new Error('not written yet');
}
