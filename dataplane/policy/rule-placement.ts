/** Which lists of the rule index a route stands in. Computed again on removal rather than kept. */
import type { CompiledRoute } from './route.ts';
import type { CompiledTerm } from './term.ts';

/** Beyond this many combinations of host and path a route is placed by host only. */
const MAX_COMBINATIONS = 256;

export type HostPlace = 'exact' | 'oneLabel' | 'manyLabels' | 'any';
export type PathPlace = 'exact' | 'textPrefix' | 'elementPrefix' | 'rest';

export interface PlaceKey<P> {
  readonly place: P;
  readonly text: string;
}

/** Shared by all entries without terms, to save memory. */
const NO_TERMS: readonly CompiledTerm[] = [];
const ANY_HOST: readonly PlaceKey<HostPlace>[] = [{ place: 'any', text: '' }];
export const NOWHERE: PlaceKey<PathPlace> = { place: 'rest', text: '' };
const ANY_PATH: readonly PlaceKey<PathPlace>[] = [NOWHERE];

export interface Placement {
  readonly hosts: readonly PlaceKey<HostPlace>[];
  readonly paths: readonly PlaceKey<PathPlace>[];
  /** Which table by value, and under which values; absent: the list itself. */
  readonly wanted?: WantedValues;
  readonly terms: readonly CompiledTerm[];
}

export interface WantedValues {
  readonly term: CompiledTerm;
  readonly values: readonly string[];
}

interface PathKeys {
  readonly keys: readonly PlaceKey<PathPlace>[];
  /** Whether standing there proves the term. */
  readonly prove: boolean;
}

export function placementOf(route: CompiledRoute): Placement {
  let hosts: readonly PlaceKey<HostPlace>[] | undefined;
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
function hostKeys(term: CompiledTerm): readonly PlaceKey<HostPlace>[] | undefined {
  const keys: PlaceKey<HostPlace>[] = [];
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
  const keys: PlaceKey<PathPlace>[] = [];
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

function addKey<P>(keys: PlaceKey<P>[], place: P, text: string): void {
  keys.push({ place, text });
}
