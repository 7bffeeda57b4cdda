import { member, type Overload } from '../declaration.ts';
import { type Duration, EvaluationError, type Timestamp } from '../value.ts';

/*
 * The parts of timestamps, in UTC or another time zone, and of durations.
 *
 * Source: CEL language definition, "Timestamps and durations".
 */

const MILLISECOND = 1_000_000n;
const DAY_MS = 86_400_000;

const PARTS: Readonly<Record<string, (date: Date) => number>> = {
  getFullYear: (date) => date.getUTCFullYear(),
  getMonth: (date) => date.getUTCMonth(),
  getDayOfYear: (date) => Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY_MS),
  getDayOfMonth: (date) => date.getUTCDate() - 1,
  getDate: (date) => date.getUTCDate(),
  getDayOfWeek: (date) => date.getUTCDay(),
  getHours: (date) => date.getUTCHours(),
  getMinutes: (date) => date.getUTCMinutes(),
  getSeconds: (date) => date.getUTCSeconds(),
  getMilliseconds: (date) => date.getUTCMilliseconds(),
};

const DURATIONS: Readonly<Record<string, (nanoseconds: bigint) => bigint>> = {
  getHours: (nanoseconds) => nanoseconds / 3_600_000_000_000n,
  getMinutes: (nanoseconds) => nanoseconds / 60_000_000_000n,
  getSeconds: (nanoseconds) => nanoseconds / 1_000_000_000n,
  getMilliseconds: (nanoseconds) => nanoseconds / MILLISECOND,
};

/** A date whose UTC parts are those of the time in `zone`. @throws EvaluationError when there is no such zone */
function inZone(time: Timestamp, zone: string): Date {
  const milliseconds = milliseconsOf(time);
  const offset = /^([-+]?)(\d{2}):(\d{2})$/.exec(zone);
  if (offset !== null) {
    const minutes = Number(offset[2]) * 60 + Number(offset[3]);
    return new Date(milliseconds + (offset[1] === '-' ? -minutes : minutes) * 60_000);
  }
  let parts: Intl.DateTimeFormatPart[];
  try {
    parts = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    }).formatToParts(milliseconds);
  } catch (cause) {
    throw new EvaluationError(`unknown time zone ${zone}`, { cause });
  }
  const part = (type: string): number => Number(parts.find((each) => each.type === type)?.value);
  const date = new Date(0);
  date.setUTCFullYear(part('year'), part('month') - 1, part('day'));
  date.setUTCHours(part('hour'), part('minute'), part('second'), new Date(milliseconds).getUTCMilliseconds());
  return date;
}

function milliseconsOf({ nanoseconds }: Timestamp): number {
  const rest = nanoseconds % MILLISECOND;
  return Number((nanoseconds - (rest < 0n ? rest + MILLISECOND : rest)) / MILLISECOND);
}

export const TIME: readonly Overload[] = [
  ...Object.entries(PARTS).flatMap(([name, part]) => [
    member(name, 'timestamp -> int', (time: Timestamp) => BigInt(part(new Date(milliseconsOf(time))))),
    member(name, 'timestamp, string -> int', (time: Timestamp, zone: string) => BigInt(part(inZone(time, zone)))),
  ]),
  ...Object.entries(DURATIONS).map(([name, part]) =>
    member(name, 'duration -> int', (duration: Duration) => part(duration.nanoseconds)),
  ),
];
