/** Rules written by hand, from kubectl through nginx to the backend: spec ALB sections 3, 4 and 6. */
import { Agent } from 'node:http';
import type { Rule } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { freePort } from '../e2e/traffic.ts';
import { type Echo, type EchoBackend, startEchoBackend } from './echo-backend.ts';
import { type Answer, type Ask, ask } from './http-request.ts';
import { Installation } from './installation.ts';
import { frontend, group, rule, serviceTo, slice } from './objects.ts';

type Spec = Rule['spec'];
type Dslx = NonNullable<Spec['dslx']>;

let home: Installation;
let backends: Record<string, EchoBackend>;
const ports: Record<string, number> = {};
const names = ['a', 'b', 'c', 'd', 'e'];

/** What `matches` of one frontend of its own each hold: rules by name. */
const rules: Record<string, Record<string, Spec>> = {
  and: {
    documented: {
      dslx: [
        { type: 'METHOD', values: [['EQ', 'POST']] },
        {
          type: 'URL',
          values: [
            ['STARTS_WITH', '/app-a'],
            ['STARTS_WITH', '/app-b'],
          ],
        },
        { type: 'PARAM', key: 'group', values: [['EQ', 'vip']] },
        { type: 'HOST', values: [['ENDS_WITH', '.app.com']] },
        { type: 'HEADER', key: 'location', values: [['IN', 'east-1', 'east-2']] },
        { type: 'COOKIE', key: 'uid', values: [['EXIST']] },
        { type: 'SRC_IP', values: [['RANGE', '127.1.1.1', '127.1.1.100']] },
      ],
      serviceGroup: group({ a: 100 }),
    },
  },
  terms: {
    hosts: to('a', { type: 'HOST', values: [['IN', 'a.com', 'b.com']] }, { type: 'URL', values: [['EQ', '/host']] }),
    wildcard: to(
      'b',
      { type: 'HOST', values: [['ENDS_WITH', '*.app.com']] },
      { type: 'URL', values: [['EQ', '/host']] },
    ),
    decoded: to('a', { type: 'URL', values: [['STARTS_WITH', '/a b']] }),
    exact: to('a', { type: 'URL', values: [['EQ', '/x']] }),
    regex: to('a', { type: 'URL', values: [['REGEX', '^/v[0-9]+/']] }),
    unicode: to('c', { type: 'URL', values: [['STARTS_WITH', '/größe/日本']] }),
    header: to(
      'a',
      { type: 'HEADER', key: 'X-Env', values: [['EQ', 'dev']] },
      { type: 'URL', values: [['EQ', '/header']] },
    ),
    param: to('a', { type: 'PARAM', key: 'a', values: [['EXIST']] }, { type: 'URL', values: [['EQ', '/param']] }),
    'param-regex': to(
      'a',
      { type: 'PARAM', key: 'a', values: [['REGEX', '.*']] },
      { type: 'URL', values: [['EQ', '/param-regex']] },
    ),
    cookie: to('a', { type: 'COOKIE', key: 'uid', values: [['EXIST']] }, { type: 'URL', values: [['EQ', '/cookie']] }),
    address: to(
      'a',
      { type: 'SRC_IP', values: [['RANGE', '127.0.2.0', '127.0.2.255']] },
      { type: 'URL', values: [['EQ', '/address']] },
    ),
    bomb: to('d', { type: 'URL', values: [['REGEX', '^/bomb/(a+)+$']] }),
  },
  complexity: {
    'wildcard-host': to('a', { type: 'HOST', values: [['ENDS_WITH', '*.app.com']] }, prefix('/')),
    host: to('b', { type: 'HOST', values: [['EQ', 'a.app.com']] }, prefix('/')),
    path: to('c', prefix('/long/path')),
    'host-path': to('d', { type: 'HOST', values: [['EQ', 'a.app.com']] }, prefix('/long')),
    'host-exact': to(
      'e',
      { type: 'HOST', values: [['EQ', 'a.app.com']] },
      { type: 'URL', values: [['EQ', '/long/x']] },
    ),
  },
  ties: {
    'r-b': to('b', prefix('/')),
    'r-a': to('a', prefix('/')),
  },
  priority: {
    low: { ...to('a', prefix('/')), priority: 4 },
    specific: { ...to('b', { type: 'HOST', values: [['EQ', 'a.com']] }, { type: 'URL', values: [['EQ', '/x']] }) },
  },
  weights: {
    equal: { dslx: [prefix('/equal')], serviceGroup: group({ pair: 1, c: 1 }) },
    uneven: { dslx: [prefix('/uneven')], serviceGroup: group({ a: 70, b: 30 }) },
    zero: { dslx: [prefix('/zero')], serviceGroup: group({ a: 100, b: 0 }) },
    nothing: { dslx: [prefix('/nothing')], serviceGroup: group({ a: 0, b: 0 }) },
    vhost: { dslx: [prefix('/vhost')], serviceGroup: group({ a: 100 }), vhost: 'b.example' },
  },
};

