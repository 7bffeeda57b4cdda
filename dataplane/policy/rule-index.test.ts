import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MATCH_CASES } from './match-cases.ts';
import type { RouteRecord, Term, Test } from './record.ts';
import { type RequestFacts, requestView } from './request-facts.ts';
import { type CompiledRoute, compileRoute, isBefore } from './route.ts';
import { addRoute, matchRoute, newRuleIndex, type RuleIndex, removeRoute } from './rule-index.ts';
import { termHolds } from './term.ts';

function linearScan(routes: readonly CompiledRoute[], facts: RequestFacts): string | undefined {
  const request = requestView(facts);
  const inOrder = routes.toSorted((a, b) => (isBefore(a, b) ? -1 : 1));
  return inOrder.find((route) => route.terms.every((term) => termHolds(term, request)))?.id;
}

function indexOf(routes: readonly CompiledRoute[]): RuleIndex {
  const index = newRuleIndex();
  for (const route of routes) addRoute(index, route);
  return index;
}

describe('cases shared with LuaJIT', () => {
  for (const { name, routes, requests } of MATCH_CASES) {
    test(name, () => {
      const index = indexOf(routes.map(compileRoute));
      for (const { want, ...facts } of requests)
        expect.soft(matchRoute(index, requestView(facts))?.id, JSON.stringify(facts)).toBe(want);
    });
  }
});

// A small alphabet, so that hosts, paths and prefixes meet.
const label = fc.constantFrom('a', 'b', 'app');
const hostName = fc.array(label, { minLength: 0, maxLength: 3 }).map((labels) => labels.join('.'));
const path = fc
  .array(fc.constantFrom('a', 'b', 'ab', ''), { maxLength: 3 })
  .map((elements) => `/${elements.join('/')}`);

const hostTest: fc.Arbitrary<Test> = fc.oneof(
  hostName.map((value) => ({ op: 'equal' as const, value })),
  fc.array(hostName, { minLength: 1, maxLength: 3 }).map((values) => ({ op: 'in' as const, values })),
  fc.record({
    op: fc.constant('hostSuffix' as const),
    value: hostName.map((name) => `.${name}`),
    labels: fc.constantFrom('one' as const, 'many' as const),
  }),
  fc.constant({ op: 'regex' as const, pattern: '^a' }),
);
const pathTest: fc.Arbitrary<Test> = fc.oneof(
  path.map((value) => ({ op: 'equal' as const, value })),
  path.map((value) => ({ op: 'prefix' as const, value })),
  path.map((value) => ({ op: 'pathPrefix' as const, value: value.replace(/\/+$/, '') })),
  fc.array(path, { minLength: 1, maxLength: 3 }).map((values) => ({ op: 'in' as const, values })),
  fc.constantFrom('b$', '^/a', '^/a/b*', '^/(a|b)').map((pattern) => ({ op: 'regex' as const, pattern })),
  fc.constant({ op: 'suffix' as const, value: 'b' }),
);
const word = fc.constantFrom('a', 'b', 'POST');
const headerName = fc.constantFrom('x-a', 'x_a');
const valueTest: fc.Arbitrary<Test> = fc.oneof(
  { weight: 3, arbitrary: word.map((value) => ({ op: 'equal' as const, value })) },
  {
    weight: 2,
    arbitrary: fc.array(word, { minLength: 1, maxLength: 2 }).map((values) => ({ op: 'in' as const, values })),
  },
  { weight: 1, arbitrary: fc.constant({ op: 'exists' as const }) },
);
const tests = (one: fc.Arbitrary<Test>): fc.Arbitrary<Test[]> => fc.array(one, { minLength: 0, maxLength: 3 });
const term: fc.Arbitrary<Term> = fc.oneof(
  { weight: 3, arbitrary: tests(hostTest).map((list) => ({ subject: 'host' as const, tests: list })) },
  { weight: 3, arbitrary: tests(pathTest).map((list) => ({ subject: 'path' as const, tests: list })) },
  { weight: 1, arbitrary: tests(valueTest).map((list) => ({ subject: 'method' as const, tests: list })) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('header' as const, 'query' as const, 'cookie' as const), headerName, tests(valueTest))
      .map(([subject, name, list]) => ({ subject, name, tests: list })),
  },
);

const routeRecords: fc.Arbitrary<RouteRecord[]> = fc
  .array(
    fc.record({
      match: fc.array(term, { maxLength: 3 }),
      priority: fc.integer({ min: 1, max: 3 }),
      specificity: fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 2 }),
      tie: fc.constantFrom('x', 'y'),
    }),
    { maxLength: 12 },
  )
  .map((list) =>
    list.map(
      (parts, i): RouteRecord => ({
        type: 'route',
        id: `r${i}`,
        ports: ['80'],
        action: { type: 'respond', status: 200 },
        name: `r${i}`,
        sourceType: '',
        sourceNamespace: '',
        sourceName: '',
        ...parts,
      }),
    ),
  );

