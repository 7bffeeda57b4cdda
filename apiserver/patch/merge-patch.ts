import type { JsonValue } from '../schema/json.ts';

/** RFC 7396. The document is not changed. */
export function applyMergePatch(_document: JsonValue, _patch: JsonValue): JsonValue {
  throw new Error('not written yet');
}
