/**
 * Reports whether two JSON values mean the same: objects compare by their
 * members in any order, an absent member equals `undefined`, arrays compare in
 * order. Members named in `ignore` are skipped at every depth.
 */
export function sameJson(a: unknown, b: unknown, ignore: ReadonlySet<string> = NOTHING): boolean {
  if (a === b) return true;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, i) => sameJson(item, b[i], ignore));
  }
  if (!isObject(a) || !isObject(b)) return false;
  for (const name in a) {
    if (!ignore.has(name) && !sameJson(a[name], b[name], ignore)) return false;
  }
  for (const name in b) {
    if (b[name] !== undefined && a[name] === undefined && !ignore.has(name)) return false;
  }
  return true;
}

const NOTHING: ReadonlySet<string> = new Set();

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
