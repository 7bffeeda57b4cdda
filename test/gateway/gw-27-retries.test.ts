/** Rules and policies that have requests sent again, against a backend that fails as often as its client says. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer, Ask } from '../acceptance/http-request.ts';
import { serviceTo, slice } from '../acceptance/objects.ts';
import { eventually, eventuallyOnce } from '../e2e/eventually.ts';
import { GatewayLab, httpRoute, to } from './gateway-lab.ts';
import { policy, policyCondition } from './policy-objects.ts';

interface Attempt {
  /** Of the backend. */
  readonly port: number | undefined;
  readonly at: number;
  readonly method: string;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

let lab: GatewayLab;
/** By the client's name for its request. */
const attempts = new Map<string, Attempt[]>();

/** Fails the first `x-fail` attempts of a request: with a status, or `broken`, or `never` answered. */
const [backend, second] = [1, 2].map(() =>
  createServer((request, response) => {
    void answer(request, response);
  }),
) as [Server, Server];

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const at = performance.now();
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const { headers, method = '' } = request;
  const made = attempts.get(String(headers['x-name'])) ?? [];
  attempts.set(String(headers['x-name']), [
    ...made,
    { port: request.socket.localPort, at, method, body: Buffer.concat(parts).toString(), headers },
  ]);
  const how = headers['x-how'] ?? '503';
  if (made.length >= Number(headers['x-fail'] ?? 0)) response.end(`after ${made.length}`);
  else if (how === 'broken') request.socket.destroy();
  else if (how !== 'never') response.writeHead(Number(how), { 'x-failed': '1' }).end('failed');
}

beforeAll(async () => {
  for (const server of [backend, second]) await once(server.listen(0, '127.0.0.1'), 'listening');
  lab = await GatewayLab.start([]);
  const ports = [backend, second].map((server) => (server.address() as AddressInfo).port);
  const [pair] = serviceTo({ name: 'pair', port: 80 });
  const endpoints = [{ addresses: ['127.0.0.1'], conditions: { ready: true } }];
  await lab.home.apply(
    ...serviceTo({ name: 'weak', port: ports[0] ?? 0 }),
    pair,
    ...ports.map((port, index) => slice('pair', port, endpoints, `pair-${index}`)),
  );
});
afterAll(async () => {
  await lab?.stop();
  for (const server of [backend, second]) {
    server.closeAllConnections();
    server.close();
  }
});

let asked = 0;

/** @param how `503 x2`: fails twice. @returns the answer, and what the backend was sent */
async function failing(path: string, how: string, options: Ask = {}): Promise<readonly [Answer, readonly Attempt[]]> {
  const name = `r${asked++}`;
  const [kind = '', times = ''] = how.split(' x');
  const headers = { 'x-name': name, 'x-how': kind, 'x-fail': times, ...options.headers };
  const got = await lab.ask(path, { ...options, headers });
  return [got, attempts.get(name) ?? []];
}

/** Status, and how many attempts the backend has seen. */
async function outcome(path: string, how: string, options: Ask = {}): Promise<string> {
  const [{ status }, made] = await failing(path, how, options);
  return `${status} after ${made.length}`;
}

