import assert from 'node:assert/strict';
import { callGrpc } from '../../acceptance/grpc-backend.ts';
import type { SeenByTls } from '../../acceptance/tls-backend.ts';
import type { CompatibilityCase, Exchange } from './case.ts';

const SECURE = [{ path: '/', service: 'secure' }];
const HTTPS = { 'backend-protocol': 'HTTPS' };
const TRUST = { ...HTTPS, 'proxy-ssl-secret': '{namespace}/trust' };

function header(text: string): string {
  return `/?header=${encodeURIComponent(text)}`;
}

function seenByTls(wanted: Partial<SeenByTls>): Exchange {
  const [[name, value] = ['', '']] = Object.entries(wanted);
  return { backend: 'secure', body: new RegExp(`"${name}":"${String(value)}"`) };
}

/** Groups Proxy, ProxySSL, BackendProtocol, ServiceUpstream, ClientBodyBufferSize, FastCGI. */
export const PROXY: readonly CompatibilityCase[] = [
  {
    of: ['proxy-redirect-from', 'proxy-redirect-to'],
    does: 'replaces the beginning of Location',
    annotations: { 'proxy-redirect-from': 'http://hello.test', 'proxy-redirect-to': 'http://goodbye.test' },
    requests: [{ path: header('location: http://hello.test/x'), headers: { location: 'http://goodbye.test/x' } }],
  },
  {
    of: ['proxy-redirect-from'],
    does: 'off: Location stays',
    annotations: { 'proxy-redirect-from': 'off', 'proxy-redirect-to': 'goodbye.test' },
    requests: [{ path: header('location: http://hello.test/x'), headers: { location: 'http://hello.test/x' } }],
  },
  {
    of: ['proxy-body-size'],
    does: 'answers 413 to larger bodies; what is no size counts as absent',
    annotations: { 'proxy-body-size': '1k' },
    paths: [{ path: '/small' }],
    beside: [{ annotations: { 'proxy-body-size': '15r' }, paths: [{ path: '/odd' }] }],
    requests: [
      { path: '/small', send: { method: 'POST', body: 'x'.repeat(1025) }, status: 413 },
      { path: '/small', send: { method: 'POST', body: 'x'.repeat(1024) } },
      { path: '/odd', send: { method: 'POST', body: 'x'.repeat(1025) } },
    ],
  },
  {
    of: ['proxy-body-size'],
    does: 'is 1m unless told otherwise',
    requests: [
      { send: { method: 'POST', body: 'x'.repeat(1024 * 1024 + 1) }, status: 413 },
      { send: { method: 'POST', body: 'x'.repeat(1024 * 1024) } },
    ],
  },
  {
    of: ['proxy-read-timeout'],
    does: 'answers 504 when the backend takes longer; what is no number counts as absent',
    annotations: { 'proxy-read-timeout': '1', 'proxy-next-upstream-tries': '1' },
    paths: [{ path: '/brief' }],
    beside: [{ annotations: { 'proxy-read-timeout': '1k' }, paths: [{ path: '/odd' }] }],
    requests: [{ path: '/brief?sleep=1800', status: 504 }, { path: '/odd?sleep=1200' }],
  },
  {
    of: ['proxy-connect-timeout', 'proxy-send-timeout'],
    does: 'are seconds, and leave requests alone that take less',
    annotations: { 'proxy-connect-timeout': '50', 'proxy-send-timeout': '20' },
    requests: [{}],
  },
  {
    of: ['proxy-buffering', 'proxy-buffers-number', 'proxy-buffer-size', 'proxy-busy-buffers-size'],
    does: 'buffers answers, in so many buffers of that size; a header may be as large as one',
    annotations: {
      'proxy-buffering': 'on',
      'proxy-buffers-number': '8',
      'proxy-buffer-size': '8k',
      'proxy-busy-buffers-size': '16k',
    },
    requests: [{ path: header(`x-long: ${'x'.repeat(4500)}`), headers: { 'x-long': /^x{4500}$/ } }],
  },
  {
    of: ['proxy-buffer-size'],
    does: 'is 4k unless told otherwise: a larger header is 502',
    requests: [{ path: header(`x-long: ${'x'.repeat(4500)}`), status: 502 }],
  },
  {
    of: ['proxy-max-temp-file-size'],
    does: 'is accepted as a size',
    annotations: { 'proxy-buffering': 'on', 'proxy-max-temp-file-size': '128k' },
    requests: [{}],
  },
  {
    of: ['proxy-request-buffering'],
    does: 'off: a body still arrives whole',
    annotations: { 'proxy-request-buffering': 'off' },
    requests: [{ send: { method: 'POST', body: 'x'.repeat(100_000) } }],
  },
  {
    of: ['client-body-buffer-size'],
    does: 'is a size with k or m in any case; what is none counts as absent',
    annotations: { 'client-body-buffer-size': '1000' },
    paths: [{ path: '/a' }],
    beside: [
      { annotations: { 'client-body-buffer-size': '1K' }, paths: [{ path: '/b' }] },
      { annotations: { 'client-body-buffer-size': '1m' }, paths: [{ path: '/c' }] },
      { annotations: { 'client-body-buffer-size': '1b' }, paths: [{ path: '/d' }] },
    ],
    requests: ['/a', '/b', '/c', '/d'].map((path) => ({ path, send: { method: 'POST', body: 'x'.repeat(50_000) } })),
  },
  {
    of: ['proxy-next-upstream', 'proxy-next-upstream-tries', 'proxy-next-upstream-timeout'],
    does: 'says which answers are tried again, how often, how long; any number is good',
    annotations: {
      'proxy-next-upstream': 'error timeout http_502',
      'proxy-next-upstream-timeout': '999999',
      'proxy-next-upstream-tries': '888888',
    },
    paths: [{ path: '/', service: 'limping' }],
    check: async (bench, host) => assert.deepEqual(await bench.shares(host, 6), { app: 6 }),
  },
  {
    of: ['proxy-next-upstream', 'proxy-next-upstream-tries'],
    does: 'a failure that is named is tried again, so often at most; what cannot be repeated is not',
    annotations: { 'proxy-next-upstream': 'http_503', 'proxy-next-upstream-tries': '2' },
    paths: [{ path: '/', service: 'counted' }],
    check: async (bench, host) => {
      const before = bench.received('counted');
      await bench.exchange(host, { path: '/?status=503', status: 503 });
      assert.equal(bench.received('counted') - before, 2);
      await bench.exchange(host, { path: '/?status=503', send: { method: 'POST', body: 'x' }, status: 503 });
      assert.equal(bench.received('counted') - before, 3);
    },
  },
  {
    of: ['proxy-cookie-domain', 'proxy-cookie-path'],
    does: 'replaces domain and path of cookies of the backend',
    annotations: { 'proxy-cookie-domain': 'localhost example.org', 'proxy-cookie-path': '/one/ /' },
    requests: [
      {
        path: header('set-cookie: a=b; Domain=localhost; Path=/one/two'),
        headers: { 'set-cookie': /^a=b; ?Domain=example\.org; ?Path=\/two$/i },
      },
    ],
  },
  {
    of: ['proxy-http-version'],
    does: '1.0: backends are asked by HTTP/1.0',
    annotations: { 'proxy-http-version': '1.0' },
    requests: [{ body: /"httpVersion":"1\.0"/ }],
  },
  {
    of: ['backend-protocol'],
    does: 'HTTPS, in any case of letters',
    annotations: HTTPS,
    paths: [{ path: '/a', service: 'secure' }],
    beside: [{ annotations: { 'backend-protocol': 'https' }, paths: [{ path: '/b', service: 'secure' }] }],
    requests: [
      { path: '/a', backend: 'secure' },
      { path: '/b', backend: 'secure' },
    ],
  },
  {
    of: ['backend-protocol'],
    does: 'GRPC: calls reach the backend',
    annotations: { 'backend-protocol': 'GRPC' },
    paths: [{ path: '/', service: 'calls' }],
    tls: true,
    check: async (bench, host) => {
      const { status, messages } = await callGrpc(`https://127.0.0.1:${bench.lab.https}`, '/echo.Echo/Say', ['hello'], {
        ':authority': host,
      });
      assert.equal(status, '0');
      assert.deepEqual(messages, ['hello']);
    },
  },
  {
    of: ['backend-protocol'],
    does: 'AUTO_HTTP: the protocol of the client',
    annotations: { 'backend-protocol': 'AUTO_HTTP' },
    paths: [{ path: '/plain' }, { path: '/secure', service: 'secure' }],
    requests: [
      { path: '/plain', backend: 'app' },
      { path: '/secure', tls: true, backend: 'secure' },
    ],
  },
  {
    of: ['fastcgi-index', 'fastcgi-params-configmap'],
    does: 'are parameters of FastCGI',
    annotations: { 'backend-protocol': 'FCGI', 'fastcgi-index': 'index.php', 'fastcgi-params-configmap': 'headers' },
    requests: [{ status: 502 }],
    deviates: 'FastCGI is not spoken: put an HTTP server before the application',
  },
  {
    of: ['proxy-ssl-secret'],
    does: 'is the certificate that backends are shown; they are not verified unless asked to',
    annotations: TRUST,
    paths: SECURE,
    requests: [seenByTls({ client: 'the client' })],
  },
  {
    of: ['proxy-ssl-verify', 'proxy-ssl-name', 'proxy-ssl-verify-depth'],
    does: 'asks for a certificate of the CA for that name',
    annotations: {
      ...TRUST,
      'proxy-ssl-verify': 'on',
      'proxy-ssl-name': 'secure.internal',
      'proxy-ssl-verify-depth': '2',
    },
    paths: SECURE,
    requests: [{ backend: 'secure' }],
  },
  {
    of: ['proxy-ssl-verify'],
    does: 'answers 502 when the CA is another one',
    annotations: {
      ...HTTPS,
      'proxy-ssl-secret': '{namespace}/distrust',
      'proxy-ssl-verify': 'on',
      'proxy-ssl-name': 'secure.internal',
    },
    paths: SECURE,
    requests: [{ status: 502 }],
  },
  {
    of: ['proxy-ssl-name'],
    does: 'answers 502 when the certificate is for another name',
    annotations: { ...TRUST, 'proxy-ssl-verify': 'on', 'proxy-ssl-name': 'other.internal' },
    paths: SECURE,
    requests: [{ status: 502 }],
  },
  {
    of: ['proxy-ssl-server-name'],
    does: 'on: the name is sent too',
    annotations: { ...TRUST, 'proxy-ssl-server-name': 'on', 'proxy-ssl-name': 'secure.internal' },
    paths: SECURE,
    requests: [seenByTls({ serverName: 'secure.internal' })],
  },
  {
    of: ['proxy-ssl-protocols'],
    does: 'are the versions that are spoken',
    annotations: { ...TRUST, 'proxy-ssl-protocols': 'TLSv1.2' },
    paths: SECURE,
    requests: [seenByTls({ protocol: 'TLSv1.2' })],
  },
  {
    of: ['proxy-ssl-ciphers'],
    does: 'is a list of ciphers as OpenSSL writes it',
    annotations: { ...TRUST, 'proxy-ssl-protocols': 'TLSv1.2', 'proxy-ssl-ciphers': 'HIGH:!AES' },
    paths: SECURE,
    requests: [{ backend: 'secure', body: /"cipher":"[^"]*CHACHA20[^"]*"/ }],
  },
  {
    of: ['service-upstream'],
    does: 'true: requests go to the address of the Service, where nobody listens on this machine; false: to its endpoints',
    annotations: { 'service-upstream': 'true', 'proxy-connect-timeout': '1', 'proxy-next-upstream-tries': '1' },
    paths: [{ path: '/true' }],
    beside: [{ annotations: { 'service-upstream': 'false' }, paths: [{ path: '/false' }] }],
    requests: [{ path: '/false', backend: 'app' }],
    check: async (bench, host) => {
      const { headers } = await bench.ask(host, { path: '/true' });
      assert.equal(headers['x-backend'], undefined);
    },
  },
];
