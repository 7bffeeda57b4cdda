import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, ask } from '../acceptance/http-request.ts';
import { group } from '../acceptance/objects.ts';
import { answersWith, Lab } from './lab.ts';

let lab: Lab;
let port: number;

beforeAll(async () => {
  lab = await Lab.start(['app'], { workerLimit: 1 });
  port = await lab.open('web', { serviceGroup: group({ app: 100 }) });
  await answersWith(200, port);
});
afterAll(() => lab.stop());

/** An answer of that many bytes and that type. */
function sized(
  bytes: number,
  type = 'application/json',
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const asked = `/?status=200&header=${encodeURIComponent(`content-type: ${type}`)}&header=${encodeURIComponent(`content-length: ${bytes}`)}`;
  return ask(port, `${asked}&body=${'x'.repeat(bytes)}`, { headers: { 'accept-encoding': 'gzip', ...headers } });
}

describe('ALB-106 compression, limits, buffers', () => {
  test('300 bytes of JSON are compressed, with Vary; 200 are not, nor is an image', async () => {
    const large = await sized(300);
    expect(large.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
    expect((await sized(200)).headers['content-encoding']).toBeUndefined();
    expect((await sized(300, 'image/png')).headers['content-encoding']).toBeUndefined();
    expect((await sized(300, 'text/html')).headers['content-encoding']).toBe('gzip');
    // Also of requests that came through a proxy.
    expect((await sized(300, 'application/json', { via: '1.1 other' })).headers['content-encoding']).toBe('gzip');
    expect(
      (await sized(300, 'application/json', { 'accept-encoding': '' })).headers['content-encoding'],
    ).toBeUndefined();
  });

  test('enableGzip "false" switches it off', async () => {
    await lab.home.configure('alb', { enableGzip: 'false' });
    await expect.poll(async () => (await sized(300)).headers['content-encoding'], { timeout: 10_000 }).toBeUndefined();
  });

  test('bodies have no limit: 64 MiB pass', async () => {
    const chunk = Buffer.alloc(1 << 20);
    const sent = request({ host: '127.0.0.1', port, path: '/', method: 'POST', agent: false });
    Readable.from(Array.from({ length: 64 }, () => chunk)).pipe(sent);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(200);
  });

  test('a header of 15 kB passes, of 17 kB is 400', async () => {
    expect(await statusWithHeader(15 * 1024)).toContain(' 200 ');
    expect(await statusWithHeader(17 * 1024)).toContain(' 400 ');
  });
});

/** First line of the answer. */
async function statusWithHeader(bytes: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(`GET / HTTP/1.1\r\nHost: a.com\r\nConnection: close\r\nX-Large: ${'x'.repeat(bytes)}\r\n\r\n`);
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text.split('\r\n')[0] ?? '';
}