describe('GW-27 retries of a rule', () => {
  test('after any status and any method, with their bodies, after a wait; the last answer is the client’s', async () => {
    const added = { add: [{ name: 'x-add', value: '1' }] };
    await lab.home.apply(
      httpRoute('retries', [
        to('weak', '/one', { retry: { codes: [503, 418] } }),
        to('weak', '/many', { retry: { codes: [503, 500, 401], attempts: 15 } }),
        to('weak', '/wait', {
          retry: { codes: [418], attempts: 3, backoff: '100ms' },
          filters: [
            { type: 'ResponseHeaderModifier', responseHeaderModifier: added },
            { type: 'RequestHeaderModifier', requestHeaderModifier: added },
          ],
        }),
        to('weak', '/short', { retry: { codes: [503], attempts: 100, backoff: '100ms' }, timeouts: { request: '1s' } }),
        to('weak', '/client', { retry: { codes: [413, 503] } }),
      ]),
    );
    await eventually(async () => {
      expect(await outcome('/one', '418 x1')).toBe('200 after 2');
      expect(await outcome('/one', '418 x2')).toBe('418 after 2');
      expect(await outcome('/one', '500 x1')).toBe('500 after 1');
      expect(await outcome('/one', '503 x1', { method: 'POST', body: 'x'.repeat(100_000) })).toBe('200 after 2');
      expect(await outcome('/many', '503 x15')).toBe('200 after 16');
      expect(await outcome('/client', '503 x1')).toBe('200 after 2');
    });
    const [last] = await failing('/one', '418 x2');
    expect([last.body, last.headers['x-failed']]).toEqual(['failed', '1']);
    const [refused] = await failing('/one', '500 x2');
    expect([refused.body, refused.headers['x-failed']]).toEqual(['failed', '1']);
    const body = 'y'.repeat(100_000);
    const [got, made] = await failing('/wait', '418 x2', { method: 'POST', body });
    expect([got.status, got.body, got.headers['x-add']]).toEqual([200, 'after 2', '1']);
    expect(made.map((attempt) => [attempt.method, attempt.body === body, attempt.headers['x-add']])).toEqual(
      Array.from({ length: 3 }, () => ['POST', true, '1']),
    );
    const [first = 0, second = 0, third = 0] = made.map(({ at }) => at);
    // Clocks of two processes, in whole milliseconds.
    expect(second - first).toBeGreaterThan(95);
    expect(third - second).toBeGreaterThan(195);
    expect((await failing('/many', '401 x1'))[0].headers['www-authenticate']).toBeUndefined();
    const [late, few] = await failing('/short', '503 x1000');
    expect([late.status, late.body]).toEqual([504, 'X-Error: 504\n']);
    expect(few.length).toBeLessThan(6);
    expect(
      (await lab.home.read('HTTPRoute', { namespace: 'default', name: 'retries' }))?.status?.parents[0],
    ).toMatchObject({
      conditions: expect.arrayContaining([
        expect.objectContaining({
          type: 'Accepted',
          message: 'the route is served; rules[4].retry.codes: nothing is repeated after 413',
        }),
      ]),
    });
  });

  test('another attempt goes to another endpoint, where there is one', async () => {
    await lab.home.apply(httpRoute('pair', [to('pair', '/pair', { retry: { codes: [503] } })]));
    await eventually(async () => {
      for (let round = 0; round < 20; round += 1) {
        const [{ status }, made] = await failing('/pair', '503 x1');
        expect([status, made.length, new Set(made.map(({ port }) => port)).size]).toEqual([200, 2, 2]);
      }
    });
  });

  test('connections that break, and endpoints that take longer than backendRequest; not what cannot be repeated', async () => {
    const retry = { attempts: 2 };
    const codes = [502, 504];
    await lab.home.apply(
      httpRoute('unanswered', [
        to('weak', '/broken', { retry }),
        to('weak', '/broken/wait', { retry: { ...retry, backoff: '1ms' } }),
        to('weak', '/broken/codes', { retry: { ...retry, codes, backoff: '1ms' } }),
        to('weak', '/late', { retry, timeouts: { request: '60s', backendRequest: '500ms' } }),
        to('weak', '/late/codes', {
          retry: { ...retry, codes, backoff: '1ms' },
          timeouts: { request: '60s', backendRequest: '500ms' },
        }),
      ]),
    );
    await eventually(async () => {
      for (const path of ['/broken', '/broken/wait', '/broken/codes'])
        expect(await outcome(path, 'broken x2')).toBe('200 after 3');
      for (const path of ['/late', '/late/codes']) expect(await outcome(path, 'never x2')).toBe('200 after 3');
      expect(await outcome('/broken/codes', '502 x2')).toBe('200 after 3');
      expect(await outcome('/broken/codes', 'broken x3')).toBe('502 after 3');
      expect(await outcome('/broken/codes', 'broken x1', { method: 'POST', body: 'x' })).toBe('502 after 1');
      expect(await outcome('/broken/codes', '502 x1', { method: 'POST', body: 'x' })).toBe('200 after 2');
    });
  });
});

