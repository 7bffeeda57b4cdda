import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answersWith } from './lab.ts';
import { GuardedLab } from './protected.ts';

let guarded: GuardedLab;

beforeAll(async () => {
  guarded = await GuardedLab.start();
  guarded.auth.answer(401);
});
afterAll(() => guarded.stop());

describe('ALB-88 sign-in redirect', () => {
  test.each([
    ['plain', 'http://$host/start', undefined, 'http://a.com/start?rd=http://a.com%2Fplain%3Fx%3D1'],
    ['param', 'http://$host/start', 'ctd', 'http://a.com/start?ctd=http://a.com%2Fparam%3Fx%3D1'],
    ['query', 'http://login/start?a=b', undefined, 'http://login/start?a=b&rd=http://a.com%2Fquery%3Fx%3D1'],
    ['has', 'http://$host/start?rd=$escaped_request_uri', undefined, 'http://a.com/start?rd=%2Fhas%3Fx%3D1'],
    ['like', 'http://$host/start?xrd=1', undefined, 'http://a.com/start?xrd=1&rd=http://a.com%2Flike%3Fx%3D1'],
  ])('%s', async (name, signin, parameter, location) => {
    await guarded.guard(name, { signin, ...(parameter !== undefined && { signin_redirect_param: parameter }) });
    const answer = await answersWith(302, guarded.port, `/${name}?x=1`, { host: 'a.com' });
    expect(answer.headers.location).toBe(location);
    expect(answer.body).toBe('');
  });

  test('blanks and line ends of a variable are encoded', async () => {
    await guarded.guard('evil', { signin: 'http://login/$arg_x' });
    const answer = await answersWith(302, guarded.port, '/evil?x=a%0d%0aSet-Cookie:%20b=c');
    expect(answer.headers.location).toMatch(/^http:\/\/login\/a%0D%0ASet-Cookie:%20b=c\?rd=/);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });
});
