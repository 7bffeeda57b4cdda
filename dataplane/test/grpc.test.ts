import { once } from 'node:events';
import { connect, createServer, type Http2Server, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { put } from './agent.ts';
import { freePorts, TestNginx } from './nginx.ts';
import { forwardTo, groupRecord, portRecord, prefix, routeRecord } from './records.ts';

let nginx: TestNginx;
let backend: Http2Server;
let port: number;

beforeAll(async () => {
  backend = createServer();
  backend.on('stream', (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.pipe(stream);
  });
  backend.listen(0, '127.0.0.1');
  await once(backend, 'listening');
  port = (await freePorts(1))[0] ?? 0;
  nginx = await TestNginx.start({
    ports: [{ port, protocol: 'grpc' }],
    state: [
      { op: 'begin', full: true },
      put(portRecord(port)),
      put(groupRecord('greeter', [(backend.address() as AddressInfo).port])),
      put(groupRecord('empty', [])),
      put(
        routeRecord('greeter', [port], [prefix('/helloworld.Greeter')], {
          action: forwardTo('greeter', { way: 'grpc' }),
        }),
      ),
      put(routeRecord('empty', [port], [prefix('/empty.')], { action: forwardTo('empty', { way: 'grpc' }) })),
      { op: 'commit', version: 1 },
    ],
  });
});

afterAll(async () => {
  await nginx?.stop();
  backend?.close();
});

async function call(
  path: string,
): Promise<{ headers: IncomingHttpHeaders; trailers: IncomingHttpHeaders; body: string }> {
  const session = connect(`http://127.0.0.1:${port}`);
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.setEncoding('utf8').end('message');
  let trailers: IncomingHttpHeaders = {};
  stream.on('trailers', (received: IncomingHttpHeaders) => {
    trailers = received;
  });
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  let body = '';
  for await (const part of stream) body += String(part);
  session.close();
  return { headers, trailers, body };
}

test('ALB-103 a call goes to the backend and its trailers come back', async () => {
  for (let i = 0; i < 3; i++) {
    const { headers, trailers, body } = await call('/helloworld.Greeter/SayHello');
    expect({ status: headers[':status'], body, grpc: trailers['grpc-status'] }).toEqual({
      status: 200,
      body: 'message',
      grpc: '0',
    });
  }
});

test('no endpoints: UNAVAILABLE; no route: UNIMPLEMENTED', async () => {
  expect((await call('/empty.Service/Call')).headers).toMatchObject({ ':status': 200, 'grpc-status': '14' });
  expect((await call('/other.Service/Call')).headers).toMatchObject({ ':status': 200, 'grpc-status': '12' });
});