function to(backend: string, ...dslx: Dslx): Spec {
  return { dslx, serviceGroup: group({ [backend]: 100 }) };
}

function prefix(path: string): Dslx[number] {
  return { type: 'URL', values: [['STARTS_WITH', path]] };
}

beforeAll(async () => {
  home = await Installation.start();
  backends = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await startEchoBackend(name)])));
  await home.addAlb('alb');
  for (const name of Object.keys(rules)) ports[name] = await freePort();
  const written = Object.entries(rules).flatMap(([frontendName, byName]) =>
    Object.entries(byName).map(([name, spec]) => rule({ alb: 'alb', frontend: frontendName, name }, spec)),
  );
  await home.apply(
    ...Object.values(backends).flatMap(serviceTo),
    ...serviceTo({ name: 'pair', port: backends['a']?.port ?? 0 }),
    slice('pair', backends['b']?.port ?? 0, [{ addresses: ['127.0.0.1'], conditions: { ready: true } }], 'pair-2'),
    ...Object.entries(ports).map(([name, port]) => frontend('alb', name, port)),
    ...written,
  );
  await eventually(async () => {
    for (const name of ['ties', 'priority']) expect(await send(name, '/')).toMatchObject({ status: 200 });
    expect(await send('weights', '/vhost')).toMatchObject({ status: 200 });
    expect(await send('complexity', '/long/x', { host: 'a.app.com' })).toMatchObject({ status: 200 });
    expect(await send('terms', '/x')).toMatchObject({ status: 200 });
    expect(await documented()).toMatchObject({ status: 200 });
  });
});

afterAll(async () => {
  await home.stop();
  for (const backend of Object.values(backends)) await backend.close();
});

function send(frontendName: string, path: string, request: Ask = {}): Promise<Answer> {
  return ask(ports[frontendName] ?? 0, path, request);
}

function echoOf(answer: Answer): Echo {
  return JSON.parse(answer.body) as Echo;
}

async function expectFrom(answer: Promise<Answer>, want: string | number): Promise<void> {
  const got = await answer;
  if (typeof want === 'number') expect(got.status).toBe(want);
  else expect([got.status, got.headers['x-backend']]).toEqual([200, want]);
}

interface Documented {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly location?: string;
  readonly cookie?: string;
  readonly from?: string;
}

function documented(changed: Documented = {}): Promise<Answer> {
  const { method = 'POST', path = '/app-b/x?group=vip', host = 'x.app.com', location = 'east-2' } = changed;
  const { cookie = 'uid=1', from = '127.1.1.50' } = changed;
  return send('and', path, { method, host, from, headers: { location, cookie } });
}

describe('AND of terms, OR of rows (ALB-06)', () => {
  const cases: readonly { readonly name: string; readonly changed: Documented; readonly want: string | number }[] = [
    { name: 'all hold', changed: {}, want: 'a' },
    { name: 'the other row', changed: { path: '/app-a?group=vip' }, want: 'a' },
    { name: 'method', changed: { method: 'GET' }, want: 404 },
    { name: 'path', changed: { path: '/app-c?group=vip' }, want: 404 },
    { name: 'parameter', changed: { path: '/app-b/x?group=vap' }, want: 404 },
    { name: 'one label too many', changed: { host: 'x.y.app.com' }, want: 404 },
    { name: 'header', changed: { location: 'east-3' }, want: 404 },
    { name: 'no cookie', changed: { cookie: 'other=1' }, want: 404 },
    { name: 'address', changed: { from: '127.1.1.101' }, want: 404 },
  ];
  test.each(cases)('$name', ({ changed, want }) => expectFrom(documented(changed), want));
});

