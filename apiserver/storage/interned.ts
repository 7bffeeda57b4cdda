/** Then all are forgotten; those in use are found again. */
const MOST = 10_000;

const known = new Map<string, string>();

/** The same string for equal texts: thousands of objects have the same labels, namespaces and owners. */
export function interned(text: string): string {
  const found = known.get(text);
  if (found !== undefined) return found;
  if (known.size >= MOST) known.clear();
  known.set(text, text);
  return text;
}
