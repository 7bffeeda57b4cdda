import type { TimePartIR } from '@causeway/ir/gateway';

const YEAR: TimePartIR = { unit: 'year', digits: 4 };
const MONTH: TimePartIR = { unit: 'month', digits: 2 };
const DAY: TimePartIR = { unit: 'day', digits: 2 };
const HOUR: TimePartIR = { unit: 'hour', digits: 2 };
const MINUTE: TimePartIR = { unit: 'minute', digits: 2 };
const SECOND: TimePartIR = { unit: 'second', digits: 2 };

/** Source: POSIX, strftime; Envoy v1.37, %START_TIME%. All times are in UTC. */
const SPECIFIERS: Readonly<Record<string, readonly TimePartIR[]>> = {
  '%': ['%'],
  A: [{ unit: 'weekdayName' }],
  B: [{ unit: 'monthName' }],
  D: [MONTH, '/', DAY, '/', { unit: 'yearOfCentury', digits: 2 }],
  F: [YEAR, '-', MONTH, '-', DAY],
  H: [HOUR],
  I: [{ unit: 'hour12', digits: 2 }],
  M: [MINUTE],
  R: [HOUR, ':', MINUTE],
  S: [SECOND],
  T: [HOUR, ':', MINUTE, ':', SECOND],
  Y: [YEAR],
  Z: ['UTC'],
  a: [{ unit: 'weekdayShort' }],
  b: [{ unit: 'monthShort' }],
  d: [DAY],
  e: [{ unit: 'dayBlank' }],
  f: [{ unit: 'fraction', digits: 9 }],
  h: [{ unit: 'monthShort' }],
  j: [{ unit: 'dayOfYear', digits: 3 }],
  m: [MONTH],
  p: [{ unit: 'half' }],
  s: [{ unit: 'epoch' }],
  t: ['\t'],
  w: [{ unit: 'weekday' }],
  y: [{ unit: 'yearOfCentury', digits: 2 }],
  z: ['+0000'],
};
const SPECIFIER = /%(?:([1-9])f|E([1-9])S|([%A-Za-z]))/y;

/** How a point in time is written. @returns text: what is wrong */
export function parseTimeFormat(format: string): readonly TimePartIR[] | string {
  const parts: TimePartIR[] = [];
  let at = 0;
  while (at < format.length) {
    const next = format.indexOf('%', at);
    if (next !== at) {
      parts.push(next === -1 ? format.slice(at) : format.slice(at, next));
      if (next === -1) break;
      at = next;
    }
    SPECIFIER.lastIndex = at;
    const [whole, digits, ofSecond, letter = ''] = SPECIFIER.exec(format) ?? [];
    const found = digits === undefined && ofSecond === undefined ? SPECIFIERS[letter] : fractionOf(digits, ofSecond);
    if (whole === undefined || found === undefined) {
      return `${JSON.stringify(format.slice(at, at + 3))} is no part of a time that is served`;
    }
    parts.push(...found);
    at += whole.length;
  }
  return parts;
}

/** `%3f`, or `%E3S`, which has the seconds too. */
function fractionOf(digits: string | undefined, ofSecond: string | undefined): readonly TimePartIR[] {
  const fraction: TimePartIR = { unit: 'fraction', digits: Number(digits ?? ofSecond) };
  return digits === undefined ? [SECOND, '.', fraction] : [fraction];
}
