import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, ask } from '../acceptance/http-request.ts';
import { eventually } from '../e2e/eventually.ts';
import { answersWith } from './lab.ts';
import { GuardedLab } from './protected.ts';

let guarded: GuardedLab;

beforeAll(async () => {
  guarded = await GuardedLab.start();
  const cookie = { 'rewrite-response': JSON.stringify({ headers_add: { 'Set-Cookie': ['app=app'] } }) };
  for (const [name, always] of [
    ['some', false],
    ['always', true],
  ] as const) {
    await guarded.guard(name, { always_set_cookie: always });
    const annotations = Object.entries(cookie).map(([key, value]) => `alb.rule.cpaas.io/${key}=${value}`);
    await guarded.lab.home.kubectl(['annotate', 'rule', name, '-n', 'kube-system', ...annotations]);
    await eventually(async () => expect(cookies(await ask(guarded.port, `/${name}`))).toEqual(['app=app']));
  }
});
afterAll(() => guarded.stop());

function cookies({ headers }: Answer): readonly string[] | undefined {
  return headers['set-cookie'];
}

describe('ALB-86 cookies', () => {
  test.each([200, 201, 204, 206, 301, 302, 303, 304, 307, 308])('%d of the backend: both', async (status) => {
    guarded.auth.answer(200, { 'set-cookie': ['ca=cb; Path=/', 'cc=cd'] });
    const answer = await answersWith(status, guarded.port, `/some?status=${status}`);
    expect(cookies(answer)).toEqual(['app=app', 'ca=cb; Path=/', 'cc=cd']);
  });

  test.each([500, 404, 202])('%d of the backend: only its own, unless always', async (status) => {
    guarded.auth.answer(200, { 'set-cookie': 'ca=cb' });
    expect(cookies(await answersWith(status, guarded.port, `/some?status=${status}`))).toEqual(['app=app']);
    expect(cookies(await answersWith(status, guarded.port, `/always?status=${status}`))).toEqual(['app=app', 'ca=cb']);
  });

  test('on a refusal only with always', async () => {
    guarded.auth.answer(401, { 'set-cookie': 'ca=cb' });
    expect(cookies(await answersWith(401, guarded.port, '/some'))).not.toContain('ca=cb');
    expect(cookies(await answersWith(401, guarded.port, '/always'))).toContain('ca=cb');
  });

  test('the cookies of one request are not those of the next', async () => {
    guarded.auth.answer(200);
    for (let i = 0; i < 5; i += 1) expect(cookies(await ask(guarded.port, '/always'))).toEqual(['app=app']);
  });
});