describe('GW-45 retries of a policy', () => {
  test('no more at the same time than the circuit breaker allows; what is beyond keeps its answer', async () => {
    const breaker = (maxParallelRetries: number) =>
      policy('BackendTrafficPolicy', 'broken', 'HTTPRoute/broken', { circuitBreaker: { maxParallelRetries } });
    await lab.home.apply(
      httpRoute('broken', [to('weak', '/parallel', { retry: { codes: [503], backoff: '300ms' } }), to('weak', '/not')]),
      breaker(0),
    );
    await eventually(async () => {
      expect(await outcome('/parallel', '503 x1')).toBe('503 after 1');
      expect(await outcome('/not', '503 x1')).toBe('503 after 1');
      expect(await policyCondition(lab, 'BackendTrafficPolicy', 'broken')).toContain('True Accepted');
    });
    await lab.home.apply(breaker(1));
    await eventually(async () => {
      const both = await Promise.all([1, 2].map(() => outcome('/parallel', '503 x1')));
      expect(both.sort()).toEqual(['200 after 2', '503 after 1']);
    });
    // What it took was given back.
    await eventually(async () => expect(await outcome('/parallel', '503 x1')).toBe('200 after 2'));
  });

  test('by triggers and statuses, with intervals', async () => {
    await lab.home.apply(
      httpRoute('policed', [to('weak', '/policed')]),
      policy('BackendTrafficPolicy', 'policed', 'HTTPRoute/policed', {
        retry: {
          numRetries: 2,
          retryOn: { triggers: ['5xx', 'retriable-4xx'], httpStatusCodes: [418] },
          perRetry: { backOff: { baseInterval: '50ms', maxInterval: '60ms' } },
        },
        responseOverride: [
          { match: { statusCodes: [{ value: 503 }] }, response: { body: { type: 'Inline', inline: 'sorry' } } },
        ],
      }),
    );
    await eventually(async () => {
      for (const how of ['409', '418', '503', '599', 'broken'])
        expect(await outcome('/policed', `${how} x2`)).toBe('200 after 3');
      expect(await outcome('/policed', '404 x1')).toBe('404 after 1');
      const [{ status, body }, made] = await failing('/policed', '503 x3');
      expect([status, body, made.length]).toEqual([503, 'sorry', 3]);
      expect(await policyCondition(lab, 'BackendTrafficPolicy', 'policed')).toContain('True Accepted');
    });
  });
});