const requestFacts: fc.Arbitrary<RequestFacts> = fc.record({
  host: hostName,
  path,
  method: fc.constantFrom('GET', 'POST'),
  headers: fc.constantFrom({}, { 'x-a': ['a'] }, { 'x-a': ['b'], x_a: ['a'], cookie: ['x-a=a; x_a=b'] }),
  query: fc.constantFrom('', 'x-a=a&x-a=b', 'x_a=POST'),
});

test('the index decides as a linear scan in match order', () => {
  fc.assert(
    fc.property(routeRecords, fc.array(requestFacts, { minLength: 1, maxLength: 5 }), (records, requests) => {
      const routes = records.map(compileRoute);
      const index = indexOf(routes);
      for (const facts of requests) expect(matchRoute(index, requestView(facts))?.id).toBe(linearScan(routes, facts));
    }),
    { seed: 20, numRuns: 3000 },
  );
});

test('LIM-27: of a thousand Rules with regexes, those are tried that their host and path leave', () => {
  const routes = Array.from({ length: 1000 }, (_, i) =>
    compileRoute({
      type: 'route',
      id: `r${i}`,
      ports: ['80'],
      match: [
        { subject: 'host', tests: [{ op: 'equal', value: `h${i % 100}.example` }] },
        { subject: 'header', name: `x-${i}`, tests: [{ op: 'regex', pattern: '^yes$' }] },
      ],
      priority: 5,
      specificity: [1000 - i],
      tie: '',
      action: { type: 'respond', status: 200 },
      name: `r${i}`,
      sourceType: '',
      sourceNamespace: '',
      sourceName: '',
    }),
  );
  const view = requestView({ host: 'h7.example', path: '/', method: 'GET', headers: { 'x-907': ['yes'] }, query: '' });
  const asked: string[] = [];
  const counting = {
    ...view,
    header: (name: string) => {
      asked.push(name);
      return view.header(name);
    },
  };
  expect(matchRoute(indexOf(routes), counting)?.id).toBe('r907');
  expect(asked).toEqual(Array.from({ length: 10 }, (_, i) => `x-${i * 100 + 7}`));
});

test('after removals the index is as if the routes had never been there', () => {
  fc.assert(
    fc.property(routeRecords, fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), (records, removed) => {
      const routes = records.map(compileRoute);
      const index = indexOf(routes);
      routes.forEach((route, i) => {
        if (removed[i] === true) removeRoute(index, route);
      });
      expect(placesOf(index)).toEqual(placesOf(indexOf(routes.filter((_, i) => removed[i] !== true))));
    }),
    { seed: 21, numRuns: 1000 },
  );
});

/** All but the bounds of prefixes, which may be those of routes that are gone. */
function placesOf(index: RuleIndex): unknown {
  return JSON.parse(
    JSON.stringify(index, (key, value: unknown) => (key === 'bounds' || key === 'ordered' ? undefined : value)),
  );
}

test('after removals and additions the index decides as a linear scan of what is left', () => {
  const flags = fc.array(fc.boolean(), { minLength: 12, maxLength: 12 });
  fc.assert(
    fc.property(routeRecords, flags, flags, requestFacts, (records, removed, back, facts) => {
      const routes = records.map(compileRoute);
      const index = indexOf(routes);
      const left = new Set(routes);
      routes.forEach((route, i) => {
        if (removed[i] === true && left.delete(route)) removeRoute(index, route);
      });
      routes.forEach((route, i) => {
        if (back[i] !== true || left.has(route)) return;
        left.add(route);
        addRoute(index, route);
      });
      expect(matchRoute(index, requestView(facts))?.id).toBe(linearScan([...left], facts));
    }),
    { seed: 23, numRuns: 2000 },
  );
});

test('of prefixes that stand in the order of their lengths, none is looked at after the first match', () => {
  const index = indexOf(['/a', '/a/b', '/a/b/c'].map((prefix) => compileRoute(prefixRecord(prefix, 5))));
  const facts = { host: '', path: '/a/b/x', method: 'GET', headers: {}, query: '' };
  let asked = 0;
  const view = requestView(facts);
  const counting = {
    ...view,
    path: () => {
      asked++;
      return view.path();
    },
  };
  expect(matchRoute(index, counting)?.id).toBe('/a/b');
  expect(asked).toBe(2);
  // One that is tried before all others takes that away.
  addRoute(index, compileRoute(prefixRecord('/', 1)));
  expect(matchRoute(index, counting)?.id).toBe('/');
});

function prefixRecord(prefix: string, priority: number): RouteRecord {
  return {
    type: 'route',
    id: prefix,
    ports: ['80'],
    match: [{ subject: 'path', tests: [{ op: 'prefix', value: prefix }] }],
    priority,
    specificity: [prefix.length],
    tie: '',
    action: { type: 'respond', status: 200 },
    name: prefix,
    sourceType: '',
    sourceNamespace: '',
    sourceName: '',
  };
}

test('equal input in another order gives the same index', () => {
  fc.assert(
    fc.property(routeRecords, (records) => {
      const routes = records.map(compileRoute);
      expect(indexOf(routes.toReversed())).toEqual(indexOf(routes));
    }),
    { seed: 22, numRuns: 500 },
  );
});
