/**
 * The routes of one port, arranged so that the cost of a match does not grow
 * with their number where they differ by host, exact path or path prefix.
 *
 * Three levels: a table by host (exact name, wildcard suffix, any host), in each
 * of its places a table by path (exact, text prefix, element prefix, rest; none for a host with one path), and
 * there, for routes that want certain values of a header, parameter, cookie,
 * address or method, a table by that value. Every place holds a list in match
 * order of routes together with the terms that the place does not already prove.
 * A request has one place per exact table, one per distinct prefix length (up to the first match, where longer
 * prefixes come first), one per
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
import { byteAt, emptyTable, indexOf, removeKey, slice } from '#platform';
import {
  addToHost,
  type Entry,
  type EntryList,
  type HostPaths,
  type PathIndex,
  type PrefixTable,
  removeFromHost,
  type ValueTable,
} from './host-paths.ts';
import type { RequestView } from './request-view.ts';
import { type CompiledRoute, isBefore } from './route.ts';
import { type HostPlace, type PathPlace, type PlaceKey, placementOf } from './rule-placement.ts';
import { type CompiledTerm, subjectValue, termHolds } from './term.ts';

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
    for (const path of placement.paths) addToHost(paths, path, placement.wanted, entry);
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
    if (prefixes.ordered && best !== found) return best;
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
    if (prefixes.ordered && best !== found) return best;
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

function findHost(index: RuleIndex, host: PlaceKey<HostPlace>): HostPaths | undefined {
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

function openHost(index: RuleIndex, host: PlaceKey<HostPlace>): HostPaths {
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

function dropHost(index: RuleIndex, host: PlaceKey<HostPlace>): void {
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
