/**
 * What the data plane writes into nginx's structures (http/nginx-request.ts), and what it does by the Lua API in an nginx that it does
 * not know, are the same: both get the same requests.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RouteAction } from '../policy/record.ts';
import type { Step } from '../policy/step.ts';
import { put } from './agent.ts';
import { type Backend, startBackend } from './backend.ts';
import { type Ask, ask } from './http-client.ts';
import { freePorts, TestNginx } from './nginx.ts';
import { forwardTo, groupRecord, portRecord, prefix, routeRecord } from './records.ts';

const CORS: Step = {
  type: 'cors',
  any: false,
  asterisk: false,
  origins: ['https://a.com', 'https://b.com'],
  wildcards: [{ scheme: 'https://', suffix: '.c.com' }],
  configured: 'https://a.com,https://b.com',
  credentials: true,
  allowMethods: 'GET, PUT',
  allowHeaders: 'DNT',
  exposeHeaders: '',
  maxAge: '60',
};

const STEPS: Readonly<Record<string, readonly Step[]>> = {
  answer: [
    {
      type: 'responseHeaders',
      changes: [
        { op: 'set', name: 'X-Twice', value: ['one'] },
        { op: 'set', name: 'X-New', value: ['new'] },
        { op: 'set', name: 'Content-Type', value: ['text/css'] },
        { op: 'add', name: 'X-New', value: ['newer'] },
        { op: 'set', name: 'x-new', value: ['newest'] },
        { op: 'remove', name: 'x-backend' },
        { op: 'set', name: 'X-Control', value: ['a\u0001b'] },
        { op: 'set', name: 'X_Line', value: ['line'] },
        { op: 'set', name: 'X-Empty', value: [''] },
      ],
    },
  ],
  request: [
    {
      type: 'requestHeaders',
      changes: [
        { op: 'set', name: 'X-Env', value: ['test'] },
        { op: 'set', name: 'User-Agent', value: ['mine'] },
        { op: 'remove', name: 'X-Gone' },
        { op: 'copy', name: 'X-Was', variable: 'http_x_env', append: false },
      ],
    },
  ],
  cors: [CORS],
  rewrite: [{ type: 'pathRewrite', pattern: '^/rewrite/(.*)$', replacement: ['/a b/', 1] }],
  all: [CORS, { type: 'responseHeaders', changes: [{ op: 'set', name: 'Vary', value: ['X-A'] }] }],
  limit: [{ type: 'bodyLimit', bytes: 3 }],
  refuse: [{ type: 'refuse', status: 403, reason: 'Test : refused' }],
  traced: [
    {
      type: 'tracing',
      below: 0,
      followsParent: false,
      trustIncoming: true,
      name: [],
      requestHeaders: false,
      responseHeaders: false,
    },
  ],
};

const ACTIONS: Readonly<Record<string, RouteAction>> = {
  moved: { type: 'redirect', redirect: { status: 308, to: { type: 'parts', scheme: 'https' } } },
  respond: { type: 'respond', status: 429, reason: 'Test : too many' },
  host: forwardTo('g', { host: 'other.test' }),
  nobody: forwardTo('none'),
};

const MANY = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`x-many-${index}`, String(index)]));

const REQUESTS: readonly (Ask & { readonly path: string })[] = [
  { path: '/answer/' },
  { path: '/request/' },
  { path: '/request/', headers: { ...MANY, 'x-env': ['a', 'b'], 'X-GONE': '1' } },
  ...[undefined, 'https://a.com', 'https://x.c.com', 'https://evil.com'].flatMap((origin) =>
    ['/cors/', '/all/', '/cors/down'].map((path) => ({ path, headers: origin === undefined ? {} : { origin } })),
  ),
  { path: '/cors/', method: 'OPTIONS' },
  { path: '/rewrite/c%20d?e=f' },
  { path: '/limit/', method: 'POST', body: 'abc' },
  { path: '/limit/', method: 'POST', body: 'abcd' },
  { path: '/refuse/' },
  { path: '/refuse/', method: 'POST', body: 'body', headers: { 'content-type': 'application/json' } },
  { path: '/refuse/', headers: { 'content-type': 'application/grpc' } },
  { path: '/moved/a?b=c' },
  { path: '/moved/a.html', method: 'HEAD' },
  { path: '/moved/', method: 'POST', body: 'body' },
  { path: '/respond/a.gif' },
  { path: '/host/' },
  { path: '/nobody/' },
  { path: '/unknown' },
  { path: '/cors/', headers: { origin: 'https://a.com', 'cpaas-trace': 'true' } },
  { path: '/cors/', headers: { origin: 'https://a.com', cpaas_trace: '1' } },
  { path: '/cors/', headers: { origin: 'https://a.com', upgrade: 'x', connection: 'upgrade' } },
  { path: '/moved/', headers: { 'cpaas-trace': 'true' } },
  {
    path: '/traced/',
    headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00', tracestate: 'a=b' },
  },
  { path: '/traced/', headers: { tracestate: 'a=b' } },
  { path: '/traced/' },
];

/** Before the rest of the data plane is loaded: nginx is another one. */
const UNKNOWN = `local known = require("http.nginx-request")
  known.requestStructure = function() end
  known.announcesBody = function() return true end
  causeway = require("http.main")`;

