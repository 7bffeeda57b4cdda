/**
 * What the rule index holds for one host: routes by path, and there by values that they want, in lists in match order. Adding and
 * removing; who matches is in rule-index.ts.
 */
import { emptyTable, insertAt, removeAt, removeKey } from '#platform';
import { type CompiledRoute, isBefore } from './route.ts';
import { NOWHERE, type PathPlace, type PlaceKey, type WantedValues } from './rule-placement.ts';
import type { CompiledTerm } from './term.ts';

/**
 * The paths of one host. Most hosts have one, which needs no tables: with many hosts, what a match costs is what it
 * misses in the processor's caches.
 */
export interface HostPaths {
  /** The only place, and its routes; without `list` there are none, or {@link index} has them. */
  place: PathPlace;
  text: string;
  list: EntryList | undefined;
  index: PathIndex | undefined;
}

/** Fields without content are absent, which saves memory. */
export interface PathIndex {
  exact: Record<string, EntryList> | undefined;
  exactCount: number;
  textPrefix: PrefixTable | undefined;
  elementPrefix: PrefixTable | undefined;
  rest: EntryList | undefined;
}

export interface PrefixTable {
  readonly byText: Record<string, EntryList>;
  /** The distinct lengths of the keys, longest first, and how many keys have each. */
  readonly lengths: number[];
  readonly counts: number[];
  /** For each length: no route of it stands before the first, none after the last. */
  readonly bounds: Bounds[];
  /** Whether every route stands before those of shorter prefixes, as with nearly all: then the first match is the foremost one. */
  ordered: boolean;
}

/** Routes that are gone may still be here: that is too careful, and never wrong. */
interface Bounds {
  first: CompiledRoute | undefined;
  last: CompiledRoute | undefined;
}

/** In match order; routes that want certain values stand in tables by them, which most lists do not have. */
export interface EntryList extends Array<Entry> {
  byValue?: ValueTable[] | undefined;
}

/** Routes by the value that the request must have in one place. */
export interface ValueTable {
  readonly subject: CompiledTerm['subject'];
  readonly name: string;
  readonly otherName?: string;
  readonly entries: Record<string, Entry[]>;
  /** Number of keys. */
  count: number;
}

export interface Entry {
  readonly route: CompiledRoute;
  /** What is left to test in this place. */
  readonly terms: readonly CompiledTerm[];
}

/** Adds a route where it is not yet. */
export function addToHost(
  paths: HostPaths,
  path: PlaceKey<PathPlace>,
  wanted: WantedValues | undefined,
  entry: Entry,
): void {
  insertEntry(openHostList(paths, path), wanted, entry);
  if (paths.index !== undefined) widenBounds(paths.index, path, entry.route);
}

function openHostList(paths: HostPaths, path: PlaceKey<PathPlace>): EntryList {
  if (paths.index !== undefined) return openList(paths.index, path);
  const only = paths.list;
  if (only === undefined) {
    const list: EntryList = [];
    setOnly(paths, path, list);
    return list;
  }
  if (paths.place === path.place && paths.text === path.text) return only;
  const index = newPathIndex();
  putList(index, paths, only);
  widenByList(index, paths, only);
  setOnly(paths, NOWHERE, undefined);
  paths.index = index;
  return openList(index, path);
}

function setOnly(paths: HostPaths, { place, text }: PlaceKey<PathPlace>, list: EntryList | undefined): void {
  paths.place = place;
  paths.text = text;
  paths.list = list;
}

export function removeFromHost(
  paths: HostPaths,
  path: PlaceKey<PathPlace>,
  wanted: WantedValues | undefined,
  route: CompiledRoute,
): void {
  const { list, index } = paths;
  if (list !== undefined) {
    if (paths.place !== path.place || paths.text !== path.text) return;
    if (removeFromList(list, wanted, route)) setOnly(paths, NOWHERE, undefined);
  } else if (index !== undefined) {
    removeEntry(index, path, wanted, route);
    const only = onlyPlace(index);
    const left = only === undefined ? undefined : findList(index, only);
    if (only === undefined || left === undefined) return;
    setOnly(paths, only, left);
    paths.index = undefined;
  }
}

/** The only place of which there is a list; undefined when there are several. */
function onlyPlace(paths: PathIndex): PlaceKey<PathPlace> | undefined {
  const places: PlaceKey<PathPlace>[] = [];
  if (paths.rest !== undefined) places.push({ place: 'rest', text: '' });
  addKeys(places, 'exact', paths.exact);
  addKeys(places, 'textPrefix', paths.textPrefix === undefined ? undefined : paths.textPrefix.byText);
  addKeys(places, 'elementPrefix', paths.elementPrefix === undefined ? undefined : paths.elementPrefix.byText);
  return places.length === 1 ? places[0] : undefined;
}

