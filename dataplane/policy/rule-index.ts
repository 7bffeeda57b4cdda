/**
 * The routes of one port, arranged so that the cost of a match does not grow
 * with their number where they differ by host, exact path or path prefix.
 *
 * Three levels: a table by host (exact name, wildcard suffix, any host), in each
 * of its places a table by path (exact, text prefix, element prefix, rest; none for a host with one path), and
 * there, for routes that want certain values of a header, parameter, cookie,
 * address or method, a table by that value. Every place holds a list in match
 * order of routes together with the terms that the place does not already prove.
 * A request has one place per exact table, one per distinct prefix length, one per
 * dot of the host and one per name of a header or the like; the first match of
 * each list competes, and the foremost wins, so the result is that of a linear
 * scan in match order (property tests in rule-index.test.ts and test/rule-language).
 *
 * A route whose terms have several tests stands in several places. A regex stands
 * where what it begins with stands, or in the rest list, which is scanned in order.
 *
 * What usually has one or two turns is written as a tail call: LuaJIT does not
 * compile a function with a loop that is left on its first turn, and one such loop
 * keeps the whole request path in the interpreter.
 *
 * Decision and alternatives: docs/adr/0003-rule-index.md.
 */
import { byteAt, emptyTable, indexOf, insertAt, removeAt, removeKey, slice } from '#platform';
import type { RequestView } from './request-view.ts';
import { type CompiledRoute, isBefore } from './route.ts';
import { type CompiledTerm, subjectValue, termHolds } from './term.ts';

/** Beyond this many combinations of host and path a route is placed by host only. */
const MAX_COMBINATIONS = 256;
/** From here on a list is scanned by a loop. */
const LONG_LIST = 8;
const SLASH = 47;

export interface RuleIndex {
  readonly exactHosts: Record<string, HostPaths>;
  /** By the part after `*`, for wildcards that stand for one label. */
  readonly oneLabel: Record<string, HostPaths>;
  /** The same for wildcards that stand for one or more labels. */
  readonly manyLabels: Record<string, HostPaths>;
  anyHost: HostPaths | undefined;
  /** Number of keys of the tables above. */
  exactHostCount: number;
  oneLabelCount: number;
  manyLabelsCount: number;
}

/**
 * The paths of one host. Most hosts have one, which needs no tables: with many hosts, what a match costs is what it
 * misses in the processor's caches.
 */
interface HostPaths {
  /** The only place, and its routes; without `list` there are none, or {@link index} has them. */
  place: PathPlace;
  text: string;
  list: EntryList | undefined;
  index: PathIndex | undefined;
}

/** Fields without content are absent, which saves memory. */
interface PathIndex {
  exact: Record<string, EntryList> | undefined;
  exactCount: number;
  textPrefix: PrefixTable | undefined;
  elementPrefix: PrefixTable | undefined;
  rest: EntryList | undefined;
}

interface PrefixTable {
  readonly byText: Record<string, EntryList>;
  /** The distinct lengths of the keys, longest first, and how many keys have each. */
  readonly lengths: number[];
  readonly counts: number[];
}

/** In match order; routes that want certain values stand in tables by them, which most lists do not have. */
interface EntryList extends Array<Entry> {
  byValue?: ValueTable[] | undefined;
}

/** Routes by the value that the request must have in one place. */
interface ValueTable {
  readonly subject: CompiledTerm['subject'];
  readonly name: string;
  readonly otherName?: string;
  readonly entries: Record<string, Entry[]>;
  /** Number of keys. */
  count: number;
}

interface Entry {
  readonly route: CompiledRoute;
  /** What is left to test in this place. */
  readonly terms: readonly CompiledTerm[];
}

type HostPlace = 'exact' | 'oneLabel' | 'manyLabels' | 'any';
type PathPlace = 'exact' | 'textPrefix' | 'elementPrefix' | 'rest';

interface Key<P> {
  readonly place: P;
  readonly text: string;
}

/** Shared by all entries without terms, to save memory. */
const NO_TERMS: readonly CompiledTerm[] = [];
const ANY_HOST: readonly Key<HostPlace>[] = [{ place: 'any', text: '' }];
const NOWHERE: Key<PathPlace> = { place: 'rest', text: '' };
const ANY_PATH: readonly Key<PathPlace>[] = [NOWHERE];

