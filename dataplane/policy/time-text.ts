/**
 * Points in time as texts, in UTC, the same for nginx and the agent: neither `os.date` nor `Date` knows what the other does.
 *
 * Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
 */
import { indexOf, slice, wholeNumber } from '#platform';

/** A fixed text, or a part of the time. Units are those of `TimeUnitIR`. */
export type TimePart = string | { readonly unit: string; readonly digits?: number };

const DAY_MS = 86_400_000;
/** A blank behind each. */
const MONTHS = 'January February March April May June July August September October November December ';
const WEEKDAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday ';
const SHORT = 3;
/** `2006-01-02T15:04:05.000Z` */
const ISO: readonly TimePart[] = [
  { unit: 'year', digits: 4 },
  '-',
  { unit: 'month', digits: 2 },
  '-',
  { unit: 'day', digits: 2 },
  'T',
  { unit: 'hour', digits: 2 },
  ':',
  { unit: 'minute', digits: 2 },
  ':',
  { unit: 'second', digits: 2 },
  '.',
  { unit: 'fraction', digits: 3 },
  'Z',
];

/** @param ms whole ones since 1970, not before */
export function timeText(ms: number, parts: readonly TimePart[] | undefined): string {
  let text = '';
  for (const part of parts ?? ISO)
    text = text + (typeof part === 'string' ? part : unitText(part.unit, part.digits, ms));
  return text;
}

function unitText(unit: string, digits: number | undefined, ms: number): string {
  const days = Math.floor(ms / DAY_MS);
  const ofDay = Math.floor((ms - days * DAY_MS) / 1000);
  const hour = Math.floor(ofDay / 3600);
  if (unit === 'hour') return padded(hour, digits);
  if (unit === 'hour12') return padded(hour % 12 === 0 ? 12 : hour % 12, digits);
  if (unit === 'half') return hour < 12 ? 'AM' : 'PM';
  if (unit === 'minute') return padded(Math.floor(ofDay / 60) % 60, digits);
  if (unit === 'second') return padded(ofDay % 60, digits);
  if (unit === 'epoch') return `${Math.floor(ms / 1000)}`;
  if (unit === 'fraction') return slice(`${padded(ms % 1000, 3)}000000`, 0, digits ?? 9);
  const weekday = (days + 4) % 7;
  if (unit === 'weekday') return `${weekday}`;
  if (unit === 'weekdayName') return nth(WEEKDAYS, weekday);
  if (unit === 'weekdayShort') return slice(nth(WEEKDAYS, weekday), 0, SHORT);
  return dateText(unit, digits, days);
}

function dateText(unit: string, digits: number | undefined, days: number): string {
  // Years begin on the first of March here, so that the day that is not always there is the last one.
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const ofEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * ofYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  if (unit === 'year') return padded(year, digits);
  if (unit === 'yearOfCentury') return padded(year % 100, digits);
  if (unit === 'month') return padded(month, digits);
  if (unit === 'monthName') return nth(MONTHS, month - 1);
  if (unit === 'monthShort') return slice(nth(MONTHS, month - 1), 0, SHORT);
  const day = ofYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  if (unit === 'day') return padded(day, digits);
  if (unit === 'dayBlank') return day < 10 ? ` ${day}` : `${day}`;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return padded(month > 2 ? ofYear + 60 + (isLeap ? 1 : 0) : ofYear - 305, digits);
}

/** @param text as OpenSSL writes it: `Nov  9 01:50:34 2018 GMT`. @returns ms since 1970; undefined when it is something else */
export function timeOfCertificate(text: string): number | undefined {
  const month = monthOf(slice(text, 0, SHORT));
  const day = numberIn(text, 4, 6);
  const hour = numberIn(text, 7, 9);
  const minute = numberIn(text, 10, 12);
  const second = numberIn(text, 13, 15);
  const year = numberIn(text, 16, 20);
  if (month === undefined || day === undefined || year === undefined) return undefined;
  if (hour === undefined || minute === undefined || second === undefined) return undefined;
  return daysUntil(year, month, day) * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000;
}

function monthOf(short: string): number | undefined {
  for (let month = 1; month <= 12; month++) if (slice(nth(MONTHS, month - 1), 0, SHORT) === short) return month;
  return undefined;
}

function numberIn(text: string, from: number, to: number): number | undefined {
  return wholeNumber(slice(text, slice(text, from, from + 1) === ' ' ? from + 1 : from, to));
}

/** @param position from 0 */
function nth(words: string, position: number): string {
  let from = 0;
  for (let i = 0; i < position; i++) from = indexOf(words, ' ', from) + 1;
  return slice(words, from, indexOf(words, ' ', from));
}

function padded(number: number, digits: number | undefined): string {
  let text = `${number}`;
  while (text.length < (digits ?? 1)) text = `0${text}`;
  return text;
}

function daysUntil(year: number, month: number, day: number): number {
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const ofYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + ofYear - 719_468;
}
