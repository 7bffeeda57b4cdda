/**
 * Orders two resource versions of one API server: negative when `a` is older.
 *
 * Source: KEP-5504; a resource version of the API's own storage is a decimal
 * integer of any length without leading zeros.
 */
export function compareResourceVersions(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a === b ? 0 : a < b ? -1 : 1;
}