export function newRuleIndex(): RuleIndex {
  return {
    exactHosts: emptyTable(),
    oneLabel: emptyTable(),
    manyLabels: emptyTable(),
    anyHost: undefined,
    exactHostCount: 0,
    oneLabelCount: 0,
    manyLabelsCount: 0,
  };
}

/** Adds a route that is not in the index. Cost: its places, each with a binary search. */
export function addRoute(index: RuleIndex, route: CompiledRoute): void {
  const placement = placementOf(route);
  const entry: Entry = { route, terms: placement.terms };
  for (const host of placement.hosts) {
    const paths = openHost(index, host);
    for (const path of placement.paths) insertEntry(openHostList(paths, path), placement.wanted, entry);
  }
}

/** Removes a route that was added: the same object. */
export function removeRoute(index: RuleIndex, route: CompiledRoute): void {
  const placement = placementOf(route);
  for (const host of placement.hosts) {
    const paths = findHost(index, host);
    if (paths !== undefined) {
      for (const path of placement.paths) removeFromHost(paths, path, placement.wanted, route);
      if (paths.list === undefined && paths.index === undefined) dropHost(index, host);
    }
  }
}

/** The foremost route that takes the request, undefined when there is none. */
export function matchRoute(index: RuleIndex, request: RequestView): CompiledRoute | undefined {
  let best: CompiledRoute | undefined;
  if (index.exactHostCount > 0) {
    const paths = index.exactHosts[request.host()];
    if (paths !== undefined) best = matchHost(paths, request, best);
  }
  if (index.oneLabelCount > 0 || index.manyLabelsCount > 0) best = matchSuffixes(index, request, best);
  if (index.anyHost !== undefined) best = matchHost(index.anyHost, request, best);
  return best;
}

function matchSuffixes(
  index: RuleIndex,
  request: RequestView,
  found: CompiledRoute | undefined,
): CompiledRoute | undefined {
  const host = request.host();
  const dot = indexOf(host, '.', 0);
  let best = found;
  if (dot > 0) {
    const paths = index.oneLabel[slice(host, dot, host.length)];
    if (paths !== undefined) best = matchHost(paths, request, best);
  }
  return index.manyLabelsCount === 0 ? best : matchManyLabels(index, host, dot, request, best);
}

/** Tries the part of `host` from `dot` on and those from later dots on. */
function matchManyLabels(
  index: RuleIndex,
  host: string,
  dot: number,
  request: RequestView,
  found: CompiledRoute | undefined,
): CompiledRoute | undefined {
  if (dot < 0) return found;
  let best = found;
  if (dot > 0) {
    const paths = index.manyLabels[slice(host, dot, host.length)];
    if (paths !== undefined) best = matchHost(paths, request, best);
  }
  return matchManyLabels(index, host, indexOf(host, '.', dot + 1), request, best);
}

function matchHost(
  paths: HostPaths,
  request: RequestView,
  found: CompiledRoute | undefined,
): CompiledRoute | undefined {
  const { list, index } = paths;
  if (list === undefined) return index === undefined ? found : matchPaths(index, request, found);
  return isAt(paths.place, paths.text, request) ? matchList(list, request, found) : found;
}

/** Reports whether the path of the request belongs to a place. */
function isAt(place: PathPlace, text: string, request: RequestView): boolean {
  if (place === 'rest') return true;
  const path = request.path();
  if (place === 'exact') return path === text;
  if (slice(path, 0, text.length) !== text) return false;
  return place === 'textPrefix' || path.length === text.length || byteAt(path, text.length) === SLASH;
}

function matchPaths(
  paths: PathIndex,
  request: RequestView,
  found: CompiledRoute | undefined,
): CompiledRoute | undefined {
  let best = found;
  const exact = paths.exact;
  if (exact !== undefined) {
    const list = exact[request.path()];
    if (list !== undefined) best = matchList(list, request, best);
  }
  if (paths.textPrefix !== undefined) best = matchTextPrefix(paths.textPrefix, 0, request, best);
  if (paths.elementPrefix !== undefined) best = matchElementPrefix(paths.elementPrefix, 0, request, best);
  if (paths.rest !== undefined) best = matchList(paths.rest, request, best);
  return best;
}

