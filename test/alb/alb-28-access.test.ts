import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { base64 } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { eventsOf } from './events.ts';
import { answersWith } from './lab.ts';
import { annotated, GuardedLab } from './protected.ts';

let guarded: GuardedLab;
let http: number;

beforeAll(async () => {
  guarded = await GuardedLab.start();
  http = guarded.lab.ports.http;
  const basic = { 'auth-type': 'basic', 'auth-secret': 'pw' };
  await guarded.lab.home.apply(
    {
      ...{ apiVersion: 'v1', kind: 'Secret' },
      metadata: { name: 'pw', namespace: 'default' },
      data: { auth: base64('foo:$apr1$qICNZ61Q$2iooiJVUAMmprq258/ChP1') },
    },
    annotated('white', { 'whitelist-source-range': '127.0.5.0/24, 127.0.6.1, 2001:db8::/32' }),
    annotated('allow', { 'allowlist-source-range': '127.0.5.0/24' }),
    annotated('deny', { 'denylist-source-range': '127.0.5.0/24' }),
    annotated('both', { 'allowlist-source-range': '127.0.5.0/24', 'denylist-source-range': '127.0.5.7' }),
    annotated('any', { ...basic, 'whitelist-source-range': '127.0.5.0/24', satisfy: 'any' }),
    annotated('all', { ...basic, 'whitelist-source-range': '127.0.5.0/24', satisfy: 'all' }),
    annotated('any-denied', { ...basic, 'denylist-source-range': '127.0.5.0/24', satisfy: 'any' }),
    annotated('any-list', { 'whitelist-source-range': '127.0.5.0/24', satisfy: 'any' }),
    annotated('wrong', { 'whitelist-source-range': '127.0.5.0/40' }),
    annotated('kept', { 'auth-url': 'http://auth.default.svc/kept', 'auth-keepalive': '4' }),
    annotated('twice', { 'auth-url': 'http://auth.default.svc/', 'auth-keepalive-requests': '2' }),
  );
  await answersWith(500, http, '/wrong');
  await answersWith(200, http, '/twice');
});
afterAll(() => guarded.stop());

const LOGIN = { authorization: `Basic ${base64('foo:bar')}` };

describe('ALB-28, LIM-08 lists of addresses', () => {
  test.each([
    ['/white', '127.0.5.9', 200],
    ['/white', '127.0.6.1', 200],
    ['/white', '127.0.6.2', 403],
    ['/allow', '127.0.5.9', 200],
    ['/allow', '127.0.6.1', 403],
    ['/deny', '127.0.5.9', 403],
    ['/deny', '127.0.6.1', 200],
    ['/both', '127.0.5.8', 200],
    ['/both', '127.0.5.7', 403],
    ['/any-list', '127.0.5.8', 200],
    ['/any-list', '127.0.6.1', 403],
  ])('%s from %s: %d', async (path, from, status) => {
    const answer = await ask(http, path, { from });
    expect(answer.status).toBe(status);
    if (status === 403) {
      expect(answer.headers['x-alb-err-reason']).toBe('AccessDenied : the address of the client');
      expect(answer.body).toBe('X-Error: 403\n');
    }
  });

  test('a header of a client is no address of it', async () => {
    const headers = { 'x-forwarded-for': '127.0.5.9', 'x-real-ip': '127.0.5.9', forwarded: 'for=127.0.5.9' };
    expect((await ask(http, '/white', { from: '127.0.6.2', headers })).status).toBe(403);
  });

  test('a list that cannot be read lets nobody in, and is told', async () => {
    expect((await ask(http, '/wrong', { from: '127.0.5.1' })).status).toBe(500);
    await eventually(async () =>
      expect((await eventsOf(guarded.lab.home, 'Ingress', 'wrong')).join('\n')).toContain(
        '"127.0.5.0/40" is neither an address nor a network',
      ),
    );
  });
});

describe('ALB-28 satisfy', () => {
  test.each([
    ['/any', '127.0.5.1', {}, 200],
    ['/any', '127.0.6.1', {}, 401],
    ['/any', '127.0.6.1', LOGIN, 200],
    ['/all', '127.0.5.1', {}, 401],
    ['/all', '127.0.5.1', LOGIN, 200],
    ['/all', '127.0.6.1', LOGIN, 403],
    ['/any-denied', '127.0.6.1', {}, 401],
    ['/any-denied', '127.0.5.1', LOGIN, 200],
  ])('%s from %s with %j: %d', async (path, from, headers, status) => {
    expect((await ask(http, path, { from, headers })).status).toBe(status);
  });
});

describe('ALB-28, LIM-02 connections to the authentication service', () => {
  test('auth-keepalive 4: however many requests come, at most 4 connections per worker', async () => {
    const before = guarded.auth.connections();
    const asked = guarded.auth.asked.length;
    const statuses = new Set<number>();
    let left = 500;
    // All the time new ones come while others end: that is when nginx's own limit gives way.
    const client = async (): Promise<void> => {
      while (left-- > 0) statuses.add((await ask(http, '/kept')).status);
    };
    await Promise.all(Array.from({ length: 50 }, client));
    expect(statuses).toEqual(new Set([200]));
    expect(guarded.auth.asked.length - asked).toBe(500);
    expect(guarded.auth.connections() - before).toBeLessThanOrEqual(8);
  });

  test('auth-keepalive-requests 2: a connection is used twice', async () => {
    const before = guarded.auth.connections();
    for (let i = 0; i < 12; i += 1) await ask(http, '/twice');
    const opened = guarded.auth.connections() - before;
    expect(opened).toBeGreaterThanOrEqual(5);
    expect(opened).toBeLessThanOrEqual(8);
  });
});

/** Last, since workers of before the change go on serving for a moment. */
describe('ALB-28 lists behind a proxy', () => {
  test('behind a proxy that is trusted, what it says is the address', async () => {
    await guarded.lab.home.configure('alb', { trustedProxies: ['127.0.9.0/24'] });
    const headers = { 'x-forwarded-for': '127.0.5.9' };
    await eventually(async () => expect((await ask(http, '/white', { from: '127.0.9.1', headers })).status).toBe(200));
    expect((await ask(http, '/white', { from: '127.0.6.2', headers })).status).toBe(403);
    const mapped = { 'x-forwarded-for': '::ffff:127.0.5.9' };
    for (const told of [headers, mapped]) {
      await eventually(async () =>
        expect((await ask(http, '/deny', { from: '127.0.9.1', headers: told })).status).toBe(403),
      );
    }
  });
});
