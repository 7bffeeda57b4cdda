import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { StreamLine } from '../policy/record.ts';
import { put } from './agent.ts';
import { type Backend, startBackend } from './backend.ts';
import { selfSigned, type TestCertificate } from './certificates.ts';
import { freePorts, TestNginx } from './nginx.ts';
import { forwardTo, groupRecord, portRecord, prefix, routeRecord } from './records.ts';

let nginx: TestNginx;
let backend: Backend;
let secure: HttpsServer;
let withFallback: number;
let strict: number;
let placeholder: TestCertificate;

beforeAll(async () => {
  backend = await startBackend('b', (request, response) => response.end(JSON.stringify(request.headers)));
  new WebSocketServer({ server: backend.server }).on('connection', (socket) => {
    socket.on('message', (data: Buffer) => socket.send(`echo ${data.toString()}`));
  });
  placeholder = await selfSigned('placeholder.invalid');
  secure = createHttpsServer({ cert: placeholder.chainPem, key: placeholder.keyPem }, (_, response) =>
    response.end('secure'),
  );
  secure.listen(0, '127.0.0.1');
  await once(secure, 'listening');
  [withFallback = 0, strict = 0] = await freePorts(2);
  const certificates: StreamLine[] = [];
  for (const name of ['a.com', '*.e.com', 'd.com'])
    certificates.push(put({ type: 'certificate', id: name, ...(await selfSigned(name)) }));
  nginx = await TestNginx.start({
    ports: [
      { port: withFallback, protocol: 'https' },
      { port: strict, protocol: 'https' },
    ],
    workers: 2,
    placeholder,
    state: [
      { op: 'begin', full: true },
      ...certificates,
      put(portRecord(withFallback, { tls: { fallback: 'd.com', forUnknown: 'd.com' } })),
      put(portRecord(strict, { tls: { fallback: 'd.com' } })),
      ...[withFallback, strict].flatMap((port) =>
        ['a.com', '*.e.com'].map((host) =>
          put({ type: 'serverName', id: `${port}/${host}`, port: String(port), host, certificate: host }),
        ),
      ),
      put(groupRecord('g', [backend.port])),
      put(groupRecord('secure', [(secure.address() as AddressInfo).port])),
      put(routeRecord('all', [withFallback, strict], [prefix('/')])),
      put(
        routeRecord('secure', [withFallback], [prefix('/secure')], {
          specificity: [1],
          action: forwardTo('secure', { way: 'https' }),
        }),
      ),
      { op: 'commit', version: 1 },
    ],
  });
});

afterAll(async () => {
  await nginx?.stop();
  await backend?.close();
  secure?.close();
});

/** The name in the certificate shown, or undefined when the handshake fails. */
async function shown(port: number, options: ConnectionOptions): Promise<string | undefined> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
  try {
    await once(socket, 'secureConnect');
    const name = socket.getPeerCertificate().subject.CN;
    return typeof name === 'string' ? name : undefined;
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}

describe('ALB-109 selection by SNI', () => {
  const cases = [
    { name: 'exact', servername: 'a.com', want: 'a.com', wantWithFallback: 'a.com' },
    { name: 'case-insensitive', servername: 'A.Com', want: 'a.com', wantWithFallback: 'a.com' },
    { name: 'wildcard', servername: 'c.e.com', want: '*.e.com', wantWithFallback: '*.e.com' },
    { name: 'wildcard is one label', servername: 'x.c.e.com', want: undefined, wantWithFallback: 'd.com' },
    { name: 'unknown', servername: 'b.com', want: undefined, wantWithFallback: 'd.com' },
    { name: 'no SNI', servername: '', want: 'd.com', wantWithFallback: 'd.com' },
  ];
  for (const { name, servername, want, wantWithFallback } of cases) {
    test(name, async () => {
      expect(await shown(strict, { servername })).toBe(want);
      expect(await shown(withFallback, { servername })).toBe(wantWithFallback);
    });
  }
});

test('a certificate is replaced without a reload and without dropping connections', async () => {
  const open: TLSSocket = connect({ host: '127.0.0.1', port: strict, servername: 'a.com', rejectUnauthorized: false });
  await once(open, 'secureConnect');
  const pids = [...nginx.agent.workers].map(({ pid }) => pid).toSorted((a, b) => a - b);
  const fresh = await selfSigned('fresh.com');
  await nginx.agent.push(2, [put({ type: 'certificate', id: 'a.com', ...fresh })], 2);
  for (let i = 0; i < 10; i++) expect(await shown(strict, { servername: 'a.com' })).toBe('fresh.com');
  open.write('GET / HTTP/1.1\r\nHost: a.com\r\n\r\n');
  const [answer] = (await once(open, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 200/);
  open.destroy();
  expect([...nginx.agent.workers].map(({ pid }) => pid).toSorted((a, b) => a - b)).toEqual(pids);
});

test('a certificate that is no PEM is skipped; the rest of its transaction applies', async () => {
  await nginx.agent.push(
    3,
    [
      put({ type: 'certificate', id: 'bad', chainPem: 'x', keyPem: 'y' }),
      put({ type: 'certificate', id: 'a.com', ...(await selfSigned('third.com')) }),
    ],
    2,
  );
  expect(await shown(strict, { servername: 'a.com' })).toBe('third.com');
});

test('ALB-97 no TLS below 1.2', async () => {
  const ciphers = 'DEFAULT@SECLEVEL=0';
  expect(
    await shown(strict, { servername: 'a.com', minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers }),
  ).toBeUndefined();
  expect(await shown(strict, { servername: 'a.com', maxVersion: 'TLSv1.2' })).toBeDefined();
  expect(await shown(strict, { servername: 'a.com', minVersion: 'TLSv1.3' })).toBeDefined();
});

test('HTTP/2 by ALPN, routed and forwarded with its Host', async () => {
  const session = connectHttp2(`https://127.0.0.1:${strict}`, { servername: 'a.com', rejectUnauthorized: false });
  const stream = session.request({ ':path': '/h2', ':authority': 'a.com' });
  stream.end();
  let body = '';
  for await (const part of stream.setEncoding('utf8')) body += String(part);
  const headers = JSON.parse(body) as Record<string, string>;
  expect(headers).toMatchObject({
    host: 'a.com',
    'x-forwarded-proto': 'https',
    'x-original-uri': '/h2',
    'x-forwarded-port': String(strict),
  });
  session.close();
});

test('ALB-104 WebSocket through https', async () => {
  const socket = new WebSocket(`wss://127.0.0.1:${strict}/ws`, { rejectUnauthorized: false });
  await once(socket, 'open');
  socket.send('hello');
  const [data] = (await once(socket, 'message')) as [Buffer];
  expect(data.toString()).toBe('echo hello');
  socket.close();
});

test('ALB-107 https backend with a certificate of its own', async () => {
  const session = connectHttp2(`https://127.0.0.1:${withFallback}`, { servername: 'a.com', rejectUnauthorized: false });
  const stream = session.request({ ':path': '/secure?x=1', ':authority': 'a.com' });
  stream.end();
  let body = '';
  for await (const part of stream.setEncoding('utf8')) body += String(part);
  expect(body).toBe('secure');
  session.close();
});