/** Tries the prefixes of the lengths from `position` on. */
function matchTextPrefix(
  prefixes: PrefixTable,
  position: number,
  request: RequestView,
  found: CompiledRoute | undefined,
): CompiledRoute | undefined {
  const length = prefixes.lengths[position];
  if (length === undefined) return found;
  const path = request.path();
  let best = found;
  if (length <= path.length) {
    const list = prefixes.byText[slice(path, 0, length)];
    if (list !== undefined) best = matchList(list, request, best);
  }
  return matchTextPrefix(prefixes, position + 1, request, best);
}

/** The same where a prefix must end at the end of an element. */
function matchElementPrefix(
  prefixes: PrefixTable,
  position: number,
  request: RequestView,
  found: CompiledRoute | undefined,
): CompiledRoute | undefined {
  const length = prefixes.lengths[position];
  if (length === undefined) return found;
  const path = request.path();
  let best = found;
  if (length === path.length || (length < path.length && byteAt(path, length) === SLASH)) {
    const list = prefixes.byText[slice(path, 0, length)];
    if (list !== undefined) best = matchList(list, request, best);
  }
  return matchElementPrefix(prefixes, position + 1, request, best);
}

function matchList(list: EntryList, request: RequestView, found: CompiledRoute | undefined): CompiledRoute | undefined {
  const tables = list.byValue;
  if (tables === undefined) return firstMatch(list, 0, request, found);
  // Routes that want more come first, usually.
  return firstMatch(list, 0, request, matchValues(tables, 0, request, found));
}

/** Tries the tables from `position` on. */
function matchValues(
  tables: readonly ValueTable[],
  position: number,
  request: RequestView,
  found: CompiledRoute | undefined,
): CompiledRoute | undefined {
  const table = tables[position];
  if (table === undefined) return found;
  let best = found;
  if (table.subject === 'query') {
    const values = request.query(table.name);
    if (values !== undefined) best = matchEachValue(table, values, 0, request, best);
  } else {
    const value = subjectValue(table, request);
    if (value !== undefined) best = matchValue(table, value, request, best);
  }
  return matchValues(tables, position + 1, request, best);
}

/** Any value of a parameter will do. */
function matchEachValue(
  table: ValueTable,
  values: readonly string[],
  position: number,
  request: RequestView,
  found: CompiledRoute | undefined,
): CompiledRoute | undefined {
  const value = values[position];
  if (value === undefined) return found;
  return matchEachValue(table, values, position + 1, request, matchValue(table, value, request, found));
}

function matchValue(
  table: ValueTable,
  value: string,
  request: RequestView,
  found: CompiledRoute | undefined,
): CompiledRoute | undefined {
  const list = table.entries[value];
  return list === undefined ? found : firstMatch(list, 0, request, found);
}

/** The first route of `list` from `position` on that takes the request, if it stands before `found`; else `found`. */
function firstMatch(
  list: readonly Entry[],
  position: number,
  request: RequestView,
  found: CompiledRoute | undefined,
): CompiledRoute | undefined {
  if (position === LONG_LIST) return firstMatchOfMany(list, request, found);
  const entry = list[position];
  if (entry === undefined || (found !== undefined && !isBefore(entry.route, found))) return found;
  if (allHold(entry.terms, 0, request)) return entry.route;
  return firstMatch(list, position + 1, request, found);
}

/** The same from {@link LONG_LIST} on, as a loop. */
function firstMatchOfMany(
  list: readonly Entry[],
  request: RequestView,
  found: CompiledRoute | undefined,
): CompiledRoute | undefined {
  for (let i = LONG_LIST; i < list.length; i++) {
    const entry = list[i];
    if (entry === undefined || (found !== undefined && !isBefore(entry.route, found))) return found;
    if (allHold(entry.terms, 0, request)) return entry.route;
  }
  return found;
}

