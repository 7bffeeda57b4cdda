/** Routes and which of them takes a request: one table for the engine in Node and its LuaJIT build. Data only. */
import type { RouteRecord, Term, Test } from './record.ts';
import type { RequestFacts } from './request-facts.ts';

export interface MatchCase {
  readonly name: string;
  readonly routes: readonly RouteRecord[];
  readonly requests: readonly (RequestFacts & { readonly want: string | undefined })[];
}

function route(
  id: string,
  match: readonly Term[],
  order: Partial<Pick<RouteRecord, 'priority' | 'specificity' | 'tie'>> = {},
): RouteRecord {
  return {
    type: 'route',
    id,
    ports: ['80'],
    match,
    priority: 5,
    specificity: [],
    tie: id,
    action: { type: 'respond', status: 200 },
    name: id,
    sourceType: '',
    sourceNamespace: '',
    sourceName: '',
    ...order,
  };
}

function term(subject: Term['subject'], ...tests: Test[]): Term {
  return { subject, tests };
}

function named(subject: 'header' | 'query' | 'cookie', name: string, ...tests: Test[]): Term {
  return { subject, name, tests };
}

const DOCUMENTED: readonly Term[] = [
  term('method', { op: 'equal', value: 'POST' }),
  term('path', { op: 'prefix', value: '/app-a' }, { op: 'prefix', value: '/app-b' }),
  named('query', 'group', { op: 'equal', value: 'vip' }),
  term('host', { op: 'hostSuffix', value: '.app.com', labels: 'one' }),
  named('header', 'location', { op: 'in', values: ['east-1', 'east-2'] }),
  named('cookie', 'uid', { op: 'exists' }),
  term('sourceAddress', { op: 'range', low: '1.1.1.1', high: '1.1.1.100' }),
];
const DOCUMENTED_REQUEST: RequestFacts = {
  method: 'POST',
  path: '/app-b/x',
  query: 'group=vip',
  host: 'x.app.com',
  headers: { location: ['east-2'], cookie: ['uid=1'] },
  sourceAddress: '1.1.1.50',
};

