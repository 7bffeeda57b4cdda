/**
 * Durations as the router reads them, written as the Gateway API does.
 *
 * Source: spec MG-06; HAProxy, time format; Gateway API, GEP-2257 (four numbers of five digits at most).
 */
const MOST_DIGITS = 5;
const MOST_HOURS = 99_999;

const UNITS_MS: readonly (readonly [string, number])[] = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
];

/**
 * @param text a whole number above 0 with `us`, `ms`, `s`, `m`, `h` or `d`; without a unit: milliseconds
 * @returns the same duration, rounded up to milliseconds; undefined: the router would ignore it, or it is too long to be written
 */
export function gatewayDuration(text: string): string | undefined {
  const [, digits = '', unit = 'ms'] = /^([1-9][0-9]{0,14})(us|ms|s|m|h|d)?$/.exec(text) ?? [];
  if (digits === '') return undefined;
  const number = Number(digits);
  if (unit === 'us') return written(Math.ceil(number / 1000), 'ms');
  return unit === 'd' ? written(number * 24, 'h') : written(number, unit);
}

function written(number: number, unit: string): string | undefined {
  if (String(number).length <= MOST_DIGITS) return `${number}${unit}`;
  let rest = number * (UNITS_MS.find(([name]) => name === unit)?.[1] ?? 1);
  let text = '';
  for (const [name, ms] of UNITS_MS) {
    const count = Math.floor(rest / ms);
    if (name === 'h' && count > MOST_HOURS) return undefined;
    if (count > 0) text += `${count}${name}`;
    rest -= count * ms;
  }
  return text;
}
