import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { eventually } from '../e2e/eventually.ts';
import { answersWith } from './lab.ts';
import { GuardedLab } from './protected.ts';

let guarded: GuardedLab;

beforeAll(async () => {
  guarded = await GuardedLab.start();
  const cached = { cache_key: '$cookie_id', cache_duration: '200 401 2s', upstream_headers: ['X-User'] };
  await guarded.guard('cached', cached);
  await guarded.guard('other', cached);
  await guarded.guard('two', { ...cached, cache_key: '$http_a$http_b', cache_duration: '5m' });
  for (const name of ['cached', 'other', 'two']) await answersWith(200, guarded.port, `/${name}`);
});
afterAll(() => guarded.stop());

/** How often the service is asked because of these requests. */
async function questions(paths: readonly string[], headers: Readonly<Record<string, string>>): Promise<number> {
  const before = guarded.auth.asked.length;
  for (const path of paths) await ask(guarded.port, path, { headers });
  return guarded.auth.asked.length - before;
}

describe('ALB-90 auth cache', () => {
  test('ten requests with one key: one question, the same user; after expiry a second one', async () => {
    guarded.auth.answer(200, { 'x-user': 'bob' });
    const headers = { cookie: 'id=1' };
    expect(await questions(new Array<string>(10).fill('/cached'), headers)).toBe(1);
    guarded.auth.answer(200, { 'x-user': 'eve' });
    expect(await guarded.seen('/cached', { headers })).toMatchObject({ 'x-user': 'bob' });
    await eventually(async () => expect(await guarded.seen('/cached', { headers })).toMatchObject({ 'x-user': 'eve' }));
  });

  test('another key: another question', async () => {
    expect(await questions(['/cached', '/cached'], { cookie: 'id=2' })).toBe(1);
    expect(await questions(['/cached', '/cached'], { cookie: 'id=3' })).toBe(1);
  });

  test('another rule: another question', async () => {
    expect(await questions(['/cached', '/other'], { cookie: 'id=4' })).toBe(2);
  });

  test('refusals are remembered, other statuses are not', async () => {
    guarded.auth.answer(401);
    expect(await questions(['/cached', '/cached'], { cookie: 'id=5' })).toBe(1);
    guarded.auth.answer(403);
    expect(await questions(['/cached', '/cached'], { cookie: 'id=6' })).toBe(2);
  });

  test('answers with cookies are not remembered', async () => {
    guarded.auth.answer(200, { 'set-cookie': 'a=b' });
    expect(await questions(['/cached', '/cached'], { cookie: 'id=7' })).toBe(2);
  });

  test('one variable cannot say what two say', async () => {
    guarded.auth.answer(200);
    expect(await questions(['/two'], { a: 'xy', b: 'z' })).toBe(1);
    expect(await questions(['/two'], { a: 'x', b: 'yz' })).toBe(1);
    expect(await questions(['/two'], { a: 'xy', b: 'z' })).toBe(0);
  });
});