/** Reports whether the terms from `position` on hold. */
function allHold(terms: readonly CompiledTerm[], position: number, request: RequestView): boolean {
  const term = terms[position];
  if (term === undefined) return true;
  return termHolds(term, request) ? allHold(terms, position + 1, request) : false;
}

// Placement: which lists a route stands in. Computed again on removal rather than kept.

interface Placement {
  readonly hosts: readonly Key<HostPlace>[];
  readonly paths: readonly Key<PathPlace>[];
  /** Which table by value, and under which values; absent: the list itself. */
  readonly wanted?: WantedValues;
  readonly terms: readonly CompiledTerm[];
}

interface WantedValues {
  readonly term: CompiledTerm;
  readonly values: readonly string[];
}

interface PathKeys {
  readonly keys: readonly Key<PathPlace>[];
  /** Whether standing there proves the term. */
  readonly prove: boolean;
}

function placementOf(route: CompiledRoute): Placement {
  let hosts: readonly Key<HostPlace>[] | undefined;
  let paths: PathKeys | undefined;
  let hostTerm: CompiledTerm | undefined;
  let pathTerm: CompiledTerm | undefined;
  for (const term of route.terms) {
    if (term.subject === 'host' && hosts === undefined) {
      hosts = hostKeys(term);
      hostTerm = term;
    } else if (term.subject === 'path' && paths === undefined) {
      paths = pathKeys(term);
      pathTerm = term;
    }
  }
  if (hosts !== undefined && paths !== undefined && hosts.length * paths.keys.length > MAX_COMBINATIONS) {
    paths = undefined;
  }
  const pathPlaces = paths === undefined ? ANY_PATH : paths.keys;
  const combinations = (hosts ?? ANY_HOST).length * pathPlaces.length;
  const wanted = wantedValues(route.terms, MAX_COMBINATIONS / combinations);
  // A term without tests never holds: the route stands nowhere.
  if (pathPlaces.length === 0 || (wanted !== undefined && wanted.values.length === 0)) hosts = [];
  const hostPlaces = hosts ?? ANY_HOST;
  const terms: CompiledTerm[] = [];
  for (const term of route.terms) {
    const proved =
      (term === hostTerm && hosts !== undefined) ||
      (term === pathTerm && paths !== undefined && paths.prove) ||
      (wanted !== undefined && term === wanted.term);
    if (!proved) terms.push(term);
  }
  const left = terms.length === 0 ? NO_TERMS : terms;
  return wanted === undefined
    ? { hosts: hostPlaces, paths: pathPlaces, terms: left }
    : { hosts: hostPlaces, paths: pathPlaces, wanted, terms: left };
}

/** The values of the first term that wants certain ones; methods, of which there are few, only when nothing else does. */
function wantedValues(terms: readonly CompiledTerm[], most: number): WantedValues | undefined {
  let ofMethod: WantedValues | undefined;
  for (const term of terms) {
    const values = term.subject === 'host' || term.subject === 'path' ? undefined : valuesOf(term);
    if (values !== undefined && values.length <= most) {
      if (term.subject !== 'method') return { term, values };
      if (ofMethod === undefined) ofMethod = { term, values };
    }
  }
  return ofMethod;
}

/** Undefined when one of the tests wants something else than certain values. */
function valuesOf(term: CompiledTerm): readonly string[] | undefined {
  const values: string[] = [];
  for (const test of term.tests) {
    if (test.op === 'equal') {
      values.push(test.value);
    } else if (test.op === 'in') {
      for (const value of test.values) values.push(value);
    } else {
      return undefined;
    }
  }
  return values;
}

/** The places of a host term, undefined when one of its tests has none. */
function hostKeys(term: CompiledTerm): readonly Key<HostPlace>[] | undefined {
  const keys: Key<HostPlace>[] = [];
  for (const test of term.tests) {
    switch (test.op) {
      case 'equal':
        addKey(keys, 'exact', test.value);
        break;
      case 'in':
        for (const value of test.values) addKey(keys, 'exact', value);
        break;
      case 'hostSuffix':
        addKey(keys, test.labels === 'one' ? 'oneLabel' : 'manyLabels', test.value);
        break;
      default:
        return undefined;
    }
  }
  return keys;
}

