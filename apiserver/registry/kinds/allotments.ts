import type { ApiObject } from '../../object.ts';
import type { JsonObject } from '../../schema/json.ts';
import type { Collection } from '../../storage/collection.ts';
import { entryKey, objectOf } from '../../storage/entry.ts';

/**
 * Numbers of a range (addresses, ports) that belong to the objects of one collection, each to one object. The objects say
 * which they have; what is kept here is only a memo of that, verified against the head when a number is wanted again, so
 * deletions and failed writes need no bookkeeping.
 */
export class Allotments {
  readonly #first: number;
  readonly #last: number;
  readonly #numbersOf: (object: JsonObject) => readonly number[];
  #holders: Map<number, string> | undefined;
  #next: number;

  /**
   * @param numbersOf the numbers an object holds
   * @param begin numbers below are given only when all others are taken
   */
  constructor(
    first: number,
    last: number,
    numbersOf: (object: JsonObject) => readonly number[],
    begin: number = first,
  ) {
    this.#first = first;
    this.#last = last;
    this.#numbersOf = numbersOf;
    this.#next = begin;
  }

  /**
   * A number that nobody holds, besides those in `taken`; it is remembered for `object`.
   *
   * @throws Error when the range is exhausted
   */
  allot(object: ApiObject, collection: Collection, taken: ReadonlySet<number> = new Set()): number {
    for (let tries = this.#first; tries <= this.#last; tries++) {
      const number = this.#next;
      this.#next = number === this.#last ? this.#first : number + 1;
      if (!taken.has(number) && this.isFree(number, object, collection)) return number;
    }
    throw new Error('the range is full');
  }

  /** Whether `object` may have `number`: nobody else has it. If so, it is remembered for `object`. */
  isFree(number: number, object: ApiObject, collection: Collection): boolean {
    this.#holders ??= this.#load(collection);
    const holders = this.#holders;
    const key = entryKey(object.metadata.namespace ?? '', object.metadata.name);
    const holder = holders.get(number);
    if (holder !== undefined && holder !== key) {
      const entry = collection.head(holder);
      if (entry !== undefined && this.#numbersOf(objectOf(entry)).includes(number)) return false;
    }
    holders.set(number, key);
    return true;
  }

  #load(collection: Collection): Map<number, string> {
    const holders = new Map<number, string>();
    for (const entry of collection.headRange('')) {
      for (const number of this.#numbersOf(objectOf(entry))) holders.set(number, entry.key);
    }
    return holders;
  }
}
