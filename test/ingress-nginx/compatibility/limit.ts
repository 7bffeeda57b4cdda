import assert from 'node:assert/strict';
import type { CompatibilityCase } from './case.ts';

const FROM = (from: string) => ({ send: { from } });

/** Groups Allowlist, Denylist, RateLimit, and the global limits of earlier versions. */
export const LIMIT: readonly CompatibilityCase[] = [
  {
    of: ['allowlist-source-range'],
    does: 'lets in listed addresses only',
    annotations: { 'allowlist-source-range': '127.0.1.0/24, 127.0.0.2' },
    requests: [FROM('127.0.1.7'), FROM('127.0.0.2'), { ...FROM('127.0.0.3'), status: 403 }],
  },
  {
    of: ['whitelist-source-range'],
    does: 'is the earlier name of it',
    annotations: { 'whitelist-source-range': '127.0.1.0/24' },
    requests: [FROM('127.0.1.7'), { ...FROM('127.0.0.3'), status: 403 }],
  },
  {
    of: ['denylist-source-range'],
    does: 'refuses listed addresses, networks or single ones',
    annotations: { 'denylist-source-range': '127.18.0.0/16, 127.56.0.1' },
    requests: [{ ...FROM('127.18.0.1'), status: 403 }, { ...FROM('127.56.0.1'), status: 403 }, FROM('127.56.0.2')],
  },
  {
    of: ['denylist-source-range', 'allowlist-source-range'],
    does: 'goes before the list of those who may',
    annotations: {
      'denylist-source-range': '127.18.1.0/24, 127.56.0.0/16',
      'allowlist-source-range': '127.18.0.0/16, 127.55.0.0/16',
    },
    requests: [
      { ...FROM('127.18.1.1'), status: 403 },
      { ...FROM('127.10.10.10'), status: 403 },
      FROM('127.18.4.1'),
      FROM('127.55.5.5'),
    ],
  },
  {
    of: ['limit-connections'],
    does: 'answers 503 to more requests at a time from one address',
    annotations: { 'limit-connections': '8' },
    check: async (bench, host) =>
      assert.deepEqual(await bench.burst(host, 20, { path: '/?sleep=700' }), { 200: 8, 503: 12 }),
  },
  {
    of: ['limit-rps', 'limit-burst-multiplier'],
    does: 'answers 503 above the rate and five times as many at once',
    annotations: { 'limit-rps': '2' },
    paths: [{ path: '/' }],
    beside: [{ paths: [{ path: '/multiplied' }], annotations: { 'limit-rps': '2', 'limit-burst-multiplier': '2' } }],
    check: async (bench, host) => {
      const passed = (await bench.burst(host, 30))[200] ?? 0;
      assert.ok(passed >= 11 && passed <= 13, `${passed} passed`);
      const fewer = (await bench.burst(host, 30, { path: '/multiplied' }))[200] ?? 0;
      assert.ok(fewer >= 5 && fewer <= 7, `${fewer} passed with multiplier 2`);
    },
  },
  {
    of: ['limit-rpm'],
    does: 'the same by the minute',
    annotations: { 'limit-rpm': '2' },
    check: async (bench, host) => {
      const passed = (await bench.burst(host, 30))[200] ?? 0;
      assert.ok(passed >= 11 && passed <= 12, `${passed} passed`);
    },
  },
  {
    of: ['limit-allowlist'],
    does: 'names addresses without limits',
    annotations: { 'limit-rps': '1', 'limit-burst-multiplier': '1', 'limit-allowlist': '127.0.1.0/24' },
    check: async (bench, host) => {
      assert.deepEqual(await bench.burst(host, 20, FROM('127.0.1.1')), { 200: 20 });
      assert.ok(((await bench.burst(host, 20, FROM('127.0.0.9')))[503] ?? 0) > 10);
    },
  },
  {
    of: ['limit-whitelist'],
    does: 'is the earlier name of it',
    annotations: { 'limit-rps': '1', 'limit-burst-multiplier': '1', 'limit-whitelist': '127.0.1.0/24' },
    check: async (bench, host) => {
      assert.deepEqual(await bench.burst(host, 20, FROM('127.0.1.1')), { 200: 20 });
      assert.ok(((await bench.burst(host, 20, FROM('127.0.0.9')))[503] ?? 0) > 10);
    },
  },
  {
    of: ['limit-rate', 'limit-rate-after'],
    does: 'slows answers down to so many KiB a second, after the first ones',
    annotations: { 'limit-rate': '2', 'limit-rate-after': '1', 'proxy-buffering': 'on' },
    check: async (bench, host) => {
      const path = `/?status=200&body=${'x'.repeat(4096)}`;
      await bench.ready(host);
      const begun = performance.now();
      await bench.exchange(host, { path });
      const took = performance.now() - begun;
      assert.ok(took > 900, `${took} ms`);
    },
  },
  {
    of: ['global-rate-limit', 'global-rate-limit-window', 'global-rate-limit-key', 'global-rate-limit-ignored-cidrs'],
    does: 'answers 429 above the number in a window, counted by the key; listed addresses have no limit',
    annotations: {
      'global-rate-limit': '5',
      'global-rate-limit-window': '10m',
      'global-rate-limit-key': '$http_x_tenant',
      'global-rate-limit-ignored-cidrs': '127.0.1.0/24',
    },
    check: async (bench, host) => {
      const tenant = (name: string, from = '127.0.0.1') => ({ send: { from, headers: { 'x-tenant': name } } });
      const shares = await bench.shares(host, 12, tenant('one'));
      assert.deepEqual(shares, { app: 5, 429: 7 });
      await bench.exchange(host, tenant('two'));
      assert.deepEqual(await bench.shares(host, 12, tenant('three', '127.0.1.1')), { app: 12 });
    },
  },
];
