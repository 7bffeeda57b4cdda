/** A request as the user writes it (`ALB-17`, `ALB-01..ALB-25`) as single ids, in order, without repetition. */
export function expandIds(request: readonly string[]): readonly string[] {
  const ids = new Set<string>();
  for (const text of request) {
    const match = /^([A-Z]+)-([0-9]+)(?:\.\.([A-Z]+)-([0-9]+))?$/.exec(text);
    if (match === null) throw new RangeError(`not an id or a range of ids: ${text}`);
    const [, family = '', from = '', otherFamily, to = from] = match;
    if (otherFamily !== undefined && otherFamily !== family) throw new RangeError(`two families in one range: ${text}`);
    if (Number(to) < Number(from)) throw new RangeError(`a range that ends before it starts: ${text}`);
    for (let number = Number(from); number <= Number(to); number += 1) ids.add(id(family, number));
  }
  return [...ids];
}

/** The ids that stand in the name of a test, in any case: `ALB-17 ...`, golden case `alb-17-tls-annotation`. */
export function idsOf(testName: string): readonly string[] {
  return [...testName.matchAll(/(?<![A-Za-z0-9])([A-Za-z]+)-([0-9]+)(?![0-9])/g)].map(([, family = '', number = '']) =>
    id(family.toUpperCase(), Number(number)),
  );
}

/** Those of `wanted` that no test names. */
export function missingIds(wanted: readonly string[], testNames: readonly string[]): readonly string[] {
  const found = new Set(testNames.flatMap(idsOf));
  return wanted.filter((each) => !found.has(each));
}

function id(family: string, number: number): string {
  return `${family}-${String(number).padStart(2, '0')}`;
}
