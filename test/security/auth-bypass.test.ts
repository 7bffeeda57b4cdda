/**
 * Ways around authentication that worked somewhere. The backend of an open path and of protected ones is the same, and writes down
 * what it gets: it must get nothing that it could take for a protected path, no user that the client made up, and no request of an
 * address that is not on the list.
 */
import { connect as connectHttp2 } from 'node:http2';
import { selfSigned } from '@causeway/dataplane/test/certificates';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AuthServer, startAuthServer } from '../acceptance/auth-server.ts';
import { ask } from '../acceptance/http-request.ts';
import { base64, group, serviceTo, tlsSecret } from '../acceptance/objects.ts';
import { answersWith, Lab } from '../alb/lab.ts';
import { sendRaw, statusesOf } from './raw-request.ts';

let lab: Lab;
let backend: AuthServer;
let auth: AuthServer;
let port: number;
let secure: number;

const RIGHT = `Basic ${base64('foo:bar')}`;

beforeAll(async () => {
  [lab, backend, auth] = await Promise.all([Lab.start([]), startAuthServer(), startAuthServer()]);
  await lab.home.apply(
    ...serviceTo({ name: 'app', port: backend.port }),
    ...serviceTo({ name: 'auth', port: auth.port }),
    tlsSecret('cert', await selfSigned('a.com')),
    {
      ...{ apiVersion: 'v1', kind: 'Secret' },
      metadata: { name: 'pw', namespace: 'kube-system' },
      data: { auth: base64('foo:$apr1$qICNZ61Q$2iooiJVUAMmprq258/ChP1\n') },
    },
  );
  port = await lab.open('web');
  secure = await lab.open('tls', { protocol: 'https', certificate_name: 'default/cert' });
  const basic = { auth: { basic: { realm: 'r', secret: 'kube-system/pw' } } };
  const forward = { url: 'http://auth.default.svc/', upstream_headers: ['Remote-User', 'X-Groups'] };
  const url = (path: string) => [{ type: 'URL' as const, values: [['STARTS_WITH', path]] }];
  const host = { type: 'HOST' as const, values: [['EQ', 'a.com']] };
  for (const of of ['web', 'tls']) {
    const rule = (name: string, spec: Parameters<Lab['addRule']>[2]) =>
      lab.addRule(of, `${of}-${name}`, { serviceGroup: group({ app: 100 }), ...spec });
    await rule('admin', { dslx: url('/admin'), config: basic });
    await rule('user', { dslx: url('/user'), config: { auth: { forward } } });
    await rule('intern', { dslx: url('/intern'), config: { sourceRange: { allow: ['127.0.5.0/24'] } } });
    const certificate = (domain: string) => (of === 'tls' ? { domain, certificate_name: 'default/cert' } : {});
    await rule('host', { dslx: [host], config: basic, ...certificate('a.com') });
    await rule('open', { dslx: url('/'), priority: 9, ...certificate('b.com') });
  }
  await answersWith(401, port, '/admin');
  await answersWith(200, port, '/user');
  await answersWith(403, port, '/intern');
  await answersWith(200, port, '/');
  await answersWith(401, secure, '/', { serverName: 'a.com', host: 'a.com' });
  await answersWith(200, secure, '/', { serverName: 'a.com', host: 'b.com' });
});
afterAll(async () => {
  await lab.stop();
  await backend.close();
  await auth.close();
});

