import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { GatewayLab, httpRoute, to } from './gateway-lab.ts';
import { policy, policyCondition } from './policy-objects.ts';

let lab: GatewayLab;

beforeAll(async () => {
  lab = await GatewayLab.start(['a', 'b']);
  const both = {
    backendRefs: [
      { name: 'a', port: 80 },
      { name: 'b', port: 80 },
    ],
  };
  await lab.home.apply(
    httpRoute('timeout', [to('a', '/timeout/own', { timeouts: { request: '10s' } }), to('a', '/timeout')]),
    httpRoute('limit', [to('a', '/limit')]),
    httpRoute('spread', [{ ...to('a', '/spread'), ...both }]),
  );
  await lab.answers({ '/timeout': 'a', '/timeout/own': 'a', '/limit': 'a' });
});
afterAll(() => lab.stop());

async function statuses(path: string, count: number, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const got: number[] = [];
  for (let index = 0; index < count; index += 1) got.push((await lab.ask(path, { headers })).status);
  return got.join(' ');
}

describe('GW-43 timeouts', () => {
  test('of the policy, unless the rule says how long; where it stood once, a warning is given', async () => {
    await lab.home.apply(
      policy('BackendTrafficPolicy', 'timeout', 'HTTPRoute/timeout', {
        settings: { timeout: { http: { requestTimeout: '200ms' } } },
      }),
    );
    await eventually(async () => {
      expect((await lab.ask('/timeout?sleep=700')).status).toBe(504);
      expect((await lab.ask('/timeout/own?sleep=700')).status).toBe(200);
      expect(await policyCondition(lab, 'BackendTrafficPolicy', 'timeout')).toContain('True Accepted');
      expect(await policyCondition(lab, 'BackendTrafficPolicy', 'timeout', 'Warning')).toContain('DeprecatedField');
    });
  });
});

describe('GW-44 rate limits', () => {
  test('so many requests an hour, counted for each value of a header, for those that are meant', async () => {
    const limit = { requests: 3, unit: 'Hour' };
    const clientSelectors = [{ headers: [{ name: 'x-user', type: 'Distinct' }], methods: [{ value: 'GET' }] }];
    await lab.home.apply(
      policy('BackendTrafficPolicy', 'limit', 'HTTPRoute/limit', {
        rateLimit: { local: { rules: [{ clientSelectors, limit }] } },
      }),
    );
    let user = 0;
    await eventually(async () => {
      user += 1;
      expect(await statuses('/limit', 4, { 'x-user': `u${user}` })).toBe('200 200 200 429');
    });
    const refused = await lab.ask('/limit', { headers: { 'x-user': `u${user}` } });
    expect(refused.headers['x-envoy-ratelimited']).toBe('true');
    expect(await statuses('/limit', 3, { 'x-user': 'other' })).toBe('200 200 200');
    expect(await statuses('/limit', 4)).toBe('200 200 200 200');
    expect((await lab.ask('/limit', { method: 'POST', headers: { 'x-user': `u${user}` } })).status).toBe(200);
    const many = { rateLimit: { local: { rules: Array.from({ length: 17 }, () => ({ limit })) } } };
    const empty = { rateLimit: { local: { rules: [{ limit, clientSelectors: [{}] }] } } };
    for (const spec of [many, empty]) {
      const object = policy('BackendTrafficPolicy', 'bad', 'HTTPRoute/limit', spec);
      await expect(lab.home.apply(object)).rejects.toThrow('spec.rateLimit.local.rules');
    }
  });

  test('nothing at all, and limits over several data planes, which nobody counts', async () => {
    const rules = [{ limit: { requests: 0, unit: 'Second' } }];
    await lab.home.apply(
      policy('BackendTrafficPolicy', 'limit', 'HTTPRoute/limit', {
        rateLimit: { local: { rules }, global: { rules } },
      }),
    );
    await eventually(async () => {
      expect(await statuses('/limit', 3)).toBe('429 429 429');
      expect(await policyCondition(lab, 'BackendTrafficPolicy', 'limit')).toContain('spec.rateLimit.global');
    });
  });
});

describe('GW-45 load balancing', () => {
  test('the same value of a header, the same endpoint; a hash without its value is refused', async () => {
    const loadBalancer = { type: 'ConsistentHash', consistentHash: { type: 'Header', header: { name: 'X-User' } } };
    await lab.home.apply(policy('BackendTrafficPolicy', 'spread', 'HTTPRoute/spread', { loadBalancer }));
    await eventually(async () => {
      for (const user of ['1', '2', '3']) {
        const chosen = new Set<string>();
        for (let index = 0; index < 6; index += 1)
          chosen.add(await lab.answerer('/spread', { headers: { 'x-user': user } }));
        expect(chosen.size).toBe(1);
      }
    });
    const bad = [{ type: 'ConsistentHash' }, { type: 'Random', slowStart: { window: '1s' } }];
    for (const each of bad) {
      const object = policy('BackendTrafficPolicy', 'bad', 'HTTPRoute/spread', { loadBalancer: each });
      await expect(lab.home.apply(object)).rejects.toThrow('spec.loadBalancer');
    }
  });

  test('a body that is too large for the buffer is refused', async () => {
    await lab.home.apply(
      policy('BackendTrafficPolicy', 'spread', 'HTTPRoute/spread', { requestBuffer: { limit: '1Ki' } }),
    );
    await eventually(async () => {
      const answer = await lab.ask('/spread', { method: 'POST', body: 'x'.repeat(2000) });
      expect(answer.status).toBe(413);
    });
  });

  test('requests that fail on purpose; no more under way than allowed', async () => {
    const faultInjection = { abort: { httpStatus: 418 } };
    await lab.home.apply(policy('BackendTrafficPolicy', 'spread', 'HTTPRoute/spread', { faultInjection }));
    await eventually(async () => expect((await lab.ask('/spread')).status).toBe(418));
    const circuitBreaker = { maxParallelRequests: 1 };
    await lab.home.apply(policy('BackendTrafficPolicy', 'spread', 'HTTPRoute/spread', { circuitBreaker }));
    await eventually(async () => {
      const answers = await Promise.all([1, 2].map(() => lab.ask('/spread?sleep=700')));
      expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 503]);
    });
  });
});
