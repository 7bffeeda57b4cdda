import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import type { ProbeIR } from '@causeway/ir/gateway';
import { field, numberField, parseMessage } from '@causeway/protocols/protobuf/message';
import type { GroupCheck } from '@causeway/targets/nginx/endpoint-health';
import { Server as GrpcServer, ServerCredentials } from '@grpc/grpc-js';
import pino from 'pino';
import { afterAll, describe, expect, test } from 'vitest';
import { EndpointChecks } from './endpoint-checks.ts';
import { probe } from './probe.ts';

const ADDRESS = '127.0.0.1';
const closers: (() => void)[] = [];
afterAll(() => {
  for (const close of closers) close();
});

async function portOf(server: Server): Promise<number> {
  server.listen(0, ADDRESS);
  await once(server, 'listening');
  closers.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

function check(how: ProbeIR, protocol: GroupCheck['protocol'] = 'http'): GroupCheck {
  return { probe: how, protocol, intervalMs: 10, timeoutMs: 10_000, jitterMs: 0, failures: 2, successes: 2 };
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('GW-45 what is asked of an endpoint', () => {
  test('a request: its status, what is in its body, its host', async () => {
    const port = await portOf(
      createHttpServer((request, response) => {
        response.writeHead(request.url === '/sick' ? 500 : 200).end(`${request.method} ${request.headers.host}`);
      }),
    );
    const ask = (fields: Partial<Extract<ProbeIR, { type: 'http' }>>): Promise<string | undefined> =>
      probe(check({ type: 'http', path: '/', method: 'GET', statuses: [200], ...fields }), { address: ADDRESS, port });
    expect(await ask({})).toBeUndefined();
    expect(await ask({ path: '/sick' })).toBe('it answers 500');
    expect(await ask({ path: '/sick', statuses: [200, 500] })).toBeUndefined();
    expect(await ask({ method: 'HEAD' })).toBeUndefined();
    expect(await ask({ host: 'a.example', expected: base64('GET a.example') })).toBeUndefined();
    expect(await ask({ expected: base64('no such text') })).toMatch('something else');
  });

  test('a connection: that it is there, what comes back', async () => {
    const port = await portOf(
      createServer((socket) => {
        socket.on('error', () => undefined);
        socket.on('data', (data) => socket.end(`got ${data}`));
      }),
    );
    const ask = (fields: object, to = port): Promise<string | undefined> =>
      probe(check({ type: 'tcp', ...fields }, 'tcp'), { address: ADDRESS, port: to });
    expect(await ask({})).toBeUndefined();
    expect(await ask({ sent: base64('ping'), expected: base64('got ping') })).toBeUndefined();
    expect(await ask({ sent: base64('ping'), expected: base64('pong') })).toMatch('something else');
    const gone = createServer();
    const closed = await portOf(gone);
    gone.close();
    await once(gone, 'close');
    expect(await ask({}, closed)).toMatch('ECONNREFUSED');
    const silent: ProbeIR = { type: 'tcp', expected: base64('x') };
    const impatient = { ...check(silent, 'tcp'), timeoutMs: 50 };
    expect(await probe(impatient, { address: ADDRESS, port })).toBe('no answer within 50 ms');
  });

  test('a call of the health service', async () => {
    const server = new GrpcServer();
    const same = (bytes: Buffer): Buffer => bytes;
    server.register(
      '/grpc.health.v1.Health/Check',
      (call: { request: Buffer }, answer: (error: null, message: Buffer) => void) => {
        const [service = ''] = parseMessage(call.request).bytes(1).map(String);
        answer(null, numberField(1, service === 'shop' ? 1 : 2));
      },
      same,
      same,
      'unary',
    );
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(`${ADDRESS}:0`, ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    closers.push(() => server.forceShutdown());
    const ask = (service: string): Promise<string | undefined> =>
      probe(check({ type: 'grpc', service }, 'grpc'), { address: ADDRESS, port });
    expect(field(1, '')).toHaveLength(0);
    expect(await ask('shop')).toBeUndefined();
    expect(await ask('')).toBe('it says that it does not serve');
    const http = check({ type: 'http', path: '/', method: 'GET', statuses: [200] }, 'grpc');
    expect(await probe(http, { address: ADDRESS, port })).toMatch('it answers 4');
  });
});

describe('GW-45 what is thought of an endpoint', () => {
  test('groups share a question; the first answer counts, then so many in a row; what nobody wants is not asked', async () => {
    let sick = true;
    let asked = 0;
    const port = await portOf(
      createHttpServer((_, response) => {
        asked++;
        response.writeHead(sick ? 503 : 200).end();
      }),
    );
    const checks = new EndpointChecks(pino({ level: 'silent' }));
    const endpoint = { address: ADDRESS, port };
    const http = check({ type: 'http', path: '/', method: 'GET', statuses: [200] });
    let told: () => void = () => undefined;
    const planes = [1, 2].map(() => checks.open(() => told()));
    const isWell = (): readonly boolean[] => planes.map((plane) => plane.isWell('g', endpoint));
    const next = (): Promise<void> =>
      new Promise((resolve) => {
        told = resolve;
      });
    const first = next();
    for (const plane of planes) plane.watch('g', http, [endpoint]);
    expect([checks.size, isWell()]).toEqual([1, [true, true]]);
    await first;
    expect([asked, isWell()]).toEqual([1, [false, false]]);
    const second = next();
    sick = false;
    const before = asked;
    await second;
    expect(asked - before).toBeGreaterThanOrEqual(2);
    expect(isWell()).toEqual([true, true]);
    planes[0]?.watch('g', http, []);
    expect(checks.size).toBe(1);
    planes[1]?.close();
    expect(checks.size).toBe(0);
  });
});
