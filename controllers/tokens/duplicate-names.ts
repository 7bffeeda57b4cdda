/**
 * Reports whether an object in a text of JSON has two members of one name, of which readers disagree which one counts (RFC 8259 section 4).
 *
 * @param json that can be parsed
 */
export function hasDuplicateNames(json: string): boolean {
  const names: (Set<string> | undefined)[] = [];
  for (const match of json.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g)) {
    const [piece, colon] = match;
    if (piece === '{') names.push(new Set());
    else if (piece === '[') names.push(undefined);
    else if (piece === '}' || piece === ']') names.pop();
    else if (colon !== undefined) {
      const name = JSON.parse(piece.slice(0, piece.lastIndexOf('"') + 1)) as string;
      const known = names.at(-1);
      if (known?.has(name) === true) return true;
      known?.add(name);
    }
  }
  return false;
}
