import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { ingress } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { ALB, answersWith, Lab, shares } from './lab.ts';

const NGINX = 'nginx.ingress.kubernetes.io/';
const HOST = 'a.com';
let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(['stable', 'next']);
  await lab.home.apply(ingress('main', '/', 'stable', { className: ALB, host: HOST }));
  await answersWith(200, lab.ports.http, '/', { host: HOST });
});
afterAll(() => lab.stop());

/** Makes or changes the canary. */
async function canary(settings: Readonly<Record<string, string>>, name = 'canary', path = '/'): Promise<void> {
  const named = Object.entries(settings).map(([key, value]) => [`${NGINX}${key}`, value]);
  const annotations = { [`${NGINX}canary`]: 'true', ...Object.fromEntries(named) };
  await lab.home.apply(ingress(name, path, 'next', { className: ALB, host: HOST, annotations }));
}

function askWith(headers: Readonly<Record<string, string>> = {}): ReturnType<typeof ask> {
  return ask(lab.ports.http, '/', { host: HOST, headers });
}

async function backendOf(headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
  return (await askWith(headers)).headers['x-backend'];
}

describe('ALB-28 canary (LIM-05)', () => {
  test('weight 20: 17 to 23 percent of 1000 requests; it has no Rule of its own', async () => {
    await canary({ 'canary-weight': '20' });
    await eventually(async () =>
      expect(Object.keys(await shares(40, () => askWith())).sort()).toEqual(['next', 'stable']),
    );
    // Chance decides each request: one time in sixty the share is outside, twice in a row never.
    await eventually(async () => {
      const { next = 0, stable = 0 } = await shares(1000, () => askWith());
      expect(next + stable).toBe(1000);
      expect(next).toBeGreaterThanOrEqual(170);
      expect(next).toBeLessThanOrEqual(230);
    });
    const rules = await lab.home.list('Rule');
    expect(rules.map(({ spec }) => spec.source?.name)).toEqual(['main']);
  });

  test('the header decides before the cookie, and both before the weight', async () => {
    await canary({ 'canary-weight': '100', 'canary-by-header': 'X-C', 'canary-by-cookie': 'c' });
    await eventually(async () => {
      expect(await backendOf()).toBe('next');
      expect(await backendOf({ 'x-c': 'never' })).toBe('stable');
      expect(await backendOf({ 'x-c': 'always', cookie: 'c=never' })).toBe('next');
      expect(await backendOf({ 'x-c': 'never', cookie: 'c=always' })).toBe('stable');
      expect(await backendOf({ cookie: 'c=never' })).toBe('stable');
      expect(await backendOf({ 'x-c': 'other', cookie: 'c=other' })).toBe('next');
    });
  });

  test('a value, or a pattern, instead of always and never', async () => {
    await canary({ 'canary-by-header': 'X-C', 'canary-by-header-value': 'beta' });
    await eventually(async () => {
      expect(await backendOf({ 'x-c': 'always' })).toBe('stable');
      expect(await backendOf({ 'x-c': 'beta' })).toBe('next');
    });
    await canary({ 'canary-by-header': 'X-C', 'canary-by-header-pattern': '^b[0-9]+$' });
    await eventually(async () => {
      expect(await backendOf({ 'x-c': 'b12' })).toBe('next');
      expect(await backendOf({ 'x-c': 'b' })).toBe('stable');
      expect(await backendOf()).toBe('stable');
    });
  });

  test('without an endpoint of the canary all requests stay with the main Ingress', async () => {
    await canary({ 'canary-weight': '1', 'canary-weight-total': '1' });
    await eventually(async () => expect(await backendOf()).toBe('next'));
    await lab.serve('next', []);
    await lab.home.kubectl(['delete', 'endpointslice', 'next-1']);
    await eventually(async () => expect(await backendOf()).toBe('stable'));
  });

  test('a canary without main Ingress, and a second one, have no effect and an event each', async () => {
    await canary({ 'canary-weight': '50' }, 'lonely', '/lonely');
    await canary({ 'canary-weight': '50' }, 'second');
    await eventually(async () => {
      const events = await lab.home.kubectl(['get', 'events', '-o', 'jsonpath={.items[*].message}']);
      expect(events).toContain('the canary has no effect: no Ingress of the namespace has that host and path');
      expect(events).toContain(
        'the canary has no effect: Ingress default/canary is one for that host and path already',
      );
    });
    await answersWith(200, lab.ports.http, '/lonely', { host: HOST });
    expect(await lab.home.list('Rule')).toHaveLength(1);
  });
});
