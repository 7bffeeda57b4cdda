import { sameJson } from './same-json.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The JSON merge patch that turns `from` into `to`: only members that differ,
 * `null` for those that go, lists as a whole.
 *
 * Source: RFC 7396. A member that shall become `null` cannot be said.
 *
 * @returns `undefined` when nothing differs
 */
export function mergePatch(from: JsonObject, to: JsonObject): JsonObject | undefined {
  const patch: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(to)) {
    const before = from[name];
    if (value === undefined || sameJson(before, value)) continue;
    patch[name] = isObject(before) && isObject(value) ? mergePatch(before, value) : value;
  }
  for (const name of Object.keys(from)) {
    if (from[name] !== undefined && to[name] === undefined) patch[name] = null;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
