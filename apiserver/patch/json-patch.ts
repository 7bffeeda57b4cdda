import type { JsonValue } from '../schema/json.ts';

/**
 * RFC 6902. The document is not changed.
 *
 * @throws PatchError
 */
export function applyJsonPatch(_document: JsonValue, _patch: JsonValue): JsonValue {
  throw new Error('not written yet');
}
