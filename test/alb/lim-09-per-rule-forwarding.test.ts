import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Rule } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { group, serviceTo } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { eventsOf } from './events.ts';
import { answersWith, Lab } from './lab.ts';

let lab: Lab;
let port: number;
let slow: Server;
/** Bytes of a request that have reached the slow backend, and the HTTP version it came with. */
let arrived = 0;
let version = '';
/** Bytes that the backend got rid of for a client that reads nothing. */
let sent = 0;

const BIG = 32 * 1024 * 1024;

beforeAll(async () => {
  lab = await Lab.start(['app']);
  slow = createServer((request, response) => {
    version = request.httpVersion;
    arrived = 0;
    request.on('data', (part: Buffer) => {
      arrived += part.length;
    });
    if (request.url?.startsWith('/big') === true) {
      sent = 0;
      const write = () => {
        while (sent < BIG) {
          sent += 65_536;
          if (!response.write('x'.repeat(65_536))) {
            response.once('drain', write);
            return;
          }
        }
        response.end();
      };
      write();
    } else request.on('end', () => response.end('ok'));
  });
  slow.listen(0, '127.0.0.1');
  await once(slow, 'listening');
  await lab.home.apply(...serviceTo({ name: 'slow', port: (slow.address() as AddressInfo).port }));
  port = await lab.open('web');
});
afterAll(async () => {
  await lab.stop();
  slow.close();
  slow.closeAllConnections();
});

async function serve(path: string, config: NonNullable<Rule['spec']['config']>, service = 'slow'): Promise<void> {
  await lab.addRule('web', path.slice(1), {
    dslx: [{ type: 'URL', values: [['STARTS_WITH', path]] }],
    serviceGroup: group({ [service]: 100 }),
    config,
  });
}

/** Status of a request whose body comes in chunks, and is not told beforehand. */
async function postChunked(path: string, bytes: number): Promise<number> {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n`);
  socket.write(`${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n0\r\n\r\n`);
  let text = '';
  for await (const part of socket.setEncoding('utf8')) text += String(part);
  return Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
}

describe('LIM-09 what ALB fixes is a setting of a Rule', () => {
  test('the size of request bodies, told or not', async () => {
    await serve('/limited', { transfer: { maxRequestBodyBytes: 1000 } }, 'app');
    const body = 'x'.repeat(1001);
    const refused = await answersWith(413, port, '/limited', { method: 'POST', body });
    expect(refused.body).toBe('X-Error: 413\n');
    expect(refused.headers['x-alb-err-reason']).toBe('RequestTooLarge : the body is larger than allowed');
    expect((await ask(port, '/limited', { method: 'POST', body: 'x'.repeat(1000) })).status).toBe(200);
    expect(await postChunked('/limited', 1001)).toBe(413);
    expect(await postChunked('/limited', 1000)).toBe(200);
  });

  test('a request that was too large leaves nothing for the next one on its connection', async () => {
    const socket = connect(port, '127.0.0.1');
    const smuggled = 'GET /limited?smuggled HTTP/1.1\r\nHost: a\r\n\r\n'.padEnd(1001, 'x');
    socket.write(`POST /limited HTTP/1.1\r\nHost: a\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`);
    socket.write('GET /limited?next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    let text = '';
    for await (const part of socket.setEncoding('utf8')) text += String(part);
    expect(text.match(/^HTTP\/1\.1 \d+/gm)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200']);
    expect(text).not.toContain('smuggled"');
  });

  test('request buffering', async () => {
    await serve('/streamed', { transfer: { requestBuffering: false } });
    await answersWith(200, port, '/streamed');
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    socket.write('POST /streamed HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n');
    socket.write('x'.repeat(1000));
    await eventually(async () => expect(arrived).toBe(1000));
    socket.destroy();
  });

  test('answer buffering: the backend is done before the client has read', async () => {
    await serve('/big', { transfer: { responseBuffering: true, responseFileBytes: BIG * 2 } });
    await answersWith(200, port, '/streamed');
    await eventually(async () => {
      const socket = connect(port, '127.0.0.1').on('error', () => {});
      try {
        socket.pause();
        socket.write('GET /big HTTP/1.1\r\nHost: a\r\n\r\n');
        await eventually(async () => expect(sent).toBeGreaterThanOrEqual(BIG), 2_000);
      } finally {
        socket.destroy();
      }
    });
  });

  test('the HTTP version towards backends', async () => {
    await serve('/old', { transfer: { httpVersion: '1.0' } });
    await answersWith(200, port, '/old');
    expect(version).toBe('1.0');
    await answersWith(200, port, '/streamed');
    expect(version).toBe('1.1');
  });

  test('which answers are repeated, and how often', async () => {
    await serve('/again', { retry: { on: ['http_503'], attempts: 3 } }, 'app');
    await eventually(async () => {
      const before = lab.backends['app']?.requests() ?? 0;
      expect((await ask(port, '/again?status=503')).status).toBe(503);
      expect((lab.backends['app']?.requests() ?? 0) - before).toBe(3);
    });
    const before = lab.backends['app']?.requests() ?? 0;
    await ask(port, '/again?status=503', { method: 'POST', body: 'x' });
    expect((lab.backends['app']?.requests() ?? 0) - before).toBe(1);
  });

  test('until when', async () => {
    const timeout = { proxy_read_timeout_ms: 1000 };
    await serve('/briefly', { timeout, retry: { attempts: 10, timeoutMs: 1900 } }, 'app');
    await answersWith(200, port, '/briefly');
    const before = lab.backends['app']?.requests() ?? 0;
    expect((await ask(port, '/briefly?sleep=3000')).status).toBe(504);
    expect((lab.backends['app']?.requests() ?? 0) - before).toBe(2);
  });

  test('Frontends give their settings on to Rules and the default group', async () => {
    const limited = await lab.open('limited', {
      serviceGroup: group({ app: 100 }),
      config: { transfer: { maxRequestBodyBytes: 10 } },
    });
    await lab.addRule('limited', 'inherits', {
      dslx: [{ type: 'URL', values: [['STARTS_WITH', '/inherits']] }],
      serviceGroup: group({ app: 100 }),
    });
    await lab.addRule('limited', 'own', {
      dslx: [{ type: 'URL', values: [['STARTS_WITH', '/own']] }],
      serviceGroup: group({ app: 100 }),
      config: { transfer: {} },
    });
    const send = { method: 'POST', body: 'x'.repeat(11) };
    await answersWith(413, limited, '/inherits', send);
    await answersWith(413, limited, '/', send);
    await answersWith(200, limited, '/own', send);
  });

  test('what cannot be is refused with its field', async () => {
    const { code, stderr } = await lab.home.tryApply({
      apiVersion: 'crd.alauda.io/v1',
      kind: 'Rule',
      metadata: {
        name: 'bad',
        namespace: 'kube-system',
        labels: { 'alb2.cpaas.io/name': 'alb', 'alb2.cpaas.io/frontend': 'web' },
      },
      spec: { dslx: [], config: { transfer: { responseBuffers: 1 }, retry: { on: ['http_200'] } } },
    });
    expect(code).not.toBe(0);
    expect(stderr).toContain('spec.config.transfer.responseBuffers');
    expect(await eventsOf(lab.home, 'Rule', 'bad')).toEqual([]);
  });
});
