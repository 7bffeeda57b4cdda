/** @returns what is wrong with the text of a JSON Web Key Set. Source: RFC 7517 section 5. */
export function keySetMistake(text: string): string | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return 'no JSON';
  }
  const keys = typeof parsed === 'object' && parsed !== null && 'keys' in parsed ? parsed.keys : undefined;
  if (!Array.isArray(keys)) return 'no JSON Web Key Set: it has no list keys';
  const bad = keys.findIndex((key) => typeof key !== 'object' || key === null || typeof key.kty !== 'string');
  if (bad >= 0) return `keys[${bad}] is no key: it has no kty`;
  return keys.length === 0 ? 'no key in it' : undefined;
}
