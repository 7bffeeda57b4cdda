import { assert, beforeEach, describe, test, vi } from 'vitest';
import { openidProviders } from './named-providers.ts';
import { Discovery } from './provider-endpoints.ts';

const ISSUER = 'https://issuer.example';
const WELL = JSON.stringify({
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/auth`,
  token_endpoint: `${ISSUER}/token`,
});

/** A provider whose answers a test says. */
function lab() {
  const provider = { status: 404, body: '', asked: 0 };
  const fetch = () => {
    provider.asked += 1;
    return Promise.resolve({ status: provider.status, body: provider.body });
  };
  const named = openidProviders(new Discovery(fetch, () => performance.now())).open();
  return { provider, named };
}

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

describe('GW-37 providers that routes name', () => {
  test('are asked until they say where their endpoints are, and never again without users', async () => {
    const { provider, named } = lab();
    named.name('a', [{ issuer: ISSUER }]);
    named.name('b', [{ issuer: ISSUER }]);
    await vi.advanceTimersByTimeAsync(0);
    const url = `${ISSUER}/.well-known/openid-configuration`;
    assert.deepEqual(named.problems(), [{ issuer: ISSUER, message: `${url}: answered 404` }]);
    assert.equal(provider.asked, 1);
    provider.status = 200;
    for (const [body, problem] of [
      ['<html>', 'answered no JSON'],
      ['null', 'answered no JSON object'],
      [WELL.replace('issuer.', 'other.'), 'answered for another issuer'],
      [WELL.replace('token_endpoint', 'x'), 'answered without authorization_endpoint and token_endpoint'],
    ] as const) {
      provider.body = body;
      await vi.advanceTimersByTimeAsync(30_000);
      assert.deepEqual(named.problems(), [{ issuer: ISSUER, message: `${url}: ${problem}` }]);
    }
    provider.body = WELL;
    await vi.advanceTimersByTimeAsync(30_000);
    assert.deepEqual(named.problems(), []);
    const { asked } = provider;
    await vi.advanceTimersByTimeAsync(3_600_000);
    assert.equal(provider.asked, asked);
  });

  test('are forgotten with the last route; those whose policy says it all are not asked', async () => {
    const { provider, named } = lab();
    named.name('told', [{ issuer: ISSUER, authorization: `${ISSUER}/auth`, token: `${ISSUER}/token` }]);
    await vi.advanceTimersByTimeAsync(60_000);
    assert.equal(provider.asked, 0);
    named.name('a', [{ issuer: ISSUER, at: { host: 'login.default.svc', port: 80 } }]);
    named.name('b', [{ issuer: ISSUER, at: { host: 'login.default.svc', port: 80 } }]);
    await vi.advanceTimersByTimeAsync(0);
    assert.deepInclude(named.problems()[0], { issuer: ISSUER, service: 'login.default.svc:80' });
    named.name('a', []);
    assert.equal(named.problems().length, 1);
    named.name('b', []);
    assert.deepEqual(named.problems(), []);
    const { asked } = provider;
    await vi.advanceTimersByTimeAsync(120_000);
    assert.equal(provider.asked, asked);
    named.name('b', [{ issuer: ISSUER }]);
    named.close();
    await vi.advanceTimersByTimeAsync(120_000);
    assert.equal(provider.asked, asked + 1);
  });
});