export const MATCH_CASES: readonly MatchCase[] = [
  {
    name: 'ALB-06 AND of terms, OR of rows',
    routes: [route('r', DOCUMENTED)],
    requests: [
      { ...DOCUMENTED_REQUEST, want: 'r' },
      { ...DOCUMENTED_REQUEST, method: 'GET', want: undefined },
      { ...DOCUMENTED_REQUEST, path: '/app-c', want: undefined },
      { ...DOCUMENTED_REQUEST, query: 'group=vap', want: undefined },
      { ...DOCUMENTED_REQUEST, host: 'x.y.app.com', want: undefined },
      { ...DOCUMENTED_REQUEST, headers: { location: ['east-3'], cookie: ['uid=1'] }, want: undefined },
      { ...DOCUMENTED_REQUEST, headers: { location: ['east-2'] }, want: undefined },
      { ...DOCUMENTED_REQUEST, sourceAddress: '1.1.1.101', want: undefined },
    ],
  },
  {
    name: 'ALB-07 hosts and one-label wildcards',
    routes: [
      route('in', [term('host', { op: 'in', values: ['a.com', 'b.com'] })]),
      route('wild', [term('host', { op: 'hostSuffix', value: '.app.com', labels: 'one' })]),
      route('many', [term('host', { op: 'hostSuffix', value: '.gw.com', labels: 'many' })]),
    ],
    requests: [
      { host: 'a.com', want: 'in' },
      { host: 'c.com', want: undefined },
      { host: 'a.app.com', want: 'wild' },
      { host: 'app.com', want: undefined },
      { host: 'a.b.app.com', want: undefined },
      { host: '.app.com', want: undefined },
      { host: 'a.gw.com', want: 'many' },
      { host: 'a.b.gw.com', want: 'many' },
      { host: 'gw.com', want: undefined },
      { host: '', want: undefined },
    ],
  },
  {
    name: 'ALB-08 paths: prefix, exact, regex, element prefix',
    routes: [
      route('blank', [term('path', { op: 'prefix', value: '/a b' })]),
      route('exact', [term('path', { op: 'equal', value: '/x' })]),
      route('regex', [term('path', { op: 'regex', pattern: '^/v[0-9]+/' })]),
      route('caseless', [term('path', { op: 'regex', pattern: '^/shout$', ignoreCase: true })]),
      route('element', [term('path', { op: 'pathPrefix', value: '/el' })]),
      route('suffix', [term('path', { op: 'suffix', value: '.png' })]),
    ],
    requests: [
      { path: '/a b/c', want: 'blank' },
      { path: '/x', want: 'exact' },
      { path: '/x/', want: undefined },
      { path: '/v2/z', want: 'regex' },
      { path: '/vv/z', want: undefined },
      { path: '/SHOUT', want: 'caseless' },
      { path: '/shout\n', want: undefined },
      { path: '/el', want: 'element' },
      { path: '/el/a', want: 'element' },
      { path: '/elf', want: undefined },
      { path: '/i/a.png', want: 'suffix' },
    ],
  },
  {
    name: 'ALB-09 headers, parameters, cookies',
    routes: [
      route('env', [named('header', 'x-env', { op: 'equal', value: 'dev' })]),
      route('under', [named('header', 'x_other', { op: 'exists' })]),
      route('joined', [named('header', 'x-list', { op: 'equal', value: '1, 2' })]),
      route('param', [named('query', 'a', { op: 'exists' })]),
      route('second', [named('query', 'b', { op: 'equal', value: '2 %' })]),
      route('cookie', [named('cookie', 'uid', { op: 'regex', pattern: '' })]),
    ],
    requests: [
      { headers: { 'X-Env': ['dev'] }, want: 'env' },
      { headers: { 'X-Other': [''] }, want: 'under' },
      { headers: { 'X-List': ['1', '2'] }, want: 'joined' },
      { query: 'a', want: 'param' },
      { query: 'A=1', want: undefined },
      { query: 'b=1&b=2+%25', want: 'second' },
      { query: 'x=1&&b=', want: undefined },
      { headers: { cookie: ['x=1; uid='] }, want: 'cookie' },
      { headers: { cookie: ['xuid=1; Uid=2'] }, want: undefined },
      { want: undefined },
    ],
  },
  {
    name: 'ALB-10 address ranges',
    routes: [
      route('v6', [term('sourceAddress', { op: 'range', low: '2001:db8::1', high: '[2001:db8::ff]' })]),
      route('v4', [term('sourceAddress', { op: 'range', low: '9.0.0.0', high: '10.0.0.255' })]),
      route('text', [named('header', 'x', { op: 'range', low: 'b', high: 'd' })]),
    ],
    requests: [
      { sourceAddress: '2001:db8::10', want: 'v6' },
      { sourceAddress: '2001:db8::100', want: undefined },
      { sourceAddress: '10.0.0.9', want: 'v4' },
      { sourceAddress: '10.0.1.0', want: undefined },
      { sourceAddress: '8.255.255.255', want: undefined },
      { headers: { x: ['bz'] }, want: 'text' },
      { headers: { x: ['da'] }, want: undefined },
    ],
  },
  {
    name: 'ALB-11, ALB-12 priority before specificity',
    routes: [
      route('first', [term('path', { op: 'prefix', value: '/p' })], { priority: 4 }),
      route('exact', [term('host', { op: 'equal', value: 'a.com' }), term('path', { op: 'equal', value: '/p/x' })], {
        specificity: [52_000],
      }),
      route('host', [term('host', { op: 'equal', value: 'a.com' })], { specificity: [50_000] }),
      route('wild', [term('host', { op: 'hostSuffix', value: '.com', labels: 'one' })], { specificity: [10_000] }),
      route('path', [term('path', { op: 'prefix', value: '/long/path' })], { specificity: [1012] }),
      route('all', [], { priority: 999 }),
    ],
    requests: [
      { host: 'a.com', path: '/p/x', want: 'first' },
      { host: 'a.com', path: '/long/path', want: 'host' },
      { host: 'b.com', path: '/long/path', want: 'wild' },
      { host: 'c.org', path: '/long/path', want: 'path' },
      { host: 'c.org', path: '/', want: 'all' },
    ],
  },
  {
    name: 'ALB-13 ties, a missing specificity element counts as 0',
    routes: [route('r-b', []), route('r-a', []), route('r-0', [], { specificity: [-1] })],
    requests: [{ want: 'r-a' }],
  },
  {
    name: 'texts are compared as UTF-8 bytes',
    routes: [
      route('umlaut', [term('path', { op: 'prefix', value: '/ü' })]),
      route('two-bytes', [term('path', { op: 'regex', pattern: '^/..$' })]),
      route('constructor', [term('host', { op: 'equal', value: 'constructor' })]),
    ],
    requests: [
      { path: '/über', want: 'umlaut' },
      { path: '/ß', want: 'two-bytes' },
      { path: '/abc', host: '__proto__', want: undefined },
      { path: '/abc', host: 'constructor', want: 'constructor' },
    ],
  },
];
