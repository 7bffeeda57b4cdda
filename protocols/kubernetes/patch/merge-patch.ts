import { isJsonObject, type JsonObject, type JsonValue } from '@causeway/apis/meta/json';

/** RFC 7396: objects merge, `null` deletes, everything else replaces. The document is not changed. */
export function applyMergePatch(document: JsonValue, patch: JsonValue): JsonValue {
  if (!isJsonObject(patch)) return Array.isArray(patch) ? structuredClone(patch) : patch;
  const merged: JsonObject = isJsonObject(document) ? { ...document } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (key === '__proto__') continue; // assigning it would set the prototype instead of a field
    if (value === null) delete merged[key];
    else merged[key] = applyMergePatch(Object.hasOwn(merged, key) ? (merged[key] ?? null) : null, value);
  }
  return merged;
}
