import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { put } from './agent.ts';
import { type Backend, startBackend } from './backend.ts';
import { ask } from './http-client.ts';
import { freePorts, TestNginx } from './nginx.ts';
import { forwardTo, groupRecord, host, portRecord, prefix, routeRecord } from './records.ts';

let nginx: TestNginx;
let backend: Backend;
let port: number;
let other: number;

beforeAll(async () => {
  backend = await startBackend('b', (request, response) => {
    if (request.url === '/404') {
      response.writeHead(404).end('im 404');
    } else if (request.url === '/empty') {
      response.writeHead(404).end();
    } else if (request.url === '/504') {
      response.writeHead(504).end('mine');
    } else {
      response.end(JSON.stringify(request.headers));
    }
  });
  [port = 0, other = 0] = await freePorts(2);
  nginx = await TestNginx.start({
    ports: [
      { port, protocol: 'http' },
      { port: other, protocol: 'http' },
    ],
    state: [
      { op: 'begin', full: true },
      put(portRecord(port)),
      put(portRecord(other, { fallback: forwardTo('g', { host: 'fallback.example' }) })),
      put(groupRecord('g', [backend.port])),
      put(routeRecord('a', [port], [host('a.com')])),
      put(routeRecord('vhost', [port], [host('v.com')], { action: forwardTo('g', { host: 'b.example' }) })),
      put(
        routeRecord('teapot', [port], [prefix('/teapot')], {
          action: { type: 'respond', status: 429, reason: 'Limit : too much' },
        }),
      ),
      put(routeRecord('spaced', [port], [prefix('/a b')])),
      { op: 'commit', version: 1 },
    ],
  });
});

afterAll(async () => {
  await nginx?.stop();
  await backend?.close();
});

test('errors of backends keep their body and say how much was read', async () => {
  const answer = await ask(port, '/404', { host: 'a.com' });
  expect({ status: answer.status, body: answer.body }).toEqual({ status: 404, body: 'im 404' });
  expect(answer.headers['x-alb-err-reason']).toMatch(/^BackendError : read [1-9]\d* byte data from backend$/);
  expect((await ask(port, '/empty', { host: 'a.com' })).body).toBe('');
  const own = await ask(port, '/504', { host: 'a.com' });
  expect({ status: own.status, body: own.body }).toEqual({ status: 504, body: 'mine' });
  expect(own.headers['x-alb-err-reason']).toMatch(/^BackendError/);
});

test('success has no error header, but Via', async () => {
  const { headers } = await ask(port, '/', { host: 'a.com' });
  expect(headers['x-alb-err-reason']).toBeUndefined();
  expect(headers['via']).toBe('alb');
});

test('respond actions', async () => {
  const answer = await ask(port, '/teapot');
  expect({ status: answer.status, body: answer.body, reason: answer.headers['x-alb-err-reason'] }).toEqual({
    status: 429,
    body: 'X-Error: 429\n',
    reason: 'Limit : too much',
  });
});

test('malformed requests get our page too', async () => {
  const socket = connect(port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\n\r\n');
  let text = '';
  for await (const part of socket) text += String(part);
  expect(text).toMatch(/^HTTP\/1\.1 400/);
  expect(text).toMatch(/\r\n\r\nX-Error: 400\n$/);
});

test('our error page cannot be asked for', async () => {
  expect(await ask(port, '/.causeway/error')).toMatchObject({ status: 404, body: 'X-Error: 404\n' });
});

test('ALB-75 headers to the backend', async () => {
  const { body } = await ask(port, '/x?y=1', {
    host: 'a.com:8080',
    headers: { 'x-forwarded-for': '9.9.9.9', under_score: '1' },
  });
  expect(JSON.parse(body)).toMatchObject({
    host: 'a.com:8080',
    'x-real-ip': '127.0.0.1',
    'x-forwarded-for': '9.9.9.9, 127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-scheme': 'http',
    'x-forwarded-host': 'a.com:8080',
    'x-forwarded-port': String(port),
    'x-original-uri': '/x?y=1',
    'x-original-url': 'http://a.com:8080/x?y=1',
    'x-original-method': 'GET',
    under_score: '1',
  });
});

test('ALB-74 another Host for the backend', async () => {
  const { body } = await ask(port, '/', { host: 'v.com' });
  expect(JSON.parse(body)).toMatchObject({ host: 'b.example', 'x-forwarded-host': 'v.com' });
});

test('ALB-08 routes see the decoded path, the backend the original', async () => {
  const { body } = await ask(port, '/a%20b/c?d=%20');
  expect(JSON.parse(body)).toMatchObject({ 'x-original-uri': '/a%20b/c?d=%20' });
  expect(backend.requests.at(-1)?.url).toBe('/a%20b/c?d=%20');
});

test('the fallback of a port takes what no route takes', async () => {
  expect(JSON.parse((await ask(other, '/anything')).body)).toMatchObject({ host: 'fallback.example' });
});

test('ALB-134 access log', async () => {
  await ask(port, '/logged', { host: 'a.com', headers: { 'user-agent': 'test' } });
  nginx.signal('SIGUSR1');
  await nginx.agent.until(() => true);
  const line = new RegExp(
    `^\\[[^\\]]+\\] 127\\.0\\.0\\.1 "a\\.com" "GET /logged HTTP/1\\.1" 200 200 127\\.0\\.0\\.1:${backend.port} "test" "-" [\\d.]+ [\\d.]+ \\d+ ${port}$`,
    'm',
  );
  await expect.poll(() => nginx.accessLog()).toMatch(line);
});

test('no complaint of nginx', () => {
  expect(nginx.errorLog()).not.toMatch(/\[(error|crit|alert|emerg)\]/);
});

test('its structures are those that the data plane knows, or each request would cost more', () => {
  expect(nginx.errorLog()).not.toContain('requests take longer');
});