describe('GW-27 retries of a Service', () => {
  const bound = (retryConstraint: object) => ({
    apiVersion: 'gateway.networking.x-k8s.io/v1alpha1',
    kind: 'XBackendTrafficPolicy',
    metadata: { name: 'bounded', namespace: 'default' },
    spec: { targetRefs: [{ group: '', kind: 'Service', name: 'bounded' }], retryConstraint },
  });
  const few = { count: 2, interval: '1h' };

  test('no more than a share of all requests for it, of all rules and workers; what is beyond keeps its answer', async () => {
    const port = (backend.address() as AddressInfo).port;
    const retry = { codes: [503] };
    await lab.home.apply(
      ...serviceTo({ name: 'bounded', port }),
      httpRoute('bounded', [
        to('bounded', '/bounded', { retry }),
        to('bounded', '/bounded/too', { retry: { codes: [418] } }),
        to('bounded', '/unsaid'),
        to('weak', '/free', { retry }),
      ]),
      httpRoute('policed-too', [to('bounded', '/policed-too')]),
      policy('BackendTrafficPolicy', 'policed-too', 'HTTPRoute/policed-too', { retry: { numRetries: 1 } }),
    );
    await eventually(async () => {
      expect(await outcome('/bounded', '503 x1')).toBe('200 after 2');
      expect(await outcome('/policed-too', '503 x1')).toBe('200 after 2');
    });
    const unsaid = await outcome('/unsaid', 'broken x1');

    await lab.home.apply(bound({ budget: { percent: 0, interval: '1h' }, minRetryRate: few }));
    await eventually(async () => {
      expect(await outcome('/bounded', '503 x1')).toBe('503 after 1');
      expect(await outcome('/bounded', 'broken x1')).toBe('502 after 1');
      expect(await outcome('/bounded/too', '418 x1')).toBe('418 after 1');
      expect(await outcome('/policed-too', '503 x1')).toBe('503 after 1');
      expect(await outcome('/free', '503 x1')).toBe('200 after 2');
      const policy = await lab.home.read('XBackendTrafficPolicy', { namespace: 'default', name: 'bounded' });
      expect(policy?.status?.ancestors[0]?.conditions[0]).toMatchObject({ type: 'Accepted', status: 'True' });
    });
    // Nobody asked for that attempt.
    expect(await outcome('/unsaid', 'broken x1')).toBe(unsaid);

    await lab.home.apply(bound({ budget: { percent: 50, interval: '1h' }, minRetryRate: few }));
    await eventually(async () => expect(await outcome('/bounded', '503 x1')).toBe('200 after 2'));
    // What requests without retries have left is used up,
    await eventuallyOnce(async () => expect(await outcome('/bounded', '503 x1')).toBe('503 after 1'));
    const outcomes: string[] = [];
    for (let index = 0; index < 20; index += 1) outcomes.push(await outcome('/bounded', '503 x1'));
    const repeated = outcomes.filter((each) => each === '200 after 2').length;
    expect([9, 10, 11]).toContain(repeated);
    // and requests of other rules make room.
    for (let index = 0; index < 6; index += 1) await outcome('/unsaid', '503 x0');
    const then: string[] = [];
    for (let index = 0; index < 3; index += 1) then.push(await outcome('/bounded', '503 x1'));
    expect(then).toEqual(Array.from({ length: 3 }, () => '200 after 2'));
  });

  test('a few are let in any case; without the policy there is no bound', async () => {
    const budget = { percent: 0, interval: '1h' };
    await lab.home.apply(bound({ budget, minRetryRate: { count: 1_000, interval: '1h' } }));
    await eventually(async () => expect(await outcome('/bounded', '503 x1')).toBe('200 after 2'));
    await lab.home.apply(bound({ budget, minRetryRate: { count: 1, interval: '1h' } }));
    await eventually(async () => expect(await outcome('/bounded', '503 x1')).toBe('503 after 1'));
    await lab.home.kubectl(['delete', 'xbackendtrafficpolicy', 'bounded', '-n', 'default']);
    await eventually(async () => expect(await outcome('/bounded', '503 x1')).toBe('200 after 2'));
  });

  test('what cannot be is refused', async () => {
    const cases = [
      [{ budget: { percent: 101 } }, 'spec.retryConstraint.budget.percent'],
      [{ budget: { interval: '2h' } }, 'interval cannot be greater than one hour or less than one second'],
      [{ budget: { interval: '1ms' } }, 'interval cannot be greater than one hour or less than one second'],
      [{ minRetryRate: { count: 0 } }, 'spec.retryConstraint.minRetryRate.count'],
      [{ minRetryRate: { interval: '0s' } }, 'interval cannot be greater than one hour'],
    ] as const;
    for (const [constraint, message] of cases) await expect(lab.home.apply(bound(constraint))).rejects.toThrow(message);
  });
});
