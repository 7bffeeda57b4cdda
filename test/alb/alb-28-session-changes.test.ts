import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, ask } from '../acceptance/http-request.ts';
import { ingress, slice } from '../acceptance/objects.ts';
import { eventually, eventuallyOnce } from '../e2e/eventually.ts';
import { ALB, answersWith, Lab, shares } from './lab.ts';

const NGINX = 'nginx.ingress.kubernetes.io/';
let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(['a', 'b', 'next']);
});
afterAll(() => lab.stop());

async function apply(name: string, service: string, host: string, settings: Readonly<Record<string, string>>) {
  const annotations = Object.fromEntries(Object.entries(settings).map(([key, value]) => [`${NGINX}${key}`, value]));
  await lab.home.apply(ingress(name, '/', service, { className: ALB, host, annotations }));
}

function send(host: string, cookie?: string, path = '/'): Promise<Answer> {
  return ask(lab.ports.http, path, { host, headers: cookie === undefined ? {} : { cookie } });
}

function pairOf({ headers }: Answer): string {
  return headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

describe('ALB-28 sessions that change', () => {
  test('session-cookie-change-on-failure: the session moves to the pod that answers', async () => {
    await lab.serve('failing', ['a']);
    // Nothing listens there.
    const dead = slice('failing', 1, [{ addresses: ['127.0.0.1'], conditions: { ready: true } }], 'failing-dead');
    await lab.home.apply(dead);
    await apply('failing', 'failing', 'failing.com', {
      affinity: 'cookie',
      'session-cookie-change-on-failure': 'true',
    });
    await answersWith(200, lab.ports.http, '/', { host: 'failing.com' });
    for (let index = 0; index < 20; index += 1) {
      const first = await send('failing.com');
      expect(first.headers['x-backend']).toBe('a');
      expect(first.headers['set-cookie']).toHaveLength(1);
    }
  });

  test('affinity-canary-behavior: who came to the canary stays there, and who did not stays away', async () => {
    await lab.serve('stable', ['a', 'b']);
    await apply('main', 'stable', 'canary.com', { affinity: 'cookie' });
    await apply('canary', 'next', 'canary.com', { canary: 'true', 'canary-weight': '50' });
    // One worker may know of the canary before the other does.
    await eventually(async () => {
      const sessions = await Promise.all(Array.from({ length: 30 }, () => send('canary.com')));
      const onCanary = sessions.filter(({ headers }) => headers['x-backend'] === 'next');
      expect(onCanary.length).toBeGreaterThan(0);
      expect(onCanary.length).toBeLessThan(30);
      for (const session of sessions) {
        const later = await shares(5, () => send('canary.com', pairOf(session)));
        expect(later).toEqual({ [String(session.headers['x-backend'])]: 5 });
      }
    });
  });

  test('legacy: the weight decides each time', async () => {
    await apply('canary', 'next', 'canary.com', {
      canary: 'true',
      'canary-weight': '50',
      'affinity-canary-behavior': 'legacy',
    });
    await eventuallyOnce(async () => {
      const session = pairOf(await send('canary.com'));
      expect(session).not.toBe('');
      expect(Object.keys(await shares(30, () => send('canary.com', session))).length).toBeGreaterThan(1);
    });
  });

  test('upstream-hash-by $arg_u: one pod for each u', async () => {
    await lab.serve('hashed', ['a', 'b', 'next']);
    await apply('hashed', 'hashed', 'hashed.com', { 'upstream-hash-by': '$arg_u' });
    await answersWith(200, lab.ports.http, '/', { host: 'hashed.com' });
    expect(Object.values(await shares(20, () => send('hashed.com', undefined, '/?u=1')))).toEqual([20]);
    const all = await shares(60, (index) => send('hashed.com', undefined, `/?u=${index}`));
    expect(Object.keys(all).sort()).toEqual(['a', 'b', 'next']);
  });

  test('upstream-hash-by-subset: two pods for each u', async () => {
    await apply('hashed', 'hashed', 'hashed.com', {
      'upstream-hash-by': '$arg_u',
      'upstream-hash-by-subset': 'true',
      'upstream-hash-by-subset-size': '2',
    });
    await eventually(async () =>
      expect(Object.keys(await shares(30, () => send('hashed.com', undefined, '/?u=1')))).toHaveLength(2),
    );
  });

  test('load-balance ewma: the Rule has the policy', async () => {
    await apply('ewma', 'a', 'ewma.com', { 'load-balance': 'ewma' });
    await answersWith(200, lab.ports.http, '/', { host: 'ewma.com' });
    const rule = (await lab.home.list('Rule')).find(({ spec }) => spec.source?.name === 'ewma');
    expect(rule?.spec.serviceGroup?.session_affinity_policy).toBe('ewma');
  });
});
