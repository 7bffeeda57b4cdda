import assert from 'node:assert/strict';
import type { CompatibilityCase } from './case.ts';

const COOKIE = { affinity: 'cookie', 'session-cookie-name': 'SERVERID' };

function cookie(of: string, does: string, value: string, pattern: RegExp): CompatibilityCase {
  return {
    of: [of],
    does,
    annotations: { ...COOKIE, [of]: value },
    requests: [{ headers: { 'set-cookie': pattern } }],
  };
}

const TRIO = [{ path: '/', service: 'trio' }];

/** Groups SessionAffinity, UpstreamHashBy, LoadBalancing. */
export const SESSION: readonly CompatibilityCase[] = [
  {
    of: ['affinity', 'session-cookie-name'],
    does: 'sets a cookie of that name, and brings the session back to its endpoint',
    annotations: COOKIE,
    paths: TRIO,
    check: async (bench, host) => {
      const first = await bench.exchange(host, { headers: { 'set-cookie': /^SERVERID=/ } });
      const sent = first.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
      const shares = await bench.shares(host, 20, { send: { headers: { cookie: sent } } });
      assert.deepEqual(Object.keys(shares), [String(first.headers['x-backend'])]);
    },
  },
  {
    of: ['affinity', 'session-cookie-path'],
    does: 'has the path of the Ingress unless told otherwise, no domain',
    annotations: COOKIE,
    paths: [{ path: '/something' }, { path: '/elsewhere' }],
    requests: [
      { path: '/something', headers: { 'set-cookie': /Path=\/something(;|$)/ } },
      { path: '/elsewhere', headers: { 'set-cookie': /Path=\/elsewhere(;|$)/ } },
      { path: '/something', headers: { 'set-cookie': /^(?!.*; Domain)/ } },
    ],
  },
  {
    of: ['affinity'],
    does: 'counts for its own Ingress only',
    annotations: COOKIE,
    paths: [{ path: '/foo/bar' }],
    beside: [{ paths: [{ path: '/foo' }] }],
    requests: [
      { path: '/foo', headers: { 'set-cookie': '' } },
      { path: '/foo/bar', headers: { 'set-cookie': /Path=\/foo\/bar/ } },
    ],
  },
  {
    of: ['affinity', 'server-alias'],
    does: 'works for further hosts',
    annotations: { ...COOKIE, 'server-alias': 'a1.{host},a2.{host}' },
    check: async (bench, host) => {
      for (const name of [host, `a1.${host}`, `a2.${host}`]) {
        await bench.exchange(name, { headers: { 'set-cookie': /^SERVERID=/ } });
      }
    },
  },
  {
    of: ['affinity-mode'],
    does: 'persistent: the session stays',
    annotations: { ...COOKIE, 'affinity-mode': 'persistent', 'session-cookie-expires': '172800' },
    paths: TRIO,
    check: async (bench, host) => {
      const first = await bench.exchange(host, {});
      const sent = first.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
      const shares = await bench.shares(host, 20, { send: { headers: { cookie: sent } } });
      assert.deepEqual(Object.keys(shares), [String(first.headers['x-backend'])]);
    },
  },
  {
    of: ['session-cookie-expires', 'session-cookie-max-age'],
    does: 'says when it ends, as a date and in seconds',
    annotations: { ...COOKIE, 'session-cookie-expires': '172800', 'session-cookie-max-age': '259200' },
    check: async (bench, host) => {
      const { headers } = await bench.exchange(host, { headers: { 'set-cookie': /Max-Age=259200/ } });
      const date = /Expires=([^;]+)/.exec(headers['set-cookie']?.[0] ?? '')?.[1] ?? '';
      const seconds = (Date.parse(date.replaceAll('-', ' ')) - Date.now()) / 1000;
      assert.ok(seconds > 172_000 && seconds < 172_860, date);
    },
  },
  cookie('session-cookie-domain', 'is the domain', 'foo.test', /Domain=foo\.test/),
  cookie('session-cookie-path', 'is the path', '/foo/bar', /Path=\/foo\/bar/),
  {
    of: ['session-cookie-path', 'use-regex'],
    does: 'is the path where that of the Ingress is an expression',
    annotations: { ...COOKIE, 'use-regex': 'true', 'session-cookie-path': '/foo/bar' },
    paths: [{ path: '/foo/.*', pathType: 'ImplementationSpecific' }],
    requests: [{ path: '/foo/bar', headers: { 'set-cookie': /^SERVERID=.*Path=\/foo\/bar/ } }],
  },
  cookie('session-cookie-samesite', 'is the attribute', 'Strict', /SameSite=Strict/),
  cookie('session-cookie-secure', 'true: Secure though http', 'true', /; Secure/),
  cookie('session-cookie-secure', 'false: not on http', 'false', /^(?!.*; Secure)/),
  {
    of: ['session-cookie-secure'],
    does: 'false: Secure on https all the same',
    annotations: { ...COOKIE, 'session-cookie-secure': 'false' },
    tls: true,
    requests: [{ tls: true, headers: { 'set-cookie': /; Secure/ } }],
  },
  {
    of: ['session-cookie-conditional-samesite-none'],
    does: 'leaves SameSite=None out for browsers that misread it',
    annotations: {
      ...COOKIE,
      'session-cookie-samesite': 'None',
      'session-cookie-conditional-samesite-none': 'true',
    },
    requests: [
      { headers: { 'set-cookie': /SameSite=None/ } },
      {
        send: { headers: { 'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 12_4 like Mac OS X) AppleWebKit/605' } },
        headers: { 'set-cookie': /^(?!.*SameSite)/ },
      },
    ],
  },
  {
    of: ['session-cookie-change-on-failure'],
    does: 'true: another endpoint gets the session when its own fails',
    annotations: { ...COOKIE, 'session-cookie-change-on-failure': 'true' },
    paths: [{ path: '/', service: 'limping' }],
    check: async (bench, host) => {
      const answers = await bench.shares(host, 5);
      assert.deepEqual(answers, { app: 5 });
    },
  },
  {
    of: ['upstream-hash-by'],
    does: 'brings what is equal to one endpoint',
    annotations: { 'upstream-hash-by': '$request_uri' },
    paths: TRIO,
    check: async (bench, host) => assert.equal(Object.keys(await bench.shares(host, 50)).length, 1),
  },
  {
    of: ['upstream-hash-by-subset', 'upstream-hash-by-subset-size'],
    does: 'brings what is equal to so many endpoints',
    annotations: {
      'upstream-hash-by': '$request_uri',
      'upstream-hash-by-subset': 'true',
      'upstream-hash-by-subset-size': '2',
    },
    paths: TRIO,
    check: async (bench, host) => assert.equal(Object.keys(await bench.shares(host, 50)).length, 2),
  },
  {
    of: ['load-balance'],
    does: 'round_robin: all get the same; ewma: all get some',
    annotations: { 'load-balance': 'round_robin' },
    paths: [{ path: '/rr', service: 'trio' }],
    beside: [{ annotations: { 'load-balance': 'ewma' }, paths: [{ path: '/ewma', service: 'trio' }] }],
    check: async (bench, host) => {
      assert.deepEqual(await bench.shares(host, 30, { path: '/rr' }), { app: 10, other: 10, third: 10 });
      assert.ok(Object.keys(await bench.shares(host, 60, { path: '/ewma' })).length > 1);
    },
  },
];
