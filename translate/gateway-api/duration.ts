const UNITS_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/**
 * Milliseconds of a duration such as `1h30m` or `500ms`.
 *
 * Source: Gateway API, GEP-2257.
 *
 * @returns undefined when it is none
 */
export function parseDuration(text: string): number | undefined {
  if (!/^([0-9]{1,5}(h|m|s|ms)){1,4}$/.test(text)) return undefined;
  let sum = 0;
  for (const [, count, unit = ''] of text.matchAll(/([0-9]{1,5})(ms|h|m|s)/g))
    sum += Number(count) * (UNITS_MS[unit] ?? 0);
  return sum;
}