/** Two are as good as all of them. */
function addKeys(
  places: PlaceKey<PathPlace>[],
  place: PathPlace,
  table: Readonly<Record<string, unknown>> | undefined,
): void {
  if (table === undefined) return;
  for (const text in table) {
    if (places.length > 1) return;
    places.push({ place, text });
  }
}

function newPathIndex(): PathIndex {
  return { exact: undefined, exactCount: 0, textPrefix: undefined, elementPrefix: undefined, rest: undefined };
}

/** The list that stands in a place, a new one if there is none. */
function openList(paths: PathIndex, path: PlaceKey<PathPlace>): EntryList {
  return findList(paths, path) ?? putList(paths, path, []);
}

function findList(paths: PathIndex, { place, text }: PlaceKey<PathPlace>): EntryList | undefined {
  switch (place) {
    case 'exact':
      return paths.exact === undefined ? undefined : paths.exact[text];
    case 'textPrefix':
      return paths.textPrefix === undefined ? undefined : paths.textPrefix.byText[text];
    case 'elementPrefix':
      return paths.elementPrefix === undefined ? undefined : paths.elementPrefix.byText[text];
    case 'rest':
      return paths.rest;
  }
}

/** Puts a list where there is none. */
function putList(paths: PathIndex, { place, text }: PlaceKey<PathPlace>, list: EntryList): EntryList {
  switch (place) {
    case 'exact':
      if (paths.exact === undefined) paths.exact = emptyTable();
      paths.exact[text] = list;
      paths.exactCount++;
      break;
    case 'textPrefix':
      if (paths.textPrefix === undefined) paths.textPrefix = newPrefixTable();
      putPrefix(paths.textPrefix, text, list);
      break;
    case 'elementPrefix':
      if (paths.elementPrefix === undefined) paths.elementPrefix = newPrefixTable();
      putPrefix(paths.elementPrefix, text, list);
      break;
    case 'rest':
      paths.rest = list;
      break;
  }
  return list;
}

function removeEntry(
  paths: PathIndex,
  path: PlaceKey<PathPlace>,
  wanted: WantedValues | undefined,
  route: CompiledRoute,
): void {
  switch (path.place) {
    case 'exact': {
      const list = paths.exact === undefined ? undefined : paths.exact[path.text];
      if (paths.exact === undefined || list === undefined || !removeFromList(list, wanted, route)) return;
      removeKey(paths.exact, path.text);
      paths.exactCount--;
      if (paths.exactCount === 0) paths.exact = undefined;
      break;
    }
    case 'textPrefix':
      if (paths.textPrefix !== undefined && removeFromPrefix(paths.textPrefix, path.text, wanted, route))
        paths.textPrefix = undefined;
      break;
    case 'elementPrefix':
      if (paths.elementPrefix !== undefined && removeFromPrefix(paths.elementPrefix, path.text, wanted, route))
        paths.elementPrefix = undefined;
      break;
    case 'rest':
      if (paths.rest !== undefined && removeFromList(paths.rest, wanted, route)) paths.rest = undefined;
      break;
  }
}

function newPrefixTable(): PrefixTable {
  return { byText: emptyTable(), lengths: [], counts: [], bounds: [], ordered: true };
}

function putPrefix(prefixes: PrefixTable, text: string, list: EntryList): void {
  prefixes.byText[text] = list;
  let position = 0;
  while ((prefixes.lengths[position] ?? -1) > text.length) position++;
  if (prefixes.lengths[position] === text.length) {
    prefixes.counts[position] = (prefixes.counts[position] ?? 0) + 1;
  } else {
    insertAt(prefixes.lengths, position, text.length);
    insertAt(prefixes.counts, position, 1);
    insertAt(prefixes.bounds, position, { first: undefined, last: undefined });
  }
}

function widenByList(paths: PathIndex, path: PlaceKey<PathPlace>, list: EntryList): void {
  for (const entry of list) widenBounds(paths, path, entry.route);
  for (const table of list.byValue ?? []) {
    for (const value in table.entries) {
      for (const entry of table.entries[value] ?? []) widenBounds(paths, path, entry.route);
    }
  }
}

function widenBounds(paths: PathIndex, { place, text }: PlaceKey<PathPlace>, route: CompiledRoute): void {
  const prefixes = prefixesOf(paths, place);
  if (prefixes === undefined) return;
  let position = 0;
  while ((prefixes.lengths[position] ?? -1) > text.length) position++;
  const bounds = prefixes.bounds[position];
  if (bounds === undefined) return;
  if (bounds.first === undefined || isBefore(route, bounds.first)) bounds.first = route;
  if (bounds.last === undefined || isBefore(bounds.last, route)) bounds.last = route;
  prefixes.ordered = isOrdered(prefixes.bounds);
}

