/** Lists of client addresses, the same in nginx and in explain. Source: spec LIM-08. */
import { byteAt, byteText, emptyTable, slice } from '#platform';
import { addressKey } from './address.ts';

/** First and last addresses; ascending by bytes, disjoint. */
export type RangeList = readonly (readonly [first: string, last: string])[];

export interface AddressRanges {
  /** Absent: all. */
  readonly allow?: RangeList;
  /** Wins over `allow`. */
  readonly deny?: RangeList;
}

/** Keys (see address.ts) of the ends of the ranges, in turn: every key at an even index begins one. */
export type CompiledRanges = readonly string[];

export function compileRanges(ranges: RangeList): CompiledRanges {
  const ends: string[] = [];
  for (const [first, last] of ranges) {
    const from = addressKey(first);
    const to = addressKey(last);
    if (from !== undefined && to !== undefined) {
      ends.push(from);
      ends.push(to);
    }
  }
  return ends;
}

/** @param address of a client, as text; what is no address is in no list */
export function isAmongRanges(ranges: CompiledRanges, address: string): boolean {
  const key = known[address] ?? readKey(address);
  if (key === undefined) return false;
  return isBetween(ranges, key, 0, ranges.length / 2 - 1);
}

/** A tail call instead of a short loop, see rule-index.ts. */
function isBetween(ranges: CompiledRanges, key: string, low: number, high: number): boolean {
  if (low > high) return false;
  const sum = low + high;
  const middle = (sum - (sum % 2)) / 2;
  const first = ranges[middle * 2];
  const last = ranges[middle * 2 + 1];
  if (first === undefined || last === undefined || key < first) return isBetween(ranges, key, low, middle - 1);
  return key > last ? isBetween(ranges, key, middle + 1, high) : true;
}

/** Keys of so many clients are kept; then all are forgotten. */
const KNOWN_CLIENTS = 4096;

let known = emptyTable<string>();
let knownCount = 0;

const MAPPED_PREFIX = `6${zeros(10)}${byteText(255)}${byteText(255)}`;

function readKey(address: string): string | undefined {
  const key = clientKey(address);
  if (key === undefined) return undefined;
  if (knownCount >= KNOWN_CLIENTS) {
    known = emptyTable();
    knownCount = 0;
  }
  known[address] = key;
  knownCount++;
  return key;
}

/** `::ffff:10.0.0.1` is the client 10.0.0.1, however it is written. Source: RFC 4291 section 2.5.5.2. */
function clientKey(address: string): string | undefined {
  const key = addressKey(address);
  if (key === undefined || key.length !== 17 || byteAt(key, 11) !== 255) return key;
  return slice(key, 0, 13) === MAPPED_PREFIX ? `4${slice(key, 13, 17)}` : key;
}

function zeros(count: number): string {
  let text = '';
  for (let i = 0; i < count; i++) text = text + byteText(0);
  return text;
}

export interface CompiledAddressRanges {
  /** Undefined: all. */
  readonly allow: CompiledRanges | undefined;
  readonly deny: CompiledRanges;
}

export function compileAddressRanges({ allow, deny }: AddressRanges): CompiledAddressRanges {
  return { allow: allow === undefined ? undefined : compileRanges(allow), deny: compileRanges(deny ?? []) };
}

/** Reports whether a client may send requests. */
export function mayPass({ allow, deny }: CompiledAddressRanges, address: string): boolean {
  if (deny.length > 0 && isAmongRanges(deny, address)) return false;
  return allow === undefined || isAmongRanges(allow, address);
}

/** Reports whether a client is named: where a list is one of several ways in, its silence opens none. */
export function isNamed({ allow, deny }: CompiledAddressRanges, address: string): boolean {
  if (allow === undefined) return false;
  return !isAmongRanges(deny, address) && isAmongRanges(allow, address);
}