let backend: Backend;
const proxies: { readonly nginx: TestNginx; readonly port: number }[] = [];

beforeAll(async () => {
  backend = await startBackend('b', (request, response) => {
    const { headers, url, method } = request;
    response.setHeader('X-Backend', 'b').setHeader('X-Twice', ['1', '2']).setHeader('Vary', 'Accept');
    response.setHeader('Access-Control-Allow-Origin', '*').setHeader('Access-Control-Allow-Methods', 'TRACE');
    response.writeHead(url === '/cors/down' ? 503 : 200).end(JSON.stringify({ method, url, headers }));
  });
  for (const edit of [
    (conf: string) => conf,
    (conf: string) => conf.replace('causeway = require("http.main")', UNKNOWN),
  ]) {
    const [port = 0] = await freePorts(1);
    const named = { ...Object.fromEntries(Object.keys(STEPS).map((name) => [name, forwardTo('g')])), ...ACTIONS };
    const routes = Object.entries(named).map(([name, action]) => {
      const steps = STEPS[name];
      const whole = steps === undefined ? action : { ...action, steps };
      return put(routeRecord(name, [port], [prefix(`/${name}/`)], { action: whole }));
    });
    const state = [put(portRecord(port)), put(groupRecord('g', [backend.port])), put(groupRecord('none', []))];
    const place = `location = /.structure { content_by_lua_block { ngx.say(require("http.nginx-request").requestStructure() ~= nil) } }`;
    const nginx = await TestNginx.start({
      ports: [{ port, protocol: 'http' }],
      state: [{ op: 'begin', full: true }, ...state, ...routes, { op: 'commit', version: 1 }],
      edit: (conf) => edit(conf).replace('location / {', `${place} location / {`),
    });
    proxies.push({ nginx, port });
  }
}, 120_000);

afterAll(async () => {
  for (const { nginx } of proxies) await nginx.stop();
  await backend?.close();
});

describe('an nginx whose structures are known answers like one whose are not', () => {
  test.each(REQUESTS)('%j', async ({ path, ...request }) => {
    const answers = [];
    for (const { port } of proxies) {
      const { status, headers, body } = await ask(port, path, { host: 'a.test', ...request });
      const { date: _, ...others } = headers;
      const random = /(?<=traceparent":")00-[0-9a-f]{32}-[0-9a-f]{16}-00|(?<=-)[0-9a-f]{16}(?=-00")/;
      answers.push({ status, headers: others, body: body.replace(random, 'random').replaceAll(String(port), 'PORT') });
    }
    expect(answers[0]?.status).not.toBe(418);
    expect(JSON.parse(JSON.stringify(answers[0]).replaceAll(String(proxies[0]?.port), 'PORT'))).toEqual(
      JSON.parse(JSON.stringify(answers[1]).replaceAll(String(proxies[1]?.port), 'PORT')),
    );
  });

  test('and it is known', async () => {
    const known = await Promise.all(proxies.map(async ({ port }) => (await ask(port, '/.structure')).body));
    expect(known).toEqual(['true\n', 'false\n']);
    expect(proxies.map(({ nginx }) => nginx.errorLog())).toEqual(['', '']);
  });
});