describe('what terms read', () => {
  const cases: readonly (Ask & { readonly name: string; readonly path: string; readonly want: string | number })[] = [
    { name: 'ALB-07 case and port of the host', path: '/host', host: 'A.com:8080', want: 'a' },
    { name: 'ALB-07 second host', path: '/host', host: 'b.com', want: 'a' },
    { name: 'ALB-07 other host', path: '/host', host: 'c.com', want: 404 },
    { name: 'ALB-07 wildcard', path: '/host', host: 'a.app.com', want: 'b' },
    { name: 'ALB-07 wildcard needs a label', path: '/host', host: 'app.com', want: 404 },
    { name: 'ALB-07 wildcard is one label', path: '/host', host: 'a.b.app.com', want: 404 },
    { name: 'ALB-08 percent-decoded', path: '/a%20b/c', want: 'a' },
    { name: 'ALB-08 query is not part of it', path: '/x?y=1', want: 'a' },
    { name: 'ALB-08 EQ and a slash', path: '/x/', want: 404 },
    { name: 'ALB-08 dot segments and slashes', path: '//y/..///x', want: 'a' },
    { name: 'ALB-08 regex', path: '/v2/z', want: 'a' },
    { name: 'ALB-08 regex does not match', path: '/vv/z', want: 404 },
    { name: 'ALB-08 not ASCII', path: '/gr%C3%B6%C3%9Fe/%E6%97%A5%E6%9C%AC/x', want: 'c' },
    { name: 'ALB-09 header', path: '/header', headers: { 'x-env': 'dev' }, want: 'a' },
    { name: 'ALB-09 no header', path: '/header', want: 404 },
    { name: 'ALB-09 parameter without value', path: '/param?a', want: 'a' },
    { name: 'ALB-09 parameter missing', path: '/param?b', want: 404 },
    { name: 'ALB-09 regex of a missing value', path: '/param-regex', want: 404 },
    { name: 'ALB-09 regex of a value', path: '/param-regex?a=', want: 'a' },
    { name: 'ALB-09 cookie', path: '/cookie', headers: { cookie: 'x=y; uid=' }, want: 'a' },
    { name: 'ALB-09 no cookie', path: '/cookie', want: 404 },
    { name: 'ALB-10 address', path: '/address', from: '127.0.2.7', want: 'a' },
    { name: 'ALB-10 other address', path: '/address', from: '127.0.3.1', want: 404 },
    {
      name: 'ALB-10 forged address',
      path: '/address',
      from: '127.0.3.1',
      headers: { 'x-forwarded-for': '127.0.2.7', 'x-real-ip': '127.0.2.7' },
      want: 404,
    },
  ];
  test.each(cases)('$name', ({ name: _name, path, want, ...request }) =>
    expectFrom(send('terms', path, request), want),
  );
});

test('a regular expression that explodes costs its own request only (design D6)', async () => {
  const bomb = `/bomb/${'a'.repeat(4_000)}!`;
  const started = performance.now();
  const answers = await Promise.all(Array.from({ length: 20 }, () => send('terms', bomb)));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));
  await expectFrom(send('terms', '/x'), 'a');
  await expectFrom(send('terms', '/bomb/aaaa'), 'd');
  console.log(`20 requests against (a+)+$: ${Math.round(performance.now() - started)} ms`);
});

describe('order of rules', () => {
  const cases = [
    { host: 'a.app.com', path: '/long/x', want: 'e' },
    { host: 'a.app.com', path: '/long/y', want: 'd' },
    { host: 'a.app.com', path: '/z', want: 'b' },
    { host: 'b.app.com', path: '/long/path', want: 'a' },
    { host: 'c.org', path: '/long/path', want: 'c' },
    { host: 'c.org', path: '/z', want: 404 },
  ];
  test.each(cases)('ALB-12 complexity: $host $path', ({ host, path, want }) =>
    expectFrom(send('complexity', path, { host }), want),
  );

  test('ALB-13 ties are broken by name, whatever came first', async () => {
    await expectFrom(send('ties', '/'), 'a');
    await home.kubectl(['delete', 'rule', 'r-a', '-n', 'kube-system']);
    await eventually(() => expectFrom(send('ties', '/'), 'b'));
    await home.apply(rule({ alb: 'alb', frontend: 'ties', name: 'r-a' }, to('a', prefix('/'))));
    await eventually(() => expectFrom(send('ties', '/'), 'a'));
  });

  test('ALB-11 priority beats complexity', async () => {
    await expectFrom(send('priority', '/x', { host: 'a.com' }), 'a');
    await home.kubectl([
      ...['patch', 'rule', 'low', '-n', 'kube-system', '--type=merge'],
      ...['-p', '{"spec":{"priority":6}}'],
    ]);
    await eventually(() => expectFrom(send('priority', '/x', { host: 'a.com' }), 'b'));
    await expectFrom(send('priority', '/y', { host: 'a.com' }), 'a');
  });

  test('ALB-05 a Rule that loses a label is out', async () => {
    await home.kubectl(['label', 'rule', 'low', '-n', 'kube-system', 'alb2.cpaas.io/name-']);
    await eventually(() => expectFrom(send('priority', '/y'), 404));
    await home.kubectl(['label', 'rule', 'low', '-n', 'kube-system', 'alb2.cpaas.io/name=alb']);
    await eventually(() => expectFrom(send('priority', '/y'), 'a'));
  });
});

