import assert from 'node:assert/strict';
import { LOGIN } from './bench.ts';
import type { CompatibilityCase } from './case.ts';

const BASIC = { 'auth-type': 'basic', 'auth-secret': 'users', 'auth-realm': 'a realm' };
const EXTERNAL = { 'auth-url': 'http://{auth}/basic', 'auth-signin': 'http://$host/auth/start' };

/** Groups BasicDigestAuth, ExternalAuth, EnableGlobalAuth, Satisfy. */
export const AUTH: readonly CompatibilityCase[] = [
  {
    of: ['auth-type', 'auth-secret', 'auth-realm'],
    does: 'asks for a password, and lets in who knows it',
    annotations: BASIC,
    requests: [
      { status: 401, headers: { 'www-authenticate': /Basic realm="a realm"/ } },
      { send: { headers: { authorization: 'Basic dXNlcjp3cm9uZw==' } }, status: 401 },
      { send: { headers: LOGIN } },
    ],
  },
  {
    of: ['auth-secret-type'],
    does: 'auth-map: users are the keys of the Secret',
    annotations: { ...BASIC, 'auth-secret': 'user-map', 'auth-secret-type': 'auth-map' },
    requests: [{ status: 401 }, { send: { headers: LOGIN } }],
  },
  {
    of: ['auth-type', 'auth-secret'],
    does: 'answers 503 when the Secret is not there',
    annotations: { ...BASIC, 'auth-secret': 'nowhere' },
    requests: [{ status: 503 }],
  },
  {
    of: ['auth-secret'],
    does: 'lets nobody in when the Secret holds no password',
    annotations: { ...BASIC, 'auth-secret': 'no-users' },
    requests: [{ status: 401 }, { send: { headers: LOGIN }, status: 401 }],
  },
  {
    of: ['auth-type'],
    does: 'digest: asks by the digest scheme',
    annotations: { ...BASIC, 'auth-type': 'digest' },
    requests: [{ status: 401, headers: { 'www-authenticate': /^Digest .*realm="a realm"/ } }],
  },
  {
    of: ['auth-url', 'auth-signin'],
    does: 'asks the service with the headers of the client; who is refused is sent to the sign-in page',
    annotations: EXTERNAL,
    requests: [
      { send: { headers: LOGIN } },
      {
        path: '/?a=b&c=d',
        status: 302,
        headers: { location: 'http://{host}/auth/start?rd=http://{host}%2F%3Fa%3Db%26c%3Dd' },
      },
    ],
  },
  {
    of: ['auth-url'],
    does: 'passes a refusal on',
    annotations: { 'auth-url': 'http://{auth}/denied' },
    requests: [{ status: 403 }],
  },
  {
    of: ['auth-url'],
    does: 'answers 503 when it is no URL',
    annotations: { 'auth-url': 'https://invalid..auth.url' },
    requests: [{ status: 503 }],
  },
  {
    of: ['auth-signin-redirect-param'],
    does: 'names the parameter of the sign-in page',
    annotations: { ...EXTERNAL, 'auth-signin-redirect-param': 'orig' },
    requests: [
      {
        path: '/?a=b&c=d',
        status: 302,
        headers: { location: 'http://{host}/auth/start?orig=http://{host}%2F%3Fa%3Db%26c%3Dd' },
      },
    ],
  },
  {
    of: ['auth-url', 'auth-secret'],
    does: 'one Ingress that is misconfigured leaves the other one alone',
    annotations: { ...EXTERNAL, ...BASIC, 'auth-secret': 'nowhere' },
    paths: [{ path: '/broken' }],
    beside: [{ paths: [{ path: '/good' }] }],
    requests: [{ path: '/good' }, { path: '/broken', status: 503 }],
  },
  {
    of: ['auth-response-headers'],
    does: 'gives the backend headers of the service, never those of the client',
    annotations: { 'auth-url': 'http://{auth}/named', 'auth-response-headers': 'X-User, X-Absent' },
    requests: [
      { send: { headers: { 'x-user': 'mallory', 'x-absent': 'mallory' } }, seen: { 'x-user': 'jane', 'x-absent': '' } },
    ],
  },
  {
    of: ['auth-method'],
    does: 'is the method of the question',
    annotations: { 'auth-url': 'http://{auth}/method', 'auth-method': 'POST' },
    requests: [{}],
    check: async (bench) => assert.equal(bench.asked.find(({ url }) => url === '/method')?.method, 'POST'),
  },
  {
    of: ['auth-proxy-set-headers'],
    does: 'adds headers of a ConfigMap to the question',
    annotations: { 'auth-url': 'http://{auth}/with-map', 'auth-proxy-set-headers': '{namespace}/auth-headers' },
    requests: [{}],
    check: async (bench) =>
      assert.equal(bench.asked.find(({ url }) => url === '/with-map')?.headers['x-from-map'], '42'),
  },
  {
    of: ['auth-request-redirect'],
    does: 'is a header of the question',
    annotations: { 'auth-url': 'http://{auth}/with-redirect', 'auth-request-redirect': 'http://back.test/' },
    requests: [{}],
    check: async (bench) => {
      const question = bench.asked.find(({ url }) => url === '/with-redirect');
      assert.equal(question?.headers['x-auth-request-redirect'], 'http://back.test/');
    },
  },
  {
    of: ['auth-always-set-cookie'],
    does: 'off: cookies of the service reach the client unless the backend fails',
    annotations: { 'auth-url': 'http://{auth}/cookie', 'auth-signin': 'http://$host/auth/start' },
    requests: [
      { headers: { 'set-cookie': /from-auth=yes/ } },
      { path: '/?status=503', status: 503, headers: { 'set-cookie': '' } },
    ],
  },
  {
    of: ['auth-always-set-cookie'],
    does: 'on: always',
    annotations: { 'auth-url': 'http://{auth}/cookie', 'auth-always-set-cookie': 'true' },
    requests: [{ path: '/?status=503', status: 503, headers: { 'set-cookie': /from-auth=yes/ } }],
  },
  {
    of: ['auth-cache-key', 'auth-cache-duration'],
    does: 'remembers answers by the key, for each location',
    annotations: {
      'auth-url': 'http://{auth}/cached/{host}',
      'auth-cache-key': 'fixed',
      'auth-cache-duration': '200 201 401 30m',
    },
    paths: [{ path: '/foo' }, { path: '/bar' }],
    check: async (bench, host) => {
      const count = () => bench.asked.filter(({ url }) => url === `/cached/${host}`).length;
      await bench.exchange(host, { path: '/foo' });
      const before = count();
      await bench.exchange(host, { path: '/foo' });
      assert.equal(count(), before, 'asked again for the same location');
      await bench.exchange(host, { path: '/bar' });
      assert.ok(count() > before, 'not asked for another location');
    },
  },
  {
    of: ['auth-keepalive', 'auth-keepalive-requests', 'auth-keepalive-timeout', 'auth-keepalive-share-vars'],
    does: 'are accepted, and authentication works',
    annotations: {
      'auth-url': 'http://{auth}/basic',
      'auth-keepalive': '10',
      'auth-keepalive-requests': '456',
      'auth-keepalive-timeout': '78',
      'auth-keepalive-share-vars': 'true',
    },
    requests: [{ send: { headers: LOGIN } }, { send: { headers: LOGIN } }, { status: 401 }],
  },
  {
    of: ['auth-keepalive'],
    does: 'has no effect when negative',
    annotations: { 'auth-url': 'http://{auth}/basic', 'auth-keepalive': '-1' },
    requests: [{ send: { headers: LOGIN } }, { status: 401 }],
  },
  {
    of: ['enable-global-auth'],
    does: 'has no effect while there is no global authentication',
    annotations: { 'enable-global-auth': 'true' },
    requests: [{}],
  },
  {
    of: ['satisfy'],
    does: 'changes nothing without restrictions',
    annotations: { satisfy: 'any' },
    paths: [{ path: '/any' }],
    beside: [{ annotations: { satisfy: 'all' }, paths: [{ path: '/all' }] }],
    requests: [{ path: '/any' }, { path: '/all' }],
  },
  {
    of: ['satisfy'],
    does: 'any: a password is enough, else the sign-in page',
    annotations: {
      ...BASIC,
      'auth-url': 'http://{auth}/denied-to-all',
      'auth-signin': 'http://$host/auth/start',
      satisfy: 'any',
    },
    requests: [{ send: { headers: LOGIN } }],
  },
  {
    of: ['satisfy'],
    does: 'any: an address of the list is enough, else a password; all: both',
    annotations: { ...BASIC, 'allowlist-source-range': '127.0.0.1', satisfy: 'any' },
    paths: [{ path: '/any' }],
    beside: [
      { annotations: { ...BASIC, 'allowlist-source-range': '127.0.0.1', satisfy: 'all' }, paths: [{ path: '/all' }] },
    ],
    requests: [
      { path: '/any' },
      { path: '/any', send: { from: '127.0.0.2' }, status: 401 },
      { path: '/any', send: { from: '127.0.0.2', headers: LOGIN } },
      { path: '/all', status: 401 },
      { path: '/all', send: { headers: LOGIN } },
      { path: '/all', send: { from: '127.0.0.2', headers: LOGIN }, status: 403 },
    ],
  },
];
