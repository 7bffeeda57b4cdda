import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, ask } from '../acceptance/http-request.ts';
import { ingress } from '../acceptance/objects.ts';
import { eventually, eventuallyOnce } from '../e2e/eventually.ts';
import { ALB, Lab } from './lab.ts';

const NGINX = 'nginx.ingress.kubernetes.io/';
let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(['app']);
});
afterAll(() => lab.stop());

let clients = 0;

/** An address that has not asked for anything. */
function newClient(): string {
  clients += 1;
  return `127.9.${clients >> 8}.${clients & 255}`;
}

/** An Ingress of host `<name>.com`, ready. */
async function limited(name: string, settings: Readonly<Record<string, string>>): Promise<void> {
  const annotations = Object.fromEntries(Object.entries(settings).map(([key, value]) => [`${NGINX}${key}`, value]));
  await lab.home.apply(ingress(name, '/', 'app', { className: ALB, host: `${name}.com`, annotations }));
  await eventually(async () =>
    expect((await ask(lab.ports.http, '/', { host: `${name}.com`, from: newClient() })).status).toBe(200),
  );
}

/** So many requests at once, from one address. */
function burst(name: string, count: number, path = '/', from = '127.0.0.1'): Promise<Answer[]> {
  return Promise.all(Array.from({ length: count }, () => ask(lab.ports.http, path, { host: `${name}.com`, from })));
}

/** The same, and how many seconds it took: so long a busy machine gives a limit to refill. */
async function timedBurst(...burstOf: Parameters<typeof burst>): Promise<{ answers: Answer[]; seconds: number }> {
  const began = performance.now();
  const answers = await burst(...burstOf);
  return { answers, seconds: (performance.now() - began) / 1000 };
}

function countOf(answers: readonly Answer[], status: number): number {
  return answers.filter((answer) => answer.status === status).length;
}

describe('ALB-28 limits (LIM-06, IN-13)', () => {
  test('limit-rps 5: of 60 requests at once 25 pass and 5 more each second, the rest get 503; another address passes', async () => {
    await limited('rps', { 'limit-rps': '5' });
    const { answers, seconds } = await timedBurst('rps', 60);
    const passed = countOf(answers, 200);
    expect(passed).toBeGreaterThanOrEqual(25);
    expect(passed).toBeLessThanOrEqual(26 + 5 * seconds);
    expect(countOf(answers, 503)).toBe(60 - passed);
    const refused = answers.find(({ status }) => status === 503);
    expect(refused?.headers['retry-after']).toBe('1');
    expect(refused?.body).toBe('X-Error: 503\n');
    expect((await ask(lab.ports.http, '/', { host: 'rps.com', from: '127.0.0.2' })).status).toBe(200);
    await eventuallyOnce(async () => expect(countOf(await burst('rps', 1), 200)).toBe(1));
  });

  test('limit-rpm 6 with a multiplier of 1: 7 pass, and Retry-After says when another one does', async () => {
    await limited('rpm', { 'limit-rpm': '6', 'limit-burst-multiplier': '1', 'limit-req-status-code': '429' });
    const { answers, seconds } = await timedBurst('rpm', 20);
    const passed = countOf(answers, 200);
    expect(passed).toBeGreaterThanOrEqual(7);
    expect(passed).toBeLessThanOrEqual(7 + seconds / 10);
    expect(countOf(answers, 429)).toBe(20 - passed);
    const waits = answers.filter(({ status }) => status === 429).map(({ headers }) => Number(headers['retry-after']));
    expect(Math.max(...waits)).toBeLessThanOrEqual(10);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(Math.max(1, 10 - Math.ceil(seconds)));
  });

  test('all paths and ports of an Ingress count together', async () => {
    await limited('paths', { 'limit-rps': '1', 'limit-burst-multiplier': '3' });
    const [a, b] = [await timedBurst('paths', 4, '/a'), await timedBurst('paths', 4, '/b')];
    const passed = countOf([...a.answers, ...b.answers], 200);
    expect(passed).toBeGreaterThanOrEqual(4);
    expect(passed).toBeLessThanOrEqual(5 + a.seconds + b.seconds);
  });

  test('listed addresses have no limit', async () => {
    await limited('listed', { 'limit-rps': '1', 'limit-whitelist': '127.0.0.3, 127.1.0.0/16' });
    expect(countOf(await burst('listed', 30, '/', '127.0.0.3'), 200)).toBe(30);
    expect(countOf(await burst('listed', 30, '/', '127.1.2.3'), 200)).toBe(30);
    const { answers, seconds } = await timedBurst('listed', 30);
    expect(countOf(answers, 503)).toBeGreaterThan(20 - seconds);
  });

  test('limit-connections 2: a third request at the same time gets 503, and passes when they are over', async () => {
    await limited('at-once', { 'limit-connections': '2' });
    const answers = await burst('at-once', 6, '/?sleep=1500');
    expect(countOf(answers, 200)).toBe(2);
    expect(countOf(answers, 503)).toBe(4);
    await eventuallyOnce(async () => expect(countOf(await burst('at-once', 2), 200)).toBe(2));
    expect(countOf(await burst('at-once', 4, '/?sleep=1000'), 200)).toBe(2);
  });

  test('limit-rate 1, after 1 (KiB): an answer of 4 KiB takes seconds', async () => {
    await limited('slow', { 'limit-rate': '1', 'limit-rate-after': '1' });
    const began = performance.now();
    const answer = await ask(lab.ports.http, `/?status=200&body=${'x'.repeat(4 * 1024)}`, { host: 'slow.com' });
    expect(answer.body).toHaveLength(4 * 1024);
    expect(performance.now() - began).toBeGreaterThan(1000);
  });

  test('what cannot be read is ignored with an event', async () => {
    await limited('odd', { 'limit-rps': 'many', 'limit-rpm': '-1', 'limit-allowlist': '10.0.0.0/8, x' });
    expect(countOf(await burst('odd', 40), 200)).toBe(40);
    await eventually(async () => {
      const events = await lab.home.kubectl(['get', 'events', '-o', 'jsonpath={.items[*].message}']);
      expect(events).toContain('limit-rps]: Invalid value: "many": must be a whole number');
      expect(events).toContain('limit-allowlist]: Invalid value: "10.0.0.0/8, x": "x" must be an address or a network');
    });
  });
});
