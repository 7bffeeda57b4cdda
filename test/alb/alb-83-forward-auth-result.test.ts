import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { eventually } from '../e2e/eventually.ts';
import { answersWith } from './lab.ts';
import { GuardedLab } from './protected.ts';

let guarded: GuardedLab;

beforeAll(async () => {
  guarded = await GuardedLab.start();
  await guarded.guard('user', { upstream_headers: ['Remote-User', 'X-Groups'] });
  await guarded.guard('signin', { signin: 'http://login.com/start' });
  await guarded.guard('nobody', { url: 'http://127.0.0.1:1/check' });
  await answersWith(200, guarded.port, '/user');
  await answersWith(200, guarded.port, '/signin');
});
afterAll(() => guarded.stop());

describe('ALB-83 forward auth result', () => {
  test('the backend sees who the service says it is', async () => {
    guarded.auth.answer(200, { 'remote-user': 'bob', 'x-groups': ['a', 'b'], 'x-else': 'no' });
    const seen = await guarded.seen('/user', { headers: { 'remote-user': 'root' } });
    expect(seen).toMatchObject({ 'remote-user': 'bob', 'x-groups': 'a, b' });
    expect(seen['x-else']).toBeUndefined();
  });

  test.each(['remote-user', 'Remote_User', 'REMOTE-USER', 'remote_user'])(
    'what the service does not say, the client cannot say either: %s',
    async (name) => {
      guarded.auth.answer(200);
      const seen = await guarded.seen('/user', { headers: { [name]: 'root' } });
      expect(seen['remote-user']).toBeUndefined();
      expect(seen['remote_user']).toBeUndefined();
    },
  );

  test('any 2xx lets through', async () => {
    guarded.auth.answer(204);
    expect((await ask(guarded.port, '/user')).status).toBe(200);
    guarded.auth.answer(202);
    expect((await ask(guarded.port, '/user')).status).toBe(200);
  });

  test('401 without signin: 401 with the challenge of the service', async () => {
    guarded.auth.answer(401, { 'www-authenticate': 'Bearer realm="x"' });
    const answer = await ask(guarded.port, '/user');
    expect(answer).toMatchObject({
      status: 401,
      body: 'X-Error: 401\n',
      headers: { 'www-authenticate': 'Bearer realm="x"', 'x-alb-err-reason': 'AuthFail : auth-service-status: 401' },
    });
  });

  test('401 with signin: 302', async () => {
    guarded.auth.answer(401);
    expect(await ask(guarded.port, '/signin')).toMatchObject({ status: 302 });
  });

  test('403: 403, with signin too', async () => {
    guarded.auth.answer(403);
    expect((await ask(guarded.port, '/user')).status).toBe(403);
    expect((await ask(guarded.port, '/signin')).status).toBe(403);
  });

  test.each([500, 302, 404, 503])('%d of the service: 500', async (status) => {
    guarded.auth.answer(status, { location: '/' });
    const answer = await ask(guarded.port, '/user');
    expect(answer.status).toBe(500);
    expect(answer.headers['x-alb-err-reason']).toBe(`AuthFail : auth-service-status: ${status}`);
  });

  test('nobody answers: 500', async () => {
    await eventually(async () => {
      const answer = await ask(guarded.port, '/nobody');
      expect(answer.status).toBe(500);
      expect(answer.headers['x-alb-err-reason']).toMatch(/^AuthFail : send-auth-request-fail : connection refused/);
    });
  });

  test('the service waits too long: 500', async () => {
    guarded.auth.answer(undefined);
    const answer = await ask(guarded.port, '/user');
    expect(answer.status).toBe(500);
    expect(answer.headers['x-alb-err-reason']).toBe('AuthFail : send-auth-request-fail : timeout');
  });
});