/** As a server reads a path that decodes once, takes repeated slashes for one and knows dot segments. */
function asServersRead(target: string): string {
  const [path = ''] = target.replace(/^[a-z]+:\/\/[^/]*/i, '').split(/[?#]/);
  const decoded = path.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  const segments: string[] = [];
  for (const segment of decoded.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  return `/${segments.join('/')}`;
}

/** What the backend got of an attack. */
async function gotFrom(send: () => Promise<unknown>): Promise<AuthServer['asked']> {
  const before = backend.asked.length;
  await send();
  return backend.asked.slice(before);
}

/** Nothing protected arrived. */
function expectNothing(got: AuthServer['asked']): void {
  for (const { url, headers } of got) {
    expect(asServersRead(url), url).not.toMatch(/^\/(admin|intern)/);
    expect(headers.host, url).not.toMatch(/^a\.com/i);
  }
}

const CLOSE = 'Connection: close\r\n\r\n';

describe('paths: the server decodes and resolves before rules are asked', () => {
  const targets = [
    '/admin',
    '/admin/',
    '/admin/x',
    '/admin?',
    '/admin#',
    '/admin;a=b',
    '/admin%20',
    '/admin.',
    '/admin%2f',
    '/admin%2Fx',
    '//admin',
    '///admin//',
    '/./admin',
    '/././admin',
    '/x/../admin',
    '/x/y/../../admin',
    '/%61dmin',
    '/%61%64%6d%69%6e',
    '/%2e/admin',
    '/x/%2e%2e/admin',
    '/x/%2E%2E/admin',
    '/x/..%2fadmin',
    '/x/%2e%2e%2fadmin',
    '/%2fadmin',
    '/%2561dmin',
    '/admin%00',
    '/%00/admin',
    '/%c1%a1dmin',
    '/../admin',
    '/../../admin',
    '/x/..//admin',
    '/.//admin',
    '/admin/../admin',
    '/open/../admin?x=/../..',
    '/x?y=1#/../admin',
    'http://b.com/admin',
    'HTTP://b.com/admin',
    'http://b.com//admin',
    'http://b.com:80/%61dmin',
    'http://b.com/../admin',
  ];
  test.each(targets)('%s', async (target) => {
    expectNothing(await gotFrom(() => sendRaw(port, `GET ${target} HTTP/1.1\r\nHost: b.com\r\n${CLOSE}`)));
  });
});

describe('hosts', () => {
  const requests: readonly [name: string, request: string][] = [
    ['upper case', `GET / HTTP/1.1\r\nHost: A.COM\r\n${CLOSE}`],
    ['with a port', `GET / HTTP/1.1\r\nHost: a.com:8080\r\n${CLOSE}`],
    ['with a dot at the end', `GET / HTTP/1.1\r\nHost: a.com.\r\n${CLOSE}`],
    ['with a dot and a port', `GET / HTTP/1.1\r\nHost: a.com.:80\r\n${CLOSE}`],
    ['absolute form with another Host', `GET http://a.com/ HTTP/1.1\r\nHost: b.com\r\n${CLOSE}`],
    ['absolute form, the other way', `GET http://b.com/ HTTP/1.1\r\nHost: a.com\r\n${CLOSE}`],
    ['absolute form, upper case', `GET http://A.Com/ HTTP/1.1\r\nHost: b.com\r\n${CLOSE}`],
    ['absolute form with a user', `GET http://b.com@a.com/ HTTP/1.1\r\nHost: b.com\r\n${CLOSE}`],
    ['two Hosts', `GET / HTTP/1.1\r\nHost: b.com\r\nHost: a.com\r\n${CLOSE}`],
    ['two Hosts in one', `GET / HTTP/1.1\r\nHost: b.com, a.com\r\n${CLOSE}`],
    ['a folded Host', `GET / HTTP/1.1\r\nHost: b.com\r\n a.com\r\n${CLOSE}`],
    ['a blank before the colon', `GET / HTTP/1.1\r\nHost: b.com\r\nHost : a.com\r\n${CLOSE}`],
    ['a tab in the Host', `GET / HTTP/1.1\r\nHost: a.com\tb.com\r\n${CLOSE}`],
    ['X-Forwarded-Host', `GET /admin HTTP/1.1\r\nHost: a.com\r\nX-Forwarded-Host: b.com\r\n${CLOSE}`],
  ];
  test.each(requests)('%s', async (_, request) => {
    expectNothing(await gotFrom(() => sendRaw(port, request)));
  });

  test('absolute form, the same host: served', async () => {
    const request = `GET http://B.com:80/x HTTP/1.1\r\nHost: b.com:80\r\n${CLOSE}`;
    expect((await gotFrom(() => sendRaw(port, request))).map(({ url }) => url)).toEqual(['/x']);
  });

  test.each([
    ['SNI of the open host', 'b.com', 'a.com', '/'],
    ['no SNI', '', 'a.com', '/'],
    ['SNI of the protected host', 'a.com', 'b.com', '/admin'],
  ])('%s', async (_, serverName, host, path) => {
    expectNothing(await gotFrom(() => ask(secure, path, { serverName, host }).catch(() => undefined)));
  });
});

describe('messages: what is one request to us is one to the backend', () => {
  const smuggled = 'GET /admin HTTP/1.1\r\nHost: b.com\r\n\r\n';
  const chunked = `0\r\n\r\n${smuggled}`;
  const post = (headers: string, body: string) => `POST / HTTP/1.1\r\nHost: b.com\r\n${headers}\r\n\r\n${body}`;
  const length = `Content-Length: ${chunked.length}`;
  const requests: readonly [name: string, request: string][] = [
    ['Content-Length and Transfer-Encoding', post(`${length}\r\nTransfer-Encoding: chunked`, chunked)],
    ['Transfer-Encoding and Content-Length', post(`Transfer-Encoding: chunked\r\n${length}`, chunked)],
    ['two lengths', post(`Content-Length: 0\r\n${length}`, chunked)],
    ['a list of lengths', post(`Content-Length: 0, ${chunked.length}`, chunked)],
    ['a length with a sign', post(`Content-Length: +0`, smuggled)],
    ['a negative length', post('Content-Length: -1', smuggled)],
    ['a hexadecimal length', post('Content-Length: 0x0', smuggled)],
    ['xchunked', post(`${length}\r\nTransfer-Encoding: xchunked`, chunked)],
    ['chunked, identity', post(`${length}\r\nTransfer-Encoding: chunked, identity`, chunked)],
    ['identity, chunked', post(`${length}\r\nTransfer-Encoding: identity, chunked`, chunked)],
    ['two codings', post(`Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n${length}`, chunked)],
    ['a tab before chunked', post(`${length}\r\nTransfer-Encoding:\tchunked`, chunked)],
    ['a vertical tab', post(`${length}\r\nTransfer-Encoding: \x0bchunked`, chunked)],
    ['a blank before the colon', post(`${length}\r\nTransfer-Encoding : chunked`, chunked)],
    ['a folded coding', post(`${length}\r\nTransfer-Encoding:\r\n chunked`, chunked)],
    ['an underscore', post(`${length}\r\nTransfer_Encoding: chunked`, chunked)],
    ['a line end alone', post(`X: y\nTransfer-Encoding: chunked\r\n${length}`, chunked)],
    ['a chunk size with a sign', post('Transfer-Encoding: chunked', `+0\r\n\r\n${smuggled}`)],
    ['a chunk size that overflows', post('Transfer-Encoding: chunked', `10000000000000000\r\n\r\n${smuggled}`)],
    ['HTTP/1.0 with chunks', `POST / HTTP/1.0\r\nHost: b.com\r\nTransfer-Encoding: chunked\r\n\r\n${chunked}`],
    ['a body of GET', `GET / HTTP/1.1\r\nHost: b.com\r\n${length}\r\n\r\n${chunked}`],
    [
      'h2c upgrade',
      `GET / HTTP/1.1\r\nHost: b.com\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nConnection: Upgrade, HTTP2-Settings\r\n\r\n${smuggled}`,
    ],
    ['a line end in the target', 'GET /x\r\nHost: b.com\r\n\r\nGET /admin HTTP/1.1\r\nHost: b.com\r\n\r\n'],
    ['an encoded line end in the target', `GET /x%0d%0aHost:%20a.com HTTP/1.1\r\nHost: b.com\r\n${CLOSE}`],
    ['HTTP/0.9', 'GET /admin\r\n'],
    ['HTTP/1.0 without Host', 'GET /admin HTTP/1.0\r\n\r\n'],
    ['two blanks', `GET  /admin HTTP/1.1\r\nHost: b.com\r\n${CLOSE}`],
    ['empty lines before', `\r\n\r\nGET /admin HTTP/1.1\r\nHost: b.com\r\n${CLOSE}`],
    ['pipelined behind a request with a password', `GET /admin/in HTTP/1.1\r\nHost: b.com\r\n${CLOSE}`],
  ];
  test.each(requests)('%s', async (_, request) => {
    expectNothing(await gotFrom(() => sendRaw(port, request)));
  });

  test('a password of one request is not that of the next on the connection', async () => {
    const first = `GET /admin/first HTTP/1.1\r\nHost: b.com\r\nAuthorization: ${RIGHT}\r\n\r\n`;
    const got = await gotFrom(async () => {
      const answer = await sendRaw(port, `${first}GET /admin/second HTTP/1.1\r\nHost: b.com\r\n${CLOSE}`);
      expect(statusesOf(answer)).toEqual([200, 401]);
    });
    expect(got.map(({ url }) => url)).toEqual(['/admin/first']);
  });
});

describe('methods and headers that take another way through nginx', () => {
  const request = (method: string, headers = '') =>
    `${method} /admin HTTP/1.1\r\nHost: b.com\r\n${headers}Content-Length: 0\r\n${CLOSE}`;
  const requests: readonly [name: string, request: string][] = [
    ...['HEAD', 'OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND', 'FOO', 'get'].map((method): [string, string] => [
      method,
      request(method),
    ]),
    ['a preflight', request('OPTIONS', 'Origin: http://b.com\r\nAccess-Control-Request-Method: GET\r\n')],
    ['another method in a header', request('GET', 'X-HTTP-Method-Override: OPTIONS\r\n')],
    ['a trace', request('GET', 'cpaas-trace: true\r\n')],
    ['a WebSocket', `GET /admin HTTP/1.1\r\nHost: b.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`],
    [
      'a trace of a WebSocket',
      `GET /admin HTTP/1.1\r\nHost: b.com\r\nUpgrade: websocket\r\ncpaas-trace: true\r\n${CLOSE}`,
    ],
    ['gRPC', request('POST', 'Content-Type: application/grpc\r\n')],
    ['100-continue', request('POST', 'Expect: 100-continue\r\n')],
    ['a range', request('GET', 'Range: bytes=0-1\r\n')],
    ['X-Original-URL', request('GET', 'X-Original-URL: /\r\nX-Rewrite-URL: /\r\n')],
    ['the page of errors', `GET /.causeway/error HTTP/1.1\r\nHost: a.com\r\n${CLOSE}`],
    ['a named location', `GET /@causeway_http HTTP/1.1\r\nHost: a.com\r\n${CLOSE}`],
  ];
  test.each(requests)('%s', async (_, text) => {
    expectNothing(await gotFrom(() => sendRaw(port, text)));
  });
});

describe('credentials', () => {
  const values: readonly [name: string, lines: string][] = [
    ['nothing behind Basic', 'Authorization: Basic\r\n'],
    ['an empty value', 'Authorization: Basic \r\n'],
    ['an empty user and password', `Authorization: Basic ${base64(':')}\r\n`],
    ['no password', `Authorization: Basic ${base64('foo:')}\r\n`],
    ['no colon', `Authorization: Basic ${base64('foo')}\r\n`],
    [
      'the hash instead of the password',
      `Authorization: Basic ${base64('foo:$apr1$qICNZ61Q$2iooiJVUAMmprq258/ChP1')}\r\n`,
    ],
    ['a zero byte behind the password', `Authorization: Basic ${base64('foo:bar\0')}\r\n`],
    ['a zero byte behind the user', `Authorization: Basic ${base64('foo\0:bar')}\r\n`],
    ['a line end in the user', `Authorization: Basic ${base64('x\nfoo:bar')}\r\n`],
    ['a blank behind the password', `Authorization: Basic ${base64('foo:bar ')}\r\n`],
    ['another case of the user', `Authorization: Basic ${base64('FOO:bar')}\r\n`],
    ['__proto__', `Authorization: Basic ${base64('__proto__:bar')}\r\n`],
    ['constructor', `Authorization: Basic ${base64('constructor:')}\r\n`],
    ['a comment of the file', `Authorization: Basic ${base64('#:x')}\r\n`],
    ['not base64', 'Authorization: Basic Zm9v!OmJhcg==\r\n'],
    ['base64 and more', `Authorization: ${RIGHT}, Basic eDp5\r\n`],
    ['a wrong header and a right one', `Authorization: Basic eDp5\r\nAuthorization: ${RIGHT}\r\n`],
    ['an underscore', `Authorization_: ${RIGHT}\r\n`],
    ['Proxy-Authorization', `Proxy-Authorization: ${RIGHT}\r\n`],
    ['X-Authorization', `X-Authorization: ${RIGHT}\r\n`],
    ['Digest', `Authorization: Digest username="foo", realm="r", uri="/admin", response=""\r\n`],
    ['Bearer', `Authorization: Bearer ${base64('foo:bar')}\r\n`],
    ['a cookie', `Cookie: Authorization=${encodeURIComponent(RIGHT)}\r\n`],
    ['32 KiB', `Authorization: Basic ${base64('x'.repeat(24_000))}\r\n`],
  ];
  test.each(values)('%s', async (_, lines) => {
    const request = `GET /admin HTTP/1.1\r\nHost: b.com\r\n${lines}${CLOSE}`;
    expectNothing(await gotFrom(() => sendRaw(port, request)));
  });

  test('the right ones are let in', async () => {
    const request = `GET /admin HTTP/1.1\r\nHost: b.com\r\nauthorization: bAsIc  ${RIGHT.slice(6)}\r\n${CLOSE}`;
    expect(await gotFrom(() => sendRaw(port, request))).toHaveLength(1);
  });
});

describe('LIM-17 made-up users', () => {
  const names = ['Remote-User', 'remote-user', 'REMOTE-USER', 'Remote_User', 'REMOTE_USER', 'remote_USER', 'X_Groups'];
  test.each(names)('%s', async (name) => {
    const request = `GET /user HTTP/1.1\r\nHost: b.com\r\n${name}: root\r\n${name}: root2\r\n${CLOSE}`;
    const [seen] = await gotFrom(() => sendRaw(port, request));
    expect(seen?.url).toBe('/user');
    expect(JSON.stringify(seen?.headers)).not.toContain('root');
  });

  test.each([
    ['removed as a header of the connection', 'Connection: close, Remote-User\r\nRemote-User: root\r\n\r\n'],
    ['folded', 'X: y\r\n Remote-User: root\r\nConnection: close\r\n\r\n'],
    [
      'as a trailer',
      'Transfer-Encoding: chunked\r\nTrailer: Remote-User\r\nConnection: close\r\n\r\n0\r\nRemote-User: root\r\n\r\n',
    ],
  ])('%s', async (_, rest) => {
    for (const { headers } of await gotFrom(() => sendRaw(port, `POST /user HTTP/1.1\r\nHost: b.com\r\n${rest}`))) {
      expect(headers['remote-user']).toBeUndefined();
    }
  });
});

describe('made-up addresses', () => {
  const headers = [
    'X-Forwarded-For: 127.0.5.1',
    'X-Forwarded-For: 127.0.5.1, 127.0.5.1',
    'X-Real-IP: 127.0.5.1',
    'Forwarded: for=127.0.5.1',
    'X-Client-IP: 127.0.5.1',
    'True-Client-IP: 127.0.5.1',
    'X_Forwarded_For: 127.0.5.1',
    'X-Original-Forwarded-For: 127.0.5.1',
  ];
  test.each(headers)('%s', async (header) => {
    expectNothing(await gotFrom(() => sendRaw(port, `GET /intern HTTP/1.1\r\nHost: b.com\r\n${header}\r\n${CLOSE}`)));
  });
});

describe('HTTP/2', () => {
  test.each<[string, Record<string, string>]>([
    ['a protected host', { ':authority': 'a.com', ':path': '/' }],
    ['another Host header', { ':authority': 'a.com', ':path': '/', host: 'b.com' }],
    ['the other way', { ':authority': 'b.com', ':path': '/', host: 'a.com' }],
    ['slashes', { ':authority': 'b.com', ':path': '//admin' }],
    ['dots', { ':authority': 'b.com', ':path': '/x/../admin' }],
    ['encoded', { ':authority': 'b.com', ':path': '/%61dmin' }],
    ['absolute', { ':authority': 'b.com', ':path': 'http://a.com/' }],
    ['no slash', { ':authority': 'b.com', ':path': 'admin' }],
    ['another scheme', { ':authority': 'b.com', ':path': '/admin', ':scheme': 'http' }],
    ['another method', { ':authority': 'b.com', ':path': '/admin', ':method': 'OPTIONS' }],
    ['a connection header', { ':authority': 'b.com', ':path': '/admin', te: 'trailers' }],
  ])('%s', async (_, headers) => {
    expectNothing(await gotFrom(() => http2(headers)));
  });
});

function http2(headers: Record<string, string>): Promise<void> {
  return new Promise((resolve) => {
    const session = connectHttp2(`https://127.0.0.1:${secure}`, { servername: 'b.com', rejectUnauthorized: false });
    const end = () => {
      session.destroy();
      resolve();
    };
    session.on('error', end);
    try {
      const stream = session.request(headers);
      stream.on('error', end).on('close', end).resume();
    } catch {
      end();
    }
  });
}