describe('weights', () => {
  /** Answers per backend of so many requests on one connection, so by one worker. */
  async function shares(path: string, requests: number): Promise<Record<string, number>> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const counts: Record<string, number> = {};
    for (let n = 0; n < requests; n++) {
      const { backend } = echoOf(await send('weights', path, { agent }));
      counts[backend] = (counts[backend] ?? 0) + 1;
    }
    agent.destroy();
    return counts;
  }

  test('ALB-61 a Service of two and a Service of one, 1:1', async () => {
    expect(await shares('/equal', 400)).toEqual({ a: 100, b: 100, c: 200 });
  });

  test('ALB-51 70:30', async () => {
    expect(await shares('/uneven', 100)).toEqual({ a: 70, b: 30 });
  });

  test('ALB-61 100:0', async () => {
    expect(await shares('/zero', 50)).toEqual({ a: 50 });
  });

  test('ALB-61 all weights 0', async () => {
    expect(await send('weights', '/nothing')).toMatchObject({
      status: 500,
      body: 'X-Error: 500\n',
      headers: { 'x-alb-err-reason': 'InvalidBalancer : no peer' },
    });
  });
});

test('ALB-74 vhost, and ALB-75 what the backend is told', async () => {
  const answer = await send('weights', '/vhost/x?y=1', {
    host: 'a.com:8080',
    headers: { 'x-forwarded-for': '9.9.9.9', x_under_score: '1' },
  });
  expect(answer.headers).toMatchObject({ via: 'alb' });
  expect(answer.headers.server ?? '').not.toMatch(/\d/);
  expect(echoOf(answer)).toMatchObject({
    url: '/vhost/x?y=1',
    headers: {
      host: 'b.example',
      'x-forwarded-host': 'a.com:8080',
      'x-real-ip': '127.0.0.1',
      'x-forwarded-for': '9.9.9.9, 127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-scheme': 'http',
      'x-forwarded-port': String(ports['weights']),
      'x-original-uri': '/vhost/x?y=1',
      'x-original-url': 'http://a.com:8080/vhost/x?y=1',
      'x-original-method': 'GET',
      x_under_score: '1',
    },
  });
});

describe('behind trusted proxies (ALB-10, spec ALB section 0)', () => {
  let trusting: number;

  beforeAll(async () => {
    await home.addAlb('trusting', { trustedProxies: ['127.0.0.0/24', '10.0.0.0/8'] });
    trusting = await freePort();
    const own = (name: string) => ({ alb: 'trusting', frontend: 'trusting-web', name });
    await home.apply(
      frontend('trusting', 'trusting-web', trusting),
      rule(own('v6'), to('a', { type: 'SRC_IP', values: [['RANGE', '2001:db8::1', '2001:db8::ff']] })),
      rule(own('v4'), to('b', { type: 'SRC_IP', values: [['EQ', '192.0.2.7']] })),
    );
    await eventually(() => expectFrom(ask(trusting, '/', { headers: { 'x-forwarded-for': '192.0.2.7' } }), 'b'));
  });

  const cases: readonly { readonly name: string; readonly request: Ask; readonly want: string | number }[] = [
    { name: 'IPv6, the proxy before', request: forwarded('2001:db8::10, 10.0.0.1'), want: 'a' },
    { name: 'IPv6 outside of the range', request: forwarded('2001:db8::100, 10.0.0.1'), want: 404 },
    { name: 'the last one that is not trusted counts', request: forwarded('192.0.2.7, 198.51.100.1'), want: 404 },
    { name: 'no header: the peer', request: {}, want: 404 },
    { name: 'a peer that is not trusted', request: { ...forwarded('192.0.2.7'), from: '127.0.9.1' }, want: 404 },
    { name: 'X-Real-IP', request: { headers: { 'x-real-ip': '192.0.2.7' } }, want: 'b' },
    {
      name: 'X-Real-IP before X-Forwarded-For',
      request: { headers: { 'x-real-ip': '192.0.2.7', 'x-forwarded-for': '192.0.2.8' } },
      want: 'b',
    },
    {
      name: 'X-Real-IP of a peer that is not trusted',
      request: { headers: { 'x-real-ip': '192.0.2.7' }, from: '127.0.9.1' },
      want: 404,
    },
  ];
  test.each(cases)('$name', ({ request, want }) => expectFrom(ask(trusting, '/', request), want));

  function forwarded(addresses: string): Ask {
    return { headers: { 'x-forwarded-for': addresses } };
  }
});