/** The places of a path term, undefined when one of its tests has none. */
function pathKeys(term: CompiledTerm): PathKeys | undefined {
  const keys: Key<PathPlace>[] = [];
  let prove = true;
  for (const test of term.tests) {
    switch (test.op) {
      case 'equal':
        addKey(keys, 'exact', test.value);
        break;
      case 'in':
        for (const value of test.values) addKey(keys, 'exact', value);
        break;
      case 'prefix':
        addKey(keys, 'textPrefix', test.value);
        break;
      case 'pathPrefix':
        addKey(keys, 'elementPrefix', test.value);
        break;
      case 'regex':
        if (test.prefix === '') return undefined;
        addKey(keys, 'textPrefix', test.prefix);
        prove = false;
        break;
      default:
        return undefined;
    }
  }
  return { keys, prove };
}

function addKey<P>(keys: Key<P>[], place: P, text: string): void {
  keys.push({ place, text });
}

function findHost(index: RuleIndex, host: Key<HostPlace>): HostPaths | undefined {
  switch (host.place) {
    case 'exact':
      return index.exactHosts[host.text];
    case 'oneLabel':
      return index.oneLabel[host.text];
    case 'manyLabels':
      return index.manyLabels[host.text];
    case 'any':
      return index.anyHost;
  }
}

function openHost(index: RuleIndex, host: Key<HostPlace>): HostPaths {
  const existing = findHost(index, host);
  if (existing !== undefined) return existing;
  const paths: HostPaths = { place: 'rest', text: '', list: undefined, index: undefined };
  switch (host.place) {
    case 'exact':
      index.exactHosts[host.text] = paths;
      index.exactHostCount++;
      break;
    case 'oneLabel':
      index.oneLabel[host.text] = paths;
      index.oneLabelCount++;
      break;
    case 'manyLabels':
      index.manyLabels[host.text] = paths;
      index.manyLabelsCount++;
      break;
    case 'any':
      index.anyHost = paths;
      break;
  }
  return paths;
}

function dropHost(index: RuleIndex, host: Key<HostPlace>): void {
  switch (host.place) {
    case 'exact':
      removeKey(index.exactHosts, host.text);
      index.exactHostCount--;
      break;
    case 'oneLabel':
      removeKey(index.oneLabel, host.text);
      index.oneLabelCount--;
      break;
    case 'manyLabels':
      removeKey(index.manyLabels, host.text);
      index.manyLabelsCount--;
      break;
    case 'any':
      index.anyHost = undefined;
      break;
  }
}

function openHostList(paths: HostPaths, path: Key<PathPlace>): EntryList {
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
  setOnly(paths, NOWHERE, undefined);
  paths.index = index;
  return openList(index, path);
}

function setOnly(paths: HostPaths, { place, text }: Key<PathPlace>, list: EntryList | undefined): void {
  paths.place = place;
  paths.text = text;
  paths.list = list;
}

function removeFromHost(
  paths: HostPaths,
  path: Key<PathPlace>,
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
function onlyPlace(paths: PathIndex): Key<PathPlace> | undefined {
  const places: Key<PathPlace>[] = [];
  if (paths.rest !== undefined) places.push({ place: 'rest', text: '' });
  addKeys(places, 'exact', paths.exact);
  addKeys(places, 'textPrefix', paths.textPrefix === undefined ? undefined : paths.textPrefix.byText);
  addKeys(places, 'elementPrefix', paths.elementPrefix === undefined ? undefined : paths.elementPrefix.byText);
  return places.length === 1 ? places[0] : undefined;
}

/** Two are as good as all of them. */
function addKeys(
  places: Key<PathPlace>[],
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
function openList(paths: PathIndex, path: Key<PathPlace>): EntryList {
  return findList(paths, path) ?? putList(paths, path, []);
}

function findList(paths: PathIndex, { place, text }: Key<PathPlace>): EntryList | undefined {
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
function putList(paths: PathIndex, { place, text }: Key<PathPlace>, list: EntryList): EntryList {
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
  path: Key<PathPlace>,
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
  return { byText: emptyTable(), lengths: [], counts: [] };
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
  }
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
