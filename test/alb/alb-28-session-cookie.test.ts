import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, ask } from '../acceptance/http-request.ts';
import { ingress } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { ALB, answersWith, Lab, shares } from './lab.ts';

const NGINX = 'nginx.ingress.kubernetes.io/';
const PODS = ['a', 'b', 'c', 'd', 'e', 'f'];
const VALUE = '[0-9.]+\\|[0-9a-f]{16}';
let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(PODS);
});
afterAll(() => lab.stop());

/** An Ingress of host `<name>.com` to a Service of that name with these pods, ready. */
async function sticky(
  name: string,
  pods: readonly string[],
  settings: Readonly<Record<string, string>>,
  path = '/',
): Promise<void> {
  await lab.serve(name, pods);
  const named = Object.entries(settings).map(([key, value]) => [`${NGINX}${key}`, value]);
  const annotations = { [`${NGINX}affinity`]: 'cookie', ...Object.fromEntries(named) };
  await lab.home.apply(ingress(name, path, name, { className: ALB, host: `${name}.com`, annotations }));
  await answersWith(200, lab.ports.http, path, { host: `${name}.com` });
}

function send(name: string, cookie?: string, path = '/'): Promise<Answer> {
  const headers = cookie === undefined ? {} : { cookie };
  return ask(lab.ports.http, path, { host: `${name}.com`, headers });
}

function setCookie({ headers }: Answer): string {
  return headers['set-cookie']?.join('\n') ?? '';
}

/** `name=value` */
function pairOf(answer: Answer): string {
  return setCookie(answer).split(';')[0] ?? '';
}

describe('ALB-28 session cookies (LIM-07, IN-09)', () => {
  test('name, age, path and SameSite; the same pod with it, and no second cookie', async () => {
    const attributes = {
      'session-cookie-name': 'r',
      'session-cookie-max-age': '60',
      'session-cookie-samesite': 'Strict',
    };
    await sticky('named', ['a', 'b', 'c'], { ...attributes, 'session-cookie-path': '/p' });
    const first = await send('named');
    expect(setCookie(first)).toMatch(new RegExp(`^r=${VALUE}; Max-Age=60; SameSite=Strict; Path=/p; HttpOnly$`));
    const later = await shares(50, async () => {
      const answer = await send('named', pairOf(first));
      expect(setCookie(answer)).toBe('');
      return answer;
    });
    expect(later).toEqual({ [String(first.headers['x-backend'])]: 50 });
  });

  test('without settings: INGRESSCOOKIE with the path of the Ingress', async () => {
    await sticky('plain', ['a'], {}, '/app');
    expect(setCookie(await send('plain', undefined, '/app'))).toMatch(
      new RegExp(`^INGRESSCOOKIE=${VALUE}; Path=/app; HttpOnly$`),
    );
  });

  test('domain, secure and expires', async () => {
    const attributes = { 'session-cookie-domain': 'domain.com', 'session-cookie-secure': 'true' };
    await sticky('domain', ['a'], { ...attributes, 'session-cookie-expires': '3600' });
    const expires = '[A-Z][a-z]{2}, \\d\\d-[A-Z][a-z]{2}-\\d\\d(\\d\\d)? [\\d:]{8} GMT';
    expect(setCookie(await send('domain'))).toMatch(
      new RegExp(`^INGRESSCOOKIE=${VALUE}; Expires=${expires}; Domain=domain\\.com; Path=/; Secure; HttpOnly$`),
    );
  });

  test('SameSite=None is left out for old browsers when asked to', async () => {
    await sticky('none', ['a'], {
      'session-cookie-samesite': 'None',
      'session-cookie-conditional-samesite-none': 'true',
    });
    expect(setCookie(await send('none'))).toContain('SameSite=None');
    const headers = { 'user-agent': 'Mozilla/5.0 (X11) AppleWebKit/537.36 Chrome/55.0.2883 Safari/537.36' };
    expect(setCookie(await ask(lab.ports.http, '/', { host: 'none.com', headers }))).not.toContain('SameSite');
  });

  test('a forged cookie is replaced', async () => {
    await sticky('forged', ['a', 'b'], {});
    const spread = await shares(40, async () => {
      const answer = await send('forged', 'INGRESSCOOKIE=mine');
      expect(setCookie(answer)).toMatch(/^INGRESSCOOKIE=/);
      return answer;
    });
    expect(Object.keys(spread).sort()).toEqual(['a', 'b']);
  });

  test('the pod goes: another one, and the cookie is rewritten', async () => {
    await sticky('gone', ['a', 'b', 'c'], {});
    const first = await send('gone');
    const pod = String(first.headers['x-backend']);
    const others = ['a', 'b', 'c'].filter((name) => name !== pod);
    await lab.serve('gone', others);
    const moved = await eventually(async () => {
      const answer = await send('gone', pairOf(first));
      expect(others).toContain(answer.headers['x-backend']);
      return answer;
    });
    expect(pairOf(moved)).not.toBe(pairOf(first));
    const later = await shares(10, () => send('gone', pairOf(moved)));
    expect(later).toEqual({ [String(moved.headers['x-backend'])]: 10 });
  });

  test('persistent: from 2 to 6 pods no session moves', async () => {
    await sticky('persistent', ['a', 'b'], { 'affinity-mode': 'persistent' });
    const sessions = await Promise.all(Array.from({ length: 20 }, () => send('persistent')));
    await lab.serve('persistent', PODS);
    await eventually(async () => expect(Object.keys(await shares(60, () => send('persistent'))).sort()).toEqual(PODS));
    for (const session of sessions) {
      const answer = await send('persistent', pairOf(session));
      expect(answer.headers['x-backend']).toBe(session.headers['x-backend']);
      expect(setCookie(answer)).toBe('');
    }
  });

  test('balanced: from 2 to 4 pods about half of the sessions move, and get a new cookie', async () => {
    await sticky('balanced', ['a', 'b'], {});
    const sessions = await Promise.all(Array.from({ length: 80 }, () => send('balanced')));
    await lab.serve('balanced', ['a', 'b', 'c', 'd']);
    await eventually(async () => expect(Object.keys(await shares(60, () => send('balanced')))).toHaveLength(4));
    let moved = 0;
    for (const session of sessions) {
      const answer = await send('balanced', pairOf(session));
      const isMoved = answer.headers['x-backend'] !== session.headers['x-backend'];
      expect(setCookie(answer) !== '').toBe(isMoved);
      if (isMoved) moved += 1;
    }
    expect(moved).toBeGreaterThan(20);
    expect(moved).toBeLessThan(60);
  });
});
