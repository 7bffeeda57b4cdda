import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ask, ask } from '../acceptance/http-request.ts';
import { group, serviceTo } from '../acceptance/objects.ts';
import { freePort } from '../e2e/traffic.ts';
import { answersWith, Lab } from './lab.ts';

let lab: Lab;
let port: number;

beforeAll(async () => {
  lab = await Lab.start(['app']);
  await lab.home.apply(
    ...serviceTo({ name: 'refuses', port: await freePort() }),
    serviceTo({ name: 'empty', port: 1 })[0],
  );
  port = await lab.open('web');
  const add = (name: string, service: string, config = {}) =>
    lab.addPath('web', name, { serviceGroup: group({ [service]: 100 }), config });
  await add('app', 'app');
  await add('quick', 'app', { timeout: { proxy_read_timeout_ms: 300 } });
  await add('empty', 'empty');
  await add('refused', 'refuses');
  await answersWith(200, port, '/app');
  await answersWith(200, port, '/quick');
  await answersWith(500, port, '/empty');
  await answersWith(502, port, '/refused');
});
afterAll(() => lab.stop());

describe('ALB-110 errors', () => {
  const noMatch = 'InvalidUpstream : no rule match';
  const cases: readonly (Ask & {
    readonly name: string;
    readonly path: string;
    readonly want: { readonly status: number; readonly body: string; readonly reason: RegExp | undefined };
  })[] = [
    {
      name: 'no rule',
      path: '/none',
      want: { status: 404, body: 'X-Error: 404\n', reason: new RegExp(`^${noMatch}$`) },
    },
    {
      name: 'no rule, POST with a body',
      path: '/none',
      method: 'POST',
      body: 'x'.repeat(100_000),
      want: { status: 404, body: 'X-Error: 404\n', reason: new RegExp(`^${noMatch}$`) },
    },
    { name: 'HEAD has no body', path: '/none', method: 'HEAD', want: { status: 404, body: '', reason: /^Inv/ } },
    {
      name: 'no endpoints',
      path: '/empty',
      want: { status: 500, body: 'X-Error: 500\n', reason: /^InvalidBalancer : no balancer found for \S+$/ },
    },
    {
      name: 'all endpoints refuse',
      path: '/refused',
      want: { status: 502, body: 'X-Error: 502\n', reason: /^BackendError : read 0 byte data from backend$/ },
    },
    {
      name: 'read timeout',
      path: '/quick?sleep=3000',
      method: 'POST',
      want: { status: 504, body: 'X-Error: 504\n', reason: /^TimeoutViaBackend : / },
    },
    {
      name: 'the backend says 404',
      path: '/app?status=404&body=im+404',
      want: { status: 404, body: 'im 404', reason: /^BackendError : read [1-9]\d* byte data from backend$/ },
    },
    {
      name: 'the backend says 404 without a body',
      path: '/app?status=404',
      want: { status: 404, body: '', reason: /^BackendError : read [1-9]\d* byte data from backend$/ },
    },
    {
      name: 'the backend says 503',
      path: '/app?status=503&body=busy',
      want: { status: 503, body: 'busy', reason: /^BackendError : read [1-9]\d* byte data from backend$/ },
    },
    {
      name: 'the backend says 200',
      path: '/app?status=200&body=ok',
      want: { status: 200, body: 'ok', reason: undefined },
    },
    {
      name: 'the backend redirects',
      path: '/app?status=302&body=',
      want: { status: 302, body: '', reason: undefined },
    },
    {
      name: 'a header line longer than 16k (ALB-106)',
      path: '/app',
      headers: { long: 'x'.repeat(17_000) },
      want: { status: 400, body: 'X-Error: 400\n', reason: /./ },
    },
  ];
  test.each(cases)('$name', async ({ name: _name, path, want, ...request }) => {
    const { status, body, headers } = await ask(port, path, request);
    expect({ status, body }).toEqual({ status: want.status, body: want.body });
    const reason = headers['x-alb-err-reason'];
    if (want.reason === undefined) expect(reason).toBeUndefined();
    else expect(reason).toMatch(want.reason);
    expect(JSON.stringify(headers)).not.toMatch(/openresty|nginx|lua/i);
    expect(headers['server']).toBeUndefined();
  });

  test('what is not HTTP gets 400, without a product name', async () => {
    for (const bytes of [
      'nonsense\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a b\r\n\r\n',
      'GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n',
    ]) {
      const text = await raw(port, bytes);
      expect(text).toContain('400');
      expect(text).toMatch(/X-Error: 400/);
      expect(text).not.toMatch(/openresty|nginx|<html>|server:/i);
    }
    expect(await ask(port, '/app')).toMatchObject({ status: 200 });
  });
});

/** Sends bytes, reads until the other side closes. */
function raw(toPort: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(toPort, '127.0.0.1', () => socket.write(bytes));
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('end', () => resolve(text)).on('error', reject);
  });
}