function prefixesOf(paths: PathIndex, place: PathPlace): PrefixTable | undefined {
  if (place === 'textPrefix') return paths.textPrefix;
  return place === 'elementPrefix' ? paths.elementPrefix : undefined;
}

function isOrdered(bounds: readonly Bounds[]): boolean {
  let last: CompiledRoute | undefined;
  for (const each of bounds) {
    if (last !== undefined && each.first !== undefined && !isBefore(last, each.first)) return false;
    last = each.last;
  }
  return true;
}

/** @returns whether the table has become empty */
function removeFromPrefix(
  prefixes: PrefixTable,
  text: string,
  wanted: WantedValues | undefined,
  route: CompiledRoute,
): boolean {
  const list = prefixes.byText[text];
  if (list === undefined || !removeFromList(list, wanted, route)) return false;
  removeKey(prefixes.byText, text);
  let position = 0;
  while ((prefixes.lengths[position] ?? -1) > text.length) position++;
  const left = (prefixes.counts[position] ?? 1) - 1;
  if (left > 0) {
    prefixes.counts[position] = left;
  } else {
    removeAt(prefixes.lengths, position);
    removeAt(prefixes.counts, position);
    removeAt(prefixes.bounds, position);
    prefixes.ordered = isOrdered(prefixes.bounds);
  }
  return prefixes.lengths.length === 0;
}

function insertEntry(list: EntryList, wanted: WantedValues | undefined, entry: Entry): void {
  if (wanted === undefined) {
    insertInOrder(list, entry);
    return;
  }
  const table = openValueTable(list, wanted.term);
  for (const value of wanted.values) {
    let entries = table.entries[value];
    if (entries === undefined) {
      entries = [];
      table.entries[value] = entries;
      table.count++;
    }
    insertInOrder(entries, entry);
  }
}

function insertInOrder(entries: Entry[], entry: Entry): void {
  insertAt(entries, lowerBound(entries, entry.route), entry);
}

/** @returns whether the list has become empty */
function removeFromList(list: EntryList, wanted: WantedValues | undefined, route: CompiledRoute): boolean {
  if (wanted === undefined) removeInOrder(list, route);
  else removeFromValues(list, wanted, route);
  return list.length === 0 && list.byValue === undefined;
}

function removeFromValues(list: EntryList, wanted: WantedValues, route: CompiledRoute): void {
  const tables = list.byValue;
  if (tables === undefined) return;
  const position = positionOfTable(tables, wanted.term);
  const table = tables[position];
  if (table === undefined) return;
  for (const value of wanted.values) {
    const entries = table.entries[value];
    if (entries !== undefined) {
      removeInOrder(entries, route);
      if (entries.length === 0) {
        removeKey(table.entries, value);
        table.count--;
      }
    }
  }
  if (table.count === 0) removeAt(tables, position);
  if (tables.length === 0) list.byValue = undefined;
}

function removeInOrder(entries: Entry[], route: CompiledRoute): void {
  const position = lowerBound(entries, route);
  const entry = entries[position];
  if (entry !== undefined && entry.route === route) removeAt(entries, position);
}

/** Tables are sorted, so that the order in which routes come does not matter. */
function openValueTable(list: EntryList, term: CompiledTerm): ValueTable {
  const tables = list.byValue ?? [];
  if (list.byValue === undefined) list.byValue = tables;
  const position = positionOfTable(tables, term);
  const existing = tables[position];
  if (existing !== undefined && existing.subject === term.subject && existing.name === term.name) return existing;
  const { subject, name, otherName } = term;
  const table: ValueTable =
    otherName === undefined
      ? { subject, name, entries: emptyTable(), count: 0 }
      : { subject, name, otherName, entries: emptyTable(), count: 0 };
  insertAt(tables, position, table);
  return table;
}

/** Where the table of a term is, or would be. */
function positionOfTable(tables: readonly ValueTable[], term: CompiledTerm): number {
  let position = 0;
  for (const table of tables) {
    if (table.subject > term.subject || (table.subject === term.subject && table.name >= term.name)) return position;
    position++;
  }
  return position;
}

/** Position of the first entry that does not stand before `route`. */
function lowerBound(list: readonly Entry[], route: CompiledRoute): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const sum = low + high;
    const middle = (sum - (sum % 2)) / 2;
    const entry = list[middle];
    if (entry !== undefined && isBefore(entry.route, route)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
